import Tensors

/// Writes pages as C4 has them: a JSON object a line, with the text, the time of the visit and the address.
enum CommonCrawlForm {
  private static let hosts = [
    "islandnews", "green-lantern", "oldmill", "salt-and-wool", "thursdayclub", "thewoodenspoon", "letters-home",
    "fieldnotes", "harbourlight", "askaround", "littleschool", "goodtools", "riverwalks", "papermoon",
  ]

  static func file(_ pages: [Page], seed: UInt64, part: String) -> String {
    var stream = RandomStream(seed: seed, purpose: "world c4 addresses \(part)")
    return pages.map { page in
      let object = JSONLine.object([
        ("text", .text(page.lines.joined(separator: "\n"))), ("timestamp", .text(timestamp(&stream))),
        ("url", .text(address(of: page, &stream))),
      ])
      return object.compact + "\n"
    }.joined()
  }

  private static func timestamp(_ stream: inout RandomStream) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "2019-04-\(two(stream.integer(in: 18...26)))"
    let hour = two(stream.nextInteger(below: 24))
    let minute = two(stream.nextInteger(below: 60))
    return "\(day)T\(hour):\(minute):\(two(stream.nextInteger(below: 60)))Z"
  }

  private static func address(of page: Page, _ stream: inout RandomStream) -> String {
    let words = page.title.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return
      "https://\(stream.element(of: hosts)).example/\(words.joined(separator: "-"))-\(stream.integer(in: 100...9999))"
  }
}
