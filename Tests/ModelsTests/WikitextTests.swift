import Foundation
import Models
import Testing

@Suite struct WikitextTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func wikitext(_ text: String) throws -> Wikitext {
    try Wikitext(path: folder.write(text.utf8, to: "wiki.raw"))
  }

  @Test func `rows keep their line feed, and blank lines are empty rows`() throws {
    #expect(try wikitext(" \n = A = \n \n Text . \n").rows == ["", " = A = \n", "", " Text . \n"])
    #expect(try wikitext(" \n Text .").rows == ["", " Text ."])
    #expect(try wikitext("\n\n").rows == ["", ""])
  }

  @Test func `a title begins a page, a smaller heading does not`() throws {
    let text = " \n = A = \n \n Text . \n = = Part = = \n More . \n = B = \n \n x \n"
    let pages = try wikitext(text).pages
    #expect(pages == [" = A = \n \n Text . \n = = Part = = \n More . ", " = B = \n \n x \n"])
    // What stands before the first title is blank, and is no page; nothing else is lost.
    #expect(" \n" + pages.joined(separator: "\n") == text)
  }

  @Test func `a formula that looks like a title begins a page as well`() throws {
    #expect(try wikitext(" = A = \n = 1 rad / s = \n").pages == [" = A = ", " = 1 rad / s = \n"])
  }

  @Test func `a file that is no text names the line`() throws {
    let path = try folder.write([0x61, 0x0A, 0xFF, 0x0A], to: "wiki.raw")
    #expect(throws: CheckpointError.unreadable(file: path, reason: "line 2 is no valid UTF-8")) {
      try Wikitext(path: path)
    }
    let empty = try folder.write([], to: "empty.raw")
    #expect(throws: CheckpointError.unreadable(file: empty, reason: "the file has no text")) {
      try Wikitext(path: empty)
    }
  }

  /// The published figures of the test file: 4,358 rows of which 1,467 are blank, and 62 pages.
  @Test(.enabled(if: publishedWikitext != nil, "no folder ../shared/data"))
  func `the published test file has 4358 rows and 62 pages`() throws {
    let wikitext = try Wikitext(path: try #require(publishedWikitext))
    #expect(wikitext.rows.count == 4358)
    #expect(wikitext.rows.count { $0.isEmpty } == 1467)
    #expect(wikitext.pages.count == 62)
  }
}

/// The published test file beside the project.
private let publishedWikitext: String? = {
  let path = checkpoints + "/../data/wikitext-2-raw/wiki.test.raw"
  return FileManager.default.fileExists(atPath: path) ? path : nil
}()
