import Comparison
import Experiments
import Foundation
import Testing

/// A publication of 19 lines with everything in it, which the tests then spoil line by line.
private let sound = """
  title: Tiny
  source: a test
  models:
    - {model: tiny, sizes: {layers: 1, width: 2}, projections: {b: [4, 2], a: [2, 2]}}
  tasks:
    - {task: piqa, scoring: multiple-choice, documents: [4, 1838]}
    - {task: sciq, documents: [8]}
  averages:
    - {average: mean, tasks: [piqa, sciq]}
  parameters:
    - {method: lora, unit: rank, place: here, lowRank: true, terms: [layers * 7 * width * size, 3]}
  tables:
    - table: Table 1
      columns: [piqa, sciq, mean]
      rows:
        - {row: one, model: tiny, compression: gptq, method: lora, size: 2, parameters: 4.4M, scores: [75.00, 62.5, 68.75]}
        - {row: two, model: tiny, compression: gptq, method: none, scores: [0, 100, 50]}
  statements:
    - {statement: saving, value: 21, unit: ×, place: Abstract, sentence: "by 21×"}
  """

private func publication(replacing old: String = "", with new: String = "") throws -> Publication {
  if !old.isEmpty { try #require(sound.contains(old), "the file does not hold “\(old)”") }
  let text = old.isEmpty ? sound : sound.replacingOccurrences(of: old, with: new)
  return try Publication(yaml: text, file: "published.yaml")
}

/// A change to the sound file, and the line that the error must name.
struct PublicationSpoiling: Sendable, CustomTestStringConvertible {
  let old: String
  let new: String
  let line: Int

  init(_ old: String, _ new: String, line: Int) {
    self.old = old
    self.new = new
    self.line = line
  }

  var testDescription: String { "“\(old)” → “\(new)”" }

  func error() throws -> SuiteError {
    try #require(#expect(throws: SuiteError.self) { try publication(replacing: old, with: new) })
  }
}

@Suite struct PublicationFileTests {
  @Test func `everything is read as it stands`() throws {
    let tiny = try publication()
    #expect(tiny.models.first?.projections.map(\.name) == ["b", "a"])
    #expect(tiny.models.first?.projections.first == Projection(name: "b", outputs: 4, inputs: 2))
    #expect(tiny.tasks.map(\.documents) == [[4, 1838], [8]])
    #expect(tiny.tasks.map(\.scoring) == [.multipleChoice, nil])
    #expect(tiny.formulas.first?.terms == [[.size("layers"), .number(7), .size("width"), .row], [.number(3)]])
    #expect(tiny.formulas.first?.isLowRank == true)
    let row = try #require(tiny.tables.first?.rows.first)
    #expect(row.scores.map(\.text) == ["75.00", "62.5", "68.75"])
    #expect(row.parameters?.value == 4_400_000)
    #expect(row.size == 2)
    #expect(tiny.tables.first?.rows.last?.parameters == nil)
    #expect(tiny.statement("saving")?.text == "21×")
  }

  @Test func `averages, formulas and statements may be left out`() throws {
    let lines = sound.split(separator: "\n", omittingEmptySubsequences: false)
    let less = (lines[0..<7] + lines[11..<17]).joined(separator: "\n").replacingOccurrences(of: ", mean]", with: "]")
      .replacingOccurrences(of: ", 68.75]", with: "]").replacingOccurrences(of: ", 50]", with: "]")
    let tiny = try Publication(yaml: less, file: "published.yaml")
    #expect(tiny.averages.isEmpty && tiny.formulas.isEmpty && tiny.statements.isEmpty)
  }

  @Test(arguments: [
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.00, 62.5]", line: 16),
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.00, 62.5, 68.75, 1]", line: 16),
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.00, .nan, 68.75]", line: 16),
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.00, nan, 68.75]", line: 16),
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.00, 100.01, 68.75]", line: 16),
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[-0.01, 62.5, 68.75]", line: 16),
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.0000001, 62.5, 68.75]", line: 16),
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.00, [], 68.75]", line: 16),
    PublicationSpoiling("[75.00, 62.5, 68.75]", "[7M, 62.5, 68.75]", line: 16),
    PublicationSpoiling("row: two", "row: one", line: 17),
    PublicationSpoiling("row: two, model: tiny", "row: two, model: tinny", line: 17),
    PublicationSpoiling("row: two", "label: two", line: 17),
    PublicationSpoiling("size: 2", "size: 0", line: 16),
    PublicationSpoiling("parameters: 4.4M", "parameters: many", line: 16),
    PublicationSpoiling("columns: [piqa, sciq, mean]", "columns: [piqa, mean]", line: 14),
    PublicationSpoiling("columns: [piqa, sciq, mean]", "columns: [piqa, sciq, sciq]", line: 14),
    PublicationSpoiling("columns: [piqa, sciq, mean]", "columns: [piqa, sciq, average]", line: 14),
    PublicationSpoiling("average: mean", "average: piqa", line: 9),
    PublicationSpoiling("tasks: [piqa, sciq]}", "tasks: [piqa, webqs]}", line: 9),
    PublicationSpoiling("task: sciq", "task: piqa", line: 7),
    PublicationSpoiling("documents: [8]", "documents: [0]", line: 7),
    PublicationSpoiling("documents: [8]", "documents: []", line: 7),
    PublicationSpoiling("multiple-choice", "multiple", line: 6),
    PublicationSpoiling("layers * 7", "layer * 7", line: 11),
    PublicationSpoiling("layers * 7", "layers * * 7", line: 11),
    PublicationSpoiling("lowRank: true", "lowRank: yes", line: 11),
    PublicationSpoiling("width: 2", "size: 2", line: 4),
    PublicationSpoiling("b: [4, 2]", "b: [4]", line: 4),
    PublicationSpoiling("place: Abstract, ", "", line: 19),
    PublicationSpoiling("title: Tiny", "titel: Tiny", line: 1),
    PublicationSpoiling("value: 21", "value: twenty", line: 19),
  ])
  func `what is wrong is refused with its line`(spoiling: PublicationSpoiling) throws {
    let error = try spoiling.error()
    #expect(error.file == "published.yaml")
    #expect(error.line == spoiling.line, "\(error.problem)")
  }

  @Test func `errors say what is expected`() throws {
    let short = try PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.00, 62.5]", line: 16).error()
    #expect(short.problem == .outOfRange(key: "scores", expected: "3 numbers, one a column", found: "2"))
    let nan = try PublicationSpoiling("[75.00, 62.5, 68.75]", "[75.00, .nan, 68.75]", line: 16).error()
    #expect(
      nan.problem
        == .outOfRange(
          key: "sciq", expected: "a percentage of 0 to 100 as printed, with at most 6 decimal places", found: ".nan"))
    let twice = try PublicationSpoiling("row: two", "row: one", line: 17).error()
    #expect(twice.problem == .duplicateName("one", firstLine: 16))
    let column = try PublicationSpoiling("columns: [piqa, sciq, mean]", "columns: [piqa, mean]", line: 14).error()
    #expect(column.problem == .missingKey("sciq", in: "table, whose column mean is over it,"))
  }

  @Test func `a file that is not there is named`() {
    #expect {
      try Publication(contentsOf: "/nowhere/published.yaml")
    } throws: { error in
      (error as? SuiteError)?.file == "/nowhere/published.yaml"
    }
  }
}
