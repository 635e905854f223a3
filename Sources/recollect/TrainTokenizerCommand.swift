import ArgumentParser
import Foundation
import Models

struct TrainTokenizerCommand: ParsableCommand {
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case sentencePiece = "sentencepiece"
    case byteLevel = "byte-level"
  }

  static let configuration = CommandConfiguration(
    commandName: "train-tokenizer",
    abstract: "Learn the vocabulary of a small model from a corpus.",
    discussion: """
      Byte-pair encoding in the form of Llama's folders (sentencepiece) or of OPT's (byte-level). A corpus is a plain \
      text, read as one document without its blank lines, or where its name ends in .json or .jsonl, with or without \
      .gz, JSON lines with a document each in a member “text”. The same corpus gives the same bytes.
      """)

  @Option(help: "The form of the tokenizer.")
  var form: Form

  @Option(parsing: .upToNextOption, help: "The files to learn from.")
  var corpus: [String]

  @Option(help: "How many entries the vocabulary has, special tokens and bytes included.")
  var vocabulary: Int

  @Option(name: .shortAndLong, help: "The folder to write to; it is made where there is none.")
  var output: String

  func validate() throws {
    if vocabulary < 1 { throw ValidationError("--vocabulary \(vocabulary): it should be 1 or more.") }
  }

  func run() throws {
    try reportingErrors {
      var texts: [String] = []
      for path in corpus { texts += try Self.texts(of: path) }
      try files(texts).write(to: output)
      print("\(vocabulary) entries, learnt from \(texts.count) \(texts.count == 1 ? "document" : "documents")")
    }
  }

  private func files(_ texts: [String]) throws(CheckpointError) -> TokenizerFiles {
    switch form {
    case .sentencePiece: try SentencePieceTraining(texts: texts, vocabularySize: vocabulary).files
    case .byteLevel: try ByteLevelTraining(texts: texts, vocabularySize: vocabulary).files
    }
  }

  private static func texts(of path: String) throws(CheckpointError) -> [String] {
    if [".json", ".jsonl", ".json.gz", ".jsonl.gz"].contains(where: path.hasSuffix) {
      return try TextCorpus(jsonLines: path).documents
    }
    return [try Wikitext(path: path).rows.joined()]
  }
}
