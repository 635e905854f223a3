import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct DocumentSliceTests {
  /// 20,000 lines of 1 to 90 bytes, in three gzip members.
  static let lines: [[UInt8]] = (0..<20_000).map { index in
    Array("{\"n\":\(index)\(String(repeating: "\u{E9}", count: index * 7 % 41))}\n".utf8)
  }
  static let text = Array(lines.joined())
  static let compressed: [UInt8] = {
    let thirds = [0, text.count / 3, text.count * 2 / 3, text.count]
    return zip(thirds, thirds.dropFirst()).flatMap { HandMadeArchive.gzip(Array(text[$0..<$1])) }
  }()

  /// The slice's record and text; the bytes arrive in pieces of these sizes, again and again.
  private func slice(
    _ bytes: [UInt8], _ selection: SliceSelection, pieces: [Int] = [1 << 16], largestLine: Int = 1000
  ) throws -> (record: SliceRecord, text: [UInt8]) {
    let scratch = try ScratchFolder()
    let file = scratch.path + "/slice.jsonl"
    do {
      var slice = try DocumentSlice(
        selection: selection, name: "c4.json.gz", largestLine: largestLine, into: file)
      var start = 0
      var turn = 0
      while start < bytes.count {
        let end = min(bytes.count, start + pieces[turn % pieces.count])
        let goesOn = try bytes[start..<end].withUnsafeBytes { try slice.consume($0) }
        #expect(goesOn != slice.isComplete)
        if !goesOn { break }
        start = end
        turn += 1
      }
      let record = try slice.finish()
      return (record, [UInt8](try Data(contentsOf: URL(fileURLWithPath: file))))
    } catch {
      #expect(!FileManager.default.fileExists(atPath: file))
      throw error
    }
  }

  @Test func `the first lines are kept, and no more is read than they need`() throws {
    let (record, text) = try slice(Self.compressed, .first(100))
    let expected = Array(Self.lines[..<100].joined())
    #expect(text == expected)
    #expect(record.lines == 100 && record.size == expected.count && record.sha256 == sha256(expected))
    // 100 lines have some 5,000 bytes, and lie in the first block.
    #expect(record.compressedBytesUsed == DocumentSlice.blockSize)
  }

  @Test func `chosen lines are kept`() throws {
    for chosen in [[0], [3, 4, 1999], [19_999], [0, 7000, 14_000, 19_999]] {
      let expected = Array(chosen.map { Self.lines[$0] }.joined())
      #expect(try slice(Self.compressed, .lines(chosen)).text == expected)
      #expect(try slice(Self.text, .lines(chosen)).text == expected)
    }
    #expect(try slice(Self.compressed, .first(20_000)).text == Self.text)
  }

  @Test func `no lines are complete before anything came`() throws {
    #expect(try slice([], .first(0)).record.compressedBytesUsed == 0)
    #expect(try slice([], .lines([])).text == [])
  }

  @Test(arguments: [[1], [2, 3], [7, 16_384, 1], [16_384], [16_383], [16_385, 5], [1 << 20]])
  func `slice and record do not depend on how the bytes are cut`(pieces: [Int]) throws {
    for selection in [SliceSelection.first(3000), .lines([17, 9000, 13_000])] {
      let whole = try slice(Self.compressed, selection)
      let cut = try slice(Self.compressed, selection, pieces: pieces)
      #expect(cut.record == whole.record)
      #expect(cut.text == whole.text)
      let plain = try slice(Self.text, selection, pieces: pieces)
      #expect(plain.record.sha256 == whole.record.sha256)
    }
  }

  @Test func `a stream that ends too early says how many lines it had`() {
    #expect(
      throws: ArtifactError.invalidText(file: "c4.json.gz", line: 20_000, reason: "the text has only 20000 lines")
    ) {
      try slice(Self.compressed, .first(20_001))
    }
    #expect(
      throws: ArtifactError.invalidText(file: "c4.json.gz", line: 30_000, reason: "the text has only 20000 lines")
    ) {
      try slice(Self.text, .lines([5, 30_000]))
    }
    #expect(throws: ArtifactError.invalidText(file: "c4.json.gz", line: 0, reason: "the text has only 0 lines")) {
      try slice([], .first(1))
    }
    do {
      _ = try slice(Self.text.dropLast(), .first(20_000))
      Issue.record("a line without an end")
    } catch ArtifactError.invalidText("c4.json.gz", 19_999, let reason) {
      #expect(reason.contains("ends within this line"))
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func `a stream cut anywhere within gzip is no whole stream`() {
    let short = HandMadeArchive.gzip(Array("a\nb\n".utf8))
    for count in 2..<short.count {
      do {
        _ = try slice(Array(short[..<count]), .first(3))
        Issue.record("\(count) bytes")
      } catch ArtifactError.invalidArchive("c4.json.gz", nil, let reason) {
        #expect(reason.contains("byte \(count)") && reason.contains("within a gzip member"))
      } catch {
        Issue.record("\(count) bytes: \(error)")
      }
    }
  }

  @Test func `damaged gzip is an error at its byte`() {
    let short = HandMadeArchive.gzip(Array("a\nb\n".utf8))
    func expect(_ bytes: [UInt8], _ reason: String) {
      do {
        _ = try slice(bytes, .first(3))
        Issue.record("no error")
      } catch ArtifactError.invalidArchive("c4.json.gz", nil, let found) {
        #expect(found.contains(reason))
      } catch {
        Issue.record("\(error)")
      }
    }
    var wrong = short
    wrong[wrong.count - 5] ^= 1
    expect(wrong, "incorrect data check")
    expect(short + [7], "byte \(short.count): no gzip member begins here")
    expect(short + [0, 0, 7], "byte \(short.count + 2): something follows the zeros")
    expect([0x1F, 0x8B, 7, 0], "unknown compression method")
    #expect(throws: ArtifactError.self) { try slice(short + [0, 0], .first(3)) }
    #expect(throws: Never.self) { try slice(short + [0, 0], .first(2)) }
  }

  @Test func `a line that is too long or no text is an error, the first even if nobody wants it`() {
    let long = Array("a\n".utf8) + [UInt8](repeating: 0x61, count: 1001) + Array("\nb\n".utf8)
    #expect(throws: ArtifactError.invalidText(file: "c4.json.gz", line: 1, reason: "over 1000 bytes")) {
      try slice(long, .lines([2]))
    }
    #expect(throws: Never.self) { try slice(long, .lines([2]), largestLine: 1001) }
    #expect(throws: ArtifactError.invalidText(file: "c4.json.gz", line: 1, reason: "not UTF-8")) {
      try slice([0x61, 0x0A, 0xFF, 0x0A], .first(2))
    }
  }

  @Test func `a bomb of one endless line is given up early`() {
    let count = 258 * 400_000 + 1
    let bomb = HandMadeArchive.gzip([], deflated: HandMadeArchive.deflatedZeros(count))
    #expect(throws: ArtifactError.invalidText(file: "c4.json.gz", line: 0, reason: "over 1000 bytes")) {
      try slice(bomb, .lines([1]))
    }
  }

  @Test func `a file that is there already stays`() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.file("slice", [1])
    #expect(throws: ArtifactError.self) {
      _ = try DocumentSlice(selection: .first(1), name: "c4", into: file)
    }
    #expect(FileManager.default.contents(atPath: file) == Data([1]))
  }
}
