import Foundation
import Models
import Testing

@Suite struct ByteLevelTrainingTests {
  private static let texts = [
    "The miller's sons didn't sell 120 sacks.\nThe mill's wheel turned;  the river turned the wheel.", "café, café\n",
  ]

  @Test func `the files are those of OPT, bytes before merges`() throws {
    // "ab" twice, " ab" once and " c" once: ab 3; then Ġc and Ġab once each, the shorter first.
    let files = try ByteLevelTraining(texts: ["ab ab c", "ab"], vocabularySize: 263).files
    let folder = try TemporaryFolder()
    try files.write(to: folder.path)
    let merges = try String(contentsOfFile: folder.path + "/merges.txt", encoding: .utf8)
    #expect(merges == "#version: 0.2\na b\nĠ c\nĠ ab\n")
    let tokenizer = try Tokenizer(folder: folder.path)
    #expect((0..<5).map(tokenizer.token) == ["<s>", "<pad>", "</s>", "<unk>", "Ā"])
    #expect((259..<263).map(tokenizer.token) == ["ÿ", "ab", "Ġc", "Ġab"])
    #expect(tokenizer.vocabularySize == 263)
    #expect(tokenizer.encodeWithBeginning("ab ab c") == [2, 260, 262, 261])
    #expect(tokenizer.beginning == 2 && tokenizer.end == 2 && tokenizer.unknown == 2 && tokenizer.padding == 1)
  }

  @Test func `decoding an encoded text gives the text`() throws {
    let folder = try TemporaryFolder()
    try ByteLevelTraining(texts: Self.texts, vocabularySize: 300).files.write(to: folder.path)
    let tokenizer = try Tokenizer(folder: folder.path)
    for text in Self.texts + ["Zoë 😀\t日本\r\n", "  two  spaces  ", "\u{0}\n\n\u{10FFFF}", "345", ""] {
      #expect(tokenizer.decode(tokenizer.encode(text), skippingSpecials: false) == text)
    }
    #expect(tokenizer.encode(" turned").count < 7)
  }

  @Test func `the same texts give the same files`() throws {
    let first = try ByteLevelTraining(texts: Self.texts, vocabularySize: 300).files.files
    let second = try ByteLevelTraining(texts: Self.texts, vocabularySize: 300).files.files
    #expect(first.map(\.name) == ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"])
    #expect(first.map(\.bytes) == second.map(\.bytes))
  }

  @Test func `a vocabulary of the wrong size is refused, and so is a corpus without words`() {
    func error(_ texts: [String], _ size: Int) -> CheckpointError? {
      #expect(throws: CheckpointError.self) { try ByteLevelTraining(texts: texts, vocabularySize: size) }
    }
    #expect(
      error(["ab"], 259)
        == .tokenizer(
          file: "the corpus", place: "a vocabulary of 259",
          reason: "it needs 260 at least: 4 special tokens and 256 bytes"))
    #expect(
      error(["ab"], 262)
        == .tokenizer(
          file: "the corpus", place: "a vocabulary of 262", reason: "the texts have merges for no more than 261"))
    #expect(error([""], 300) == .tokenizer(file: "the corpus", place: "its texts", reason: "they have no word"))
  }
}
