import Foundation
import Results
import Testing

@Suite struct ResultFileTests {
  private func text(_ result: CellResult) throws -> String {
    String(decoding: try ResultFile.encode(result, file: "r.json"), as: UTF8.self)
  }

  private func error(decoding text: String) -> ResultError? {
    #expect(throws: ResultError.self) { try ResultFile.decode(Data(text.utf8), file: "r.json") }
  }

  private func error(replacing old: String, with new: String) throws -> ResultError? {
    let text = try text(smallResult(smallCell()))
    try #require(text.contains(old), "the file does not hold \(old)")
    return error(decoding: text.replacingOccurrences(of: old, with: new))
  }

  @Test func `a result is read back as it was written`() throws {
    var result = smallResult(try smallCell(), notComparableReason: "--limit 4 of \"all\"")
    result.compression?.errorSum = 0.1 + 0.2
    result.seed = .max
    #expect(try ResultFile.decode(ResultFile.encode(result, file: "r.json"), file: "r.json") == result)
  }

  @Test func `the bytes do not depend on the order of dictionaries`() throws {
    let names = (0..<50).map { "stage \($0)" }
    var forward = smallResult(try smallCell())
    var backward = forward
    for name in names { forward.timing.secondsByStage[name] = 1 }
    for name in names.reversed() { backward.timing.secondsByStage[name] = 1 }
    #expect(try text(forward) == text(backward))
  }

