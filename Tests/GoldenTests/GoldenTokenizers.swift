import Foundation
import Models
import Testing

/// Ids and decoded texts, compared exactly.
@Suite("GoldenTokenizers", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenTokenizers {
  @Test(arguments: Golden.cases(of: "tokenizers"))
  func `texts encode and decode as recorded`(golden: GoldenCase) throws {
    let tokenizer = try Tokenizer(folder: golden.path("tokenizer"))
    try compareRoles(golden, tokenizer)
    let rows = try Row.all(of: golden)
    #expect(rows.count == (try golden.integer("rows")), "\(golden.name): number of rows")

    let checks = try #require(golden.value["checks"]?.array, "\(golden.name): no checks")
    var mismatches: [String] = []
    for check in checks {
      let field = try #require(Field(rawValue: check.string ?? ""), "\(golden.name): unknown check \(check)")
      for row in rows {
        if let mismatch = try row.mismatch(field, tokenizer, golden) { mismatches.append(mismatch) }
      }
    }
    let allowed = Int(try golden.tolerance("mismatches"))
    let summary = mismatches.prefix(5).joined(separator: "\n")
    #expect(
      mismatches.count <= allowed,
      "\(golden.name): \(mismatches.count) mismatches, \(allowed) allowed; the first:\n\(summary)")
  }

  private func compareRoles(_ golden: GoldenCase, _ tokenizer: Tokenizer) throws {
    let family = try golden.string("family")
    try #require(["sentencepiece", "bpe"].contains(family), "\(golden.name): unknown family \(family)")
    let roles = [
      ("bos_token", tokenizer.beginning), ("eos_token", tokenizer.end), ("unk_token", tokenizer.unknown),
      ("pad_token", tokenizer.padding),
    ]
    for (name, found) in roles {
      guard let expected = golden.member(name)?.integer else { continue }
      #expect(found == expected, "\(golden.name): \(name)")
    }
  }
}

/// What a row may record; the names are those of the files.
private enum Field: String {
  case ids
  case idsWithBeginning = "ids_special"
  case decoded = "decode"
  case decodedWithoutSpecials = "decode_skip"
  case plainIds = "sp_ids"
  case plainDecoded = "sp_decode"
  case cleanedUp = "decode_cleanup"
}

/// One text and what was recorded of it.
private struct Row {
  let index: Int
  let text: String
  let stored: JSONValue

  static func all(of golden: GoldenCase) throws -> [Row] {
    let file = try JSONValue(contentsOf: golden.path("texts"))
    let texts = try #require(file.array, "\(golden.name): the texts are no list")
    let lines = try Data(contentsOf: URL(fileURLWithPath: golden.path("expected"))).split(separator: UInt8(ascii: "\n"))
    try #require(lines.count <= texts.count, "\(golden.name): more rows than texts")
    return try lines.enumerated().map { index, line in
      let text = try #require(texts[index]["text"]?.string, "\(golden.name): text \(index) is none")
      let stored = try JSONValue(parsing: line)
      try #require((stored["i"]?.integer ?? index) == index, "\(golden.name): row \(index) is of another text")
      return Row(index: index, text: text, stored: stored)
    }
  }

  /// What is wrong with one field; nil where it is as recorded.
  func mismatch(_ field: Field, _ tokenizer: Tokenizer, _ golden: GoldenCase) throws -> String? {
    switch field {
    case .ids:
      compare(tokenizer.encode(text), try ids(.ids), field)
    case .idsWithBeginning:
      compare(tokenizer.encodeWithBeginning(text), try idsWithBeginning(golden), field)
    case .plainIds:
      compare(tokenizer.encodePlain(text), try plainIds(), field)
    case .decoded:
      compare(tokenizer.decode(try ids(.ids), skippingSpecials: false), try decoded(), field)
    case .decodedWithoutSpecials:
      compare(
        tokenizer.decode(try idsWithBeginning(golden), skippingSpecials: true), try decodedWithoutSpecials(), field)
    case .plainDecoded:
      compare(tokenizer.decodePlain(try plainIds()), try string(.plainDecoded) ?? decoded(), field)
    case .cleanedUp:
      compare(
        Tokenizer.removingSpacesBeforePunctuation(
          tokenizer.decode(try idsWithBeginning(golden), skippingSpecials: true)),
        try string(.cleanedUp) ?? decodedWithoutSpecials(), field)
    }
  }

  private func ids(_ field: Field) throws -> [Int] {
    try #require(try optionalIds(field), "row \(index) has no \(field.rawValue)")
  }

  private func optionalIds(_ field: Field) throws -> [Int]? {
    guard let list = stored[field.rawValue]?.array else { return nil }
    return try list.map { try #require($0.integer, "row \(index): an id of \(field.rawValue) is none") }
  }

  private func idsWithBeginning(_ golden: GoldenCase) throws -> [Int] {
    if let ids = try optionalIds(.idsWithBeginning) { return ids }
    return [try golden.integer("bos_token")] + (try ids(.ids))
  }

  private func plainIds() throws -> [Int] { try optionalIds(.plainIds) ?? ids(.ids) }

  private func string(_ field: Field) throws -> String? {
    guard let value = stored[field.rawValue] else { return nil }
    // true stands for the text itself.
    return value == .boolean(true)
      ? text : try #require(value.string, "row \(index): \(field.rawValue) is no text")
  }

  private func decoded() throws -> String {
    try #require(try string(.decoded), "row \(index) has no \(Field.decoded.rawValue)")
  }

  private func decodedWithoutSpecials() throws -> String { try string(.decodedWithoutSpecials) ?? decoded() }

  private func compare(_ found: [Int], _ expected: [Int], _ field: Field) -> String? {
    if found == expected { return nil }
    let first = zip(found, expected).prefix { $0 == $1 }.count
    return "text \(index), \(field.rawValue), from token \(first): expected \(expected.dropFirst(first).prefix(8)), "
      + "found \(found.dropFirst(first).prefix(8)) (\(found.count) tokens, expected \(expected.count))"
  }

  /// Byte for byte: canonically equivalent texts are different texts.
  private func compare(_ found: String, _ expected: String, _ field: Field) -> String? {
    let (found, expected) = (Array(found.unicodeScalars), Array(expected.unicodeScalars))
    if found == expected { return nil }
    let first = zip(found, expected).prefix { $0 == $1 }.count
    func part(_ scalars: [Unicode.Scalar]) -> String {
      scalars.dropFirst(max(0, first - 8)).prefix(24).map { $0.escaped(asASCII: true) }.joined()
    }
    return "text \(index), \(field.rawValue), at scalar \(first): expected “\(part(expected))”, found “\(part(found))”"
  }
}
