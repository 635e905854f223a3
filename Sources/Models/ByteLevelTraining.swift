/// Learns a vocabulary of the form of OPT's from texts: byte-level BPE as GPT-2 does it.
///
/// The ids are those of the special tokens as OPT has them, the 256 bytes in their order, then the results of the
/// merges in theirs. Words are those of `WordSplitting`. The same texts give the same bytes.
///
/// Source: openai/gpt-2, `src/encoder.py`, for the form; facebook/opt-125m for the special tokens.
package struct ByteLevelTraining: Sendable {
  private struct Merge {
    let left: [UInt8]
    let right: [UInt8]
  }

  private let merges: [Merge]

  private static let specials = ["<s>", "<pad>", "</s>", "<unk>"]

  /// - Throws: `CheckpointError.tokenizer` where the texts have no word, or the vocabulary is too small for the
  ///   bytes or larger than the texts have merges for.
  package init(texts: [String], vocabularySize: Int) throws(CheckpointError) {
    let words = Self.words(of: texts)
    guard !words.isEmpty else { throw .tokenizer(file: "the corpus", place: "its texts", reason: "they have no word") }
    let mergeCount = vocabularySize - Self.specials.count - 256
    guard mergeCount >= 0 else {
      throw .tokenizer(
        file: "the corpus", place: "a vocabulary of \(vocabularySize)",
        reason: "it needs \(vocabularySize - mergeCount) at least: \(Self.specials.count) special tokens and 256 bytes")
    }
    var training = MergeTraining(
      units: (UInt8.min...UInt8.max).map { [$0] }, words: words.map { ($0.text.map(Int32.init), $0.count) })
    let merges = try training.learn(mergeCount, ofVocabulary: vocabularySize)
    self.merges = merges.map { [texts = training.texts] merge in
      Merge(left: texts[Int(merge.left)], right: texts[Int(merge.right)])
    }
  }

  private static func words(of texts: [String]) -> [(text: [UInt8], count: Int)] {
    var counts = WordCounts()
    for var text in texts {
      text.withUTF8 { bytes in
        for range in WordSplitting(of: bytes) { counts.add(UnsafeBufferPointer(rebasing: bytes[range])) }
      }
    }
    return counts.words
  }
}

// MARK: - Files

extension ByteLevelTraining {
  /// `vocab.json` and `merges.txt`, with the settings of an OPT folder of transformers.
  package var files: TokenizerFiles {
    TokenizerFiles(
      [
        TokenizerFiles.File(name: "vocab.json", bytes: Array(vocabulary.utf8)),
        TokenizerFiles.File(name: "merges.txt", bytes: Array(mergeLines.utf8)),
      ],
      settings: [
        JSONValue.Member(name: "tokenizer_class", value: .string("GPT2Tokenizer")),
        JSONValue.Member(name: "add_bos_token", value: .boolean(true)),
        JSONValue.Member(name: "add_prefix_space", value: .boolean(false)),
        JSONValue.Member(name: "clean_up_tokenization_spaces", value: .boolean(false)),
        JSONValue.Member(name: "errors", value: .string("replace")),
      ],
      specials: [
        JSONValue.Member(name: "bos_token", value: .string("</s>")),
        JSONValue.Member(name: "eos_token", value: .string("</s>")),
        JSONValue.Member(name: "unk_token", value: .string("</s>")),
        JSONValue.Member(name: "pad_token", value: .string("<pad>")),
      ])
  }

  private var vocabulary: String {
    let bytes = (UInt8.min...UInt8.max).map { written([$0]) }
    let tokens = Self.specials + bytes + merges.map { written($0.left + $0.right) }
    return JSONValue.object(zip(tokens, 0...).map { JSONValue.Member(name: $0, value: .integer($1)) }).text + "\n"
  }

  private var mergeLines: String {
    "#version: 0.2\n" + merges.map { "\(written($0.left)) \(written($0.right))\n" }.joined()
  }

  private func written(_ bytes: [UInt8]) -> String { String(String.UnicodeScalarView(bytes.map(ByteAlphabet.scalar))) }
}
