import Models
import Testing

@Suite struct TextCorpusTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/corpus.json" }

  init() throws { folder = try TemporaryFolder() }

  private func documents(_ text: String) throws -> [String] {
    try TextCorpus(jsonLines: folder.write(text.utf8, to: "corpus.json")).documents
  }

  @Test func `each line is a document, with or without a last newline`() throws {
    let lines = #"{"text": "one", "url": "x"}"# + "\n" + #"{"url": "y", "text": "two\nlines"}"#
    #expect(try documents(lines) == ["one", "two\nlines"])
    #expect(try documents(lines + "\n") == ["one", "two\nlines"])
  }

  @Test func `lines may end in carriage return and newline`() throws {
    let lines = [#"{"text": "one"}"#, #"{"text": "two"}"#]
    #expect(try documents(lines.joined(separator: "\r\n")) == ["one", "two"])
    #expect(try documents(lines.joined(separator: "\r\n") + "\r\n") == ["one", "two"])
  }

  @Test func `texts are kept byte for byte`() throws {
    let text = " Å\u{212B}日\t"
    let found = try documents(#"{"text": "\#(text.replacing("\t", with: "\\t"))"}"#)
    #expect(found.map { Array($0.utf8) } == [Array(text.utf8)])
    #expect(try documents(#"{"text": ""}"#) == [""])
  }

  @Test(arguments: [#"{"text": "two""#, "two", "", #"{"text": "two"} {"text": "three"}"#])
  func `a broken line is named, and none is left out`(line: String) throws {
    let error = #expect(throws: CheckpointError.self) {
      try documents(#"{"text": "one"}"# + "\n" + line + "\n" + #"{"text": "three"}"# + "\n")
    }
    guard case .malformedJSON(path, 2, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a line cut off at the file's end is named`() {
    let error = #expect(throws: CheckpointError.self) { try documents("{\"text\": \"one\"}\n{\"text\": \"tw") }
    guard case .malformedJSON(path, 2, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a line without a text is named`() {
    for (line, found) in [
      ("{}", "absent"), (#"{"text": 7}"#, "7"), (#"{"text": null}"#, "null"), (#"["text"]"#, "absent"),
    ] {
      #expect(
        throws: CheckpointError.invalidMember(file: path, member: "text", expected: "a text in line 2", found: found)
      ) { try documents(#"{"text": "one"}"# + "\n" + line) }
    }
  }

  @Test func `a file without documents is refused`() {
    #expect(throws: CheckpointError.unreadable(file: path, reason: "the file has no documents")) { try documents("") }
    #expect(throws: CheckpointError.unreadable(file: path + "2", reason: "No such file or directory")) {
      try TextCorpus(jsonLines: path + "2")
    }
  }
}