  @Test func `floats are in their shortest form, names sorted, and a line feed ends the file`() throws {
    let text = try text(smallResult(smallCell()))
    #expect(text.contains("\"errorSum\" : 0.1,"))
    #expect(text.contains("\"accuracy\" : 0.6,"))
    #expect(text.hasSuffix("}\n"))
    let topLevel = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }
    #expect(topLevel == topLevel.sorted())
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `a number that is not finite is not written`(number: Double) throws {
    var result = smallResult(try smallCell())
    result.training?.losses[1] = number
    let found = #expect(throws: ResultError.self) { try text(result) }
    #expect(
      found
        == .inconsistent(
          file: "r.json", problems: [ResultProblem(place: "training.losses.1", reason: "not a finite number")]))
  }

  @Test func `a NaN perplexity is refused by name`() throws {
    var result = smallResult(try smallCell())
    result.tasks[0].perplexity = .nan
    #expect(result.problems().map(\.place) == ["tasks.piqa.perplexity"])
  }

  @Test func `a file cut short is called truncated`() throws {
    let text = try text(smallResult(smallCell()))
    #expect(error(decoding: String(text.prefix(text.count / 2))) == .truncated(file: "r.json"))
    #expect(error(decoding: "") == .truncated(file: "r.json"))
  }

  @Test func `a file that is no JSON is called that`() throws {
    guard case .notJSON(file: "r.json", _) = error(decoding: "accuracy: 0.6") else {
      Issue.record("not called notJSON")
      return
    }
    guard case .notJSON = try error(replacing: "0.6,", with: "NaN,") else {
      Issue.record("NaN was read")
      return
    }
  }

  @Test func `another schema version is refused before its members are looked at`() {
    #expect(error(decoding: "{\"schemaVersion\": 2}") == .unsupportedSchema(file: "r.json", found: 2, supported: 1))
  }

  @Test func `a missing member and one of another kind are named`() throws {
    #expect(try error(replacing: "\"seed\" : 0,", with: "") == .missingMember(file: "r.json", member: "seed"))
    guard case .invalidMember(_, "parameters.trainable", _) = try error(replacing: ": 1664\n", with: ": \"x\"\n") else {
      Issue.record("the member is not named")
      return
    }
  }

  @Test func `a cell that leads out of its folder is refused`() throws {
    guard case .invalidMember("r.json", "cell", _) = try error(replacing: "\"tiny\"", with: "\"../tiny\"") else {
      Issue.record("the cell is not named")
      return
    }
  }

  @Test func `an unknown member is refused with its path`() throws {
    #expect(
      try error(replacing: "\"kernel\" :", with: "\"kernle\" : 1, \"kernel\" :")
        == .unknownMembers(file: "r.json", members: ["environment.kernle"]))
  }

  @Test func `a member that occurs twice is refused, with its name and line`() throws {
    let text = try text(smallResult(smallCell())).replacingOccurrences(
      of: "\"seed\" : 0,", with: "\"seed\" : 0, \"s\\u0065ed\" : 0,")
    let lines = text.components(separatedBy: "\n")
    let line = try #require(lines.firstIndex { $0.contains("\"seed\"") })
    #expect(error(decoding: text) == .repeatedMember(file: "r.json", member: "seed", line: line + 1))
    let nested = try error(replacing: "\"formula\" : 1664", with: "\"formula\" : 1664, \"formula\" : 1664")
    guard case .repeatedMember(_, "formula", _) = nested else {
      Issue.record("\(String(describing: nested))")
      return
    }
  }

  @Test(arguments: [
    ("\"\(piqaFlags)\"", "\"\(piqaFlags)1\"", "tasks.piqa.correct"),
    ("\"\(piqaFlags)\"", "\"110110011x\"", "tasks.piqa.correct"),
    ("\"accuracy\" : 0.6,", "\"accuracy\" : 0.7,", "tasks.piqa.accuracy"),
    ("\"accuracyNormalized\" : 0.6,", "\"accuracyNormalized\" : 0.65,", "tasks.piqa.accuracyNormalized"),
    ("\"averageAccuracy\" : 0.8,", "\"averageAccuracy\" : 0.81,", "averageAccuracy"),
    ("\"documents\" : 4,", "\"documents\" : 0,", "tasks.sciq.documents"),
    ("\"isComparable\" : true", "\"isComparable\" : false", "isComparable"),
  ])
  func `members that contradict one another are named`(old: String, new: String, place: String) throws {
    guard case .inconsistent(_, let problems) = try error(replacing: old, with: new) else {
      Issue.record("\(new) was read")
      return
    }
    #expect(problems.map(\.place).contains(place))
  }

  @Test(arguments: [
    (["1 2", "3 0"], true), (["1 2", "3"], false), (["1 x", "2 3"], false), (["1 -2", "2 3"], false),
  ])
  func `prompts' wins are a count for each block`(wins: [String], isSound: Bool) {
    var task = smallTask()
    task.promptWins = wins
    #expect(task.problems().map(\.place) == (isSound ? [] : ["tasks.piqa.promptWins"]))
  }

  @Test func `a standard error follows from accuracy and count`() {
    // √(0.6 · 0.4 / 9)
    #expect(smallTask().standardError == (0.6 * 0.4 / 9).squareRoot())
    #expect(smallTask("piqa", "1").standardError == nil)
  }

  @Test func `writing replaces the whole file and leaves nothing beside it`() throws {
    try withTemporaryFolder { folder in
      var result = smallResult(try smallCell())
      let path = folder + "/" + result.cell.path
      try ResultFile.write(result, to: path)
      result.seed = 1
      try ResultFile.write(result, to: path)
      #expect(try ResultFile.read(path) == result)
      let siblings = try FileManager.default.contentsOfDirectory(atPath: folder + "/tiny/gptq-3bit")
      #expect(siblings == ["none.json"])
    }
  }

  @Test func `a failed write leaves the old file and nothing beside it`() throws {
    try withTemporaryFolder { folder in
      var result = smallResult(try smallCell())
      let path = folder + "/r.json"
      try ResultFile.write(result, to: path)
      result.averageAccuracy = .nan
      #expect(throws: ResultError.self) { try ResultFile.write(result, to: path) }
      #expect(try ResultFile.read(path).averageAccuracy == 0.8)
      try FileManager.default.createDirectory(atPath: folder + "/taken", withIntermediateDirectories: true)
      #expect(throws: ResultError.self) {
        try ResultFile.write(smallResult(try smallCell()), to: folder + "/taken")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["r.json", "taken"])
    }
  }

  @Test func `a file that is not there is unreadable`() {
    #expect(throws: ResultError.self) { try ResultFile.read("/nowhere/r.json") }
  }

  @Test(arguments: ["", ".hidden", "..", "a/b", "a b", "é"])
  func `a name that cannot be part of a path is refused`(name: String) {
    #expect(throws: ResultError.invalidName(name)) { try Cell(model: "m", compression: name, recovery: "r") }
  }

  @Test func `a cell's names make its path`() throws {
    let cell = try Cell(model: "opt-6.7b", compression: "gptq_3+g128", recovery: "idp-26-50")
    #expect(cell.path == "opt-6.7b/gptq_3+g128/idp-26-50.json")
  }
}
