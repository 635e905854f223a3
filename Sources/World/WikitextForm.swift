/// Writes articles as the raw files of Wikitext have them: words and marks with a blank between, a blank at both ends
/// of a line, and "@-@" where a mark joins two parts of a word.
package enum WikitextForm {
  static func file(_ pages: [Page]) -> String {
    pages.map(article).joined() + " \n"
  }

  private static func article(_ page: Page) -> String {
    var text = " \n = \(spaced(page.title)) = \n \n"
    var followsText = false
    for line in page.lines {
      if line.hasPrefix("== ") {
        text += " \n = = \(spaced(String(line.dropFirst(3)))) = = \n \n"
        followsText = false
      } else {
        text += " \(spaced(line)) \n"
        followsText = true
      }
    }
    return followsText ? text : text + " \n"
  }

  /// "Talvek's house, half-built" as "Talvek 's house , half @-@ built".
  package static func spaced(_ text: String) -> String {
    let source = Array(text.utf8)
    func isWord(_ index: Int) -> Bool {
      guard source.indices.contains(index) else { return false }
      switch source[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        return true
      default: return false
      }
    }
    var bytes: [UInt8] = []
    for (index, byte) in source.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where isWord(index - 1) && isWord(index + 1): bytes += Array(" @-@ ".utf8)
      case UInt8(ascii: "'") where isWord(index - 1): bytes += Array(" '".utf8)
      case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "?"),
        UInt8(ascii: "!"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\""):
        bytes += [UInt8(ascii: " "), byte, UInt8(ascii: " ")]
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: " ").joined(separator: " ")
  }
}
