import Models
import Testing

@Suite struct SentencePieceTrainingTests {
  private static let texts = [
    "The miller of the mill by the river milled 120 sacks.\nThe mill's wheel turned; the river turned the wheel.",
    "Ann 's brother sold 12 sacks – café sacks – by the river .\n\nThe sacks were Ann 's .",
  ]

  private static func tokenizer(_ texts: [String], vocabularySize: Int) throws -> Tokenizer {
    let folder = try TemporaryFolder()
    try SentencePieceTraining(texts: texts, vocabularySize: vocabularySize).files.write(to: folder.path + "/new")
    return try Tokenizer(folder: folder.path + "/new")
  }

  private static func words(_ text: String) -> [String] {
    var text = text
    return text.withUTF8 { bytes in
      SentencePieceWords(of: bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
    }
  }

  @Test func `merges come in their order, then characters by how often they are`() throws {
    // ▁ab twice and ▁cab: ab 3; then ▁ab 2; then ▁c and cab once each, the shorter first; then ▁cab.
    // a, b and ▁ are there three times each, in the order of scalars, and c once.
    let tokenizer = try Self.tokenizer(["ab ab cab"], vocabularySize: 259 + 4 + 4)
    #expect(tokenizer.vocabularySize == 267)
    #expect((0..<4).map(tokenizer.token) == ["<unk>", "<s>", "</s>", "<0x00>"])
    #expect(tokenizer.token(258) == "<0xFF>")
    #expect((259..<267).map(tokenizer.token) == ["ab", "▁ab", "▁c", "▁cab", "a", "b", "▁", "c"])
    #expect(tokenizer.encodeWithBeginning("ab cab bc") == [1, 260, 262, 265, 264, 266])
    #expect(tokenizer.beginning == 1 && tokenizer.end == 2 && tokenizer.unknown == 0 && tokenizer.padding == nil)
  }

  @Test func `words are cut at spaces, digits, line feeds and between letters and others`() {
    #expect(Self.words("") == [])
    #expect(Self.words(" the mill 's") == [" the", " mill", " '", "s"])
    #expect(Self.words("a  b ") == ["a", " ", " b", " "])
    #expect(
      Self.words("in 1753.\n\nÉté, «b»") == [
        "in", " ", "1", "7", "5", "3", ".", "\n", "\n", "Été", ",", " «", "b", "»",
      ])
    #expect(Self.words("e\u{301}t ٣x") == ["e\u{301}t", " ", "٣", "x"])
    #expect(Self.words("a▁b") == ["a", "▁b"])
  }

  @Test func `no piece has a digit, a line feed or a space beside other characters of its kind`() throws {
    let tokenizer = try Self.tokenizer(Self.texts, vocabularySize: 330)
    for id in 259..<330 {
      let piece = try #require(tokenizer.token(id))
      let text = piece.unicodeScalars.drop { $0 == "▁" }
      #expect(piece.unicodeScalars.count - text.count <= 1, "\(piece)")
      #expect(!piece.contains("\n") && !text.contains("▁"), "\(piece)")
      if text.contains(where: { ("0"..."9").contains($0) }) { #expect(piece.unicodeScalars.count == 1, "\(piece)") }
      let letters = text.filter { $0.properties.isAlphabetic }
      #expect(letters.isEmpty || letters.count == text.count, "\(piece)")
    }
  }

  @Test func `decoding an encoded text gives the text, also of characters that were never met`() throws {
    let tokenizer = try Self.tokenizer(Self.texts, vocabularySize: 330)
    for text in Self.texts + ["Zoë 😀\t日本\r\n", "  two  spaces  ", "\u{0}\n\n\u{10FFFF}", "345", "x"] {
      #expect(tokenizer.decode(tokenizer.encode(text), skippingSpecials: false) == text)
    }
    // "é" was met and "ë", C3 AB, was not; a line feed is always a byte.
    #expect(tokenizer.encode("é").count == 2)
    #expect(tokenizer.encode("ë").suffix(2) == [3 + 0xC3, 3 + 0xAB])
    #expect(tokenizer.encode("\n").suffix(1) == [3 + 0x0A])
    #expect(tokenizer.encode("the").count == 1)
  }

  @Test func `the same texts give the same files`() throws {
    let first = try SentencePieceTraining(texts: Self.texts, vocabularySize: 320).files.files
    let second = try SentencePieceTraining(texts: Self.texts, vocabularySize: 320).files.files
    #expect(first.map(\.name) == ["tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"])
    #expect(first.map(\.bytes) == second.map(\.bytes))
  }

  @Test func `a vocabulary of the wrong size is refused, and so is a corpus without words`() {
    func error(_ texts: [String], _ size: Int) -> CheckpointError? {
      #expect(throws: CheckpointError.self) { try SentencePieceTraining(texts: texts, vocabularySize: size) }
    }
    #expect(
      error(["ab ab cab"], 262)
        == .tokenizer(
          file: "the corpus", place: "a vocabulary of 262",
          reason: "it needs 263 at least: 3 special tokens, 256 bytes and 4 characters"))
    #expect(
      error(["ab ab cab"], 268)
        == .tokenizer(
          file: "the corpus", place: "a vocabulary of 268", reason: "the texts have merges for no more than 267"))
    #expect(error([], 300) == .tokenizer(file: "the corpus", place: "its texts", reason: "they have no word"))
    #expect(error([""], 300) == .tokenizer(file: "the corpus", place: "its texts", reason: "they have no word"))
  }
}
