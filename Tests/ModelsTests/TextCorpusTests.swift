import Models
import TestModels
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

  // MARK: Compressed files

  private let line = Array("{\"text\": \"one\"}\n".utf8)

  @Test func `a file compressed by gzip is read like the file itself`() throws {
    let content = Array("{\"text\": \"one\"}\n{\"text\": \"two\"}".utf8)
    #expect(try TextCorpus(jsonLines: folder.write(gzip(content), to: "corpus.json")).documents == ["one", "two"])
    // Two streams one behind the other are one file, as gzip has it.
    let parts = gzip(line) + gzip(line)
    #expect(try TextCorpus(jsonLines: folder.write(parts, to: "corpus.json")).documents == ["one", "one"])
  }

  @Test func `a compressed file that breaks off anywhere is an error, even behind a whole line`() throws {
    let whole = gzip(line)
    for count in 2..<whole.count {
      #expect(throws: CheckpointError.self, "\(count) of \(whole.count) bytes") {
        try TextCorpus(jsonLines: folder.write(whole.prefix(count), to: "corpus.json"))
      }
    }
  }

  @Test func `a compressed file with a wrong checksum is an error`() throws {
    var bytes = gzip(line)
    bytes[bytes.count - 8] ^= 1
    #expect(throws: CheckpointError.self) { try TextCorpus(jsonLines: folder.write(bytes, to: "corpus.json")) }
  }

  @Test func `no more documents are read than are wanted`() throws {
    let lines = line + line + Array("broken".utf8)
    #expect(try TextCorpus(jsonLines: folder.write(lines, to: "corpus.json"), limit: 2).documents == ["one", "one"])
  }

  @Test func `lines longer than a piece that is read are whole`() throws {
    let long = String(repeating: "x", count: 700_000)
    #expect(try documents("{\"text\": \"\(long)\"}\n{\"text\": \"two\"}\n") == [long, "two"])
  }

  /// A gzip file (RFC 1952) whose content is stored, not packed.
  private func gzip(_ content: [UInt8]) -> [UInt8] {
    let count = UInt16(content.count)
    let stored = [1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)] + content
    let sums = [HandMadeZip.checksum(content), UInt32(content.count)].flatMap { sum in
      (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + stored + sums
  }
}
