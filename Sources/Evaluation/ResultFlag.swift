/// Something about a result that a reader should know before believing it.
package enum ResultFlag: Sendable, Equatable {
  /// What guessing gives.
  case exactlyChance(accuracy: Double)
  case nothingRight
  /// - Parameter document: the first.
  case notANumber(document: Int, count: Int)
  /// Worse than knowing nothing.
  case perplexityAboveVocabulary(perplexity: Double, vocabularySize: Int)
  case otherDocumentCount(found: Int, published: Int)
  /// Documents that ask the same as an earlier one: how many, and the first with the one it repeats.
  case repeatedDocuments(count: Int, first: Int, repeats: Int)
  /// A choice that is empty or blank.
  ///
  /// - Parameter document: the first.
  case blankChoices(document: Int, count: Int)

  package var text: String {
    switch self {
    case .exactlyChance(let accuracy): "the accuracy, \(accuracy), is exactly that of guessing"
    case .nothingRight: "no document is right"
    case .notANumber(let document, let count):
      "\(count) documents have scores that are not numbers, document \(document) the first: the model is broken"
    case .perplexityAboveVocabulary(let perplexity, let vocabularySize):
      "the perplexity, \(perplexity), is above the \(vocabularySize) of a model that knows nothing"
    case .otherDocumentCount(let found, let published):
      "the file has \(found) documents, the published one \(published)"
    case .repeatedDocuments(let count, let first, let repeats):
      "\(count) documents repeat an earlier one; the first, \(first), repeats document \(repeats)"
    case .blankChoices(let document, let count):
      "\(count) documents have a choice without text, document \(document) the first"
    }
  }
}

extension BenchmarkTask {
  /// What is odd about the documents of a file, all of them.
  package func flags(of documents: [Document]) -> [ResultFlag] {
    var flags: [ResultFlag] = []
    if documents.count != publishedDocumentCount {
      flags.append(.otherDocumentCount(found: documents.count, published: publishedDocumentCount))
    }
    var firstOfQuestion: [[UInt8]: Int] = [:]
    var repeated: [(document: Int, repeats: Int)] = []
    for document in documents {
      if let first = firstOfQuestion[document.question] {
        repeated.append((document.index, first))
      } else {
        firstOfQuestion[document.question] = document.index
      }
    }
    if let first = repeated.first {
      flags.append(.repeatedDocuments(count: repeated.count, first: first.document, repeats: first.repeats))
    }
    let blank = documents.filter { $0.requests.contains { $0.continuation.pythonStripped().isEmpty } }
    if let first = blank.first { flags.append(.blankChoices(document: first.index, count: blank.count)) }
    return flags
  }
}

extension Document {
  /// All that a model is asked: a zero byte ends each text.
  fileprivate var question: [UInt8] {
    let texts = requests.flatMap { [$0.context, $0.continuation] } + [generation?.context].compactMap(\.self)
    return texts.flatMap { Array($0.utf8) + [0] }
  }
}

extension TaskScore {
  /// What is odd about the score.
  ///
  /// - Parameter asked: the documents scored.
  package func flags(asked: [Document], vocabularySize: Int) -> [ResultFlag] {
    var flags: [ResultFlag] = []
    let guessed = asked.compactMap { document -> Double? in
      if case .multipleChoice = document.judgement { 1 / Double(document.requests.count) } else { nil }
    }
    // Sums of a few thousand thirds and quarters; one document more or less is 1e-4 at least.
    if guessed.count == documents.count, abs(accuracy - mean(guessed)) < 1e-9 {
      flags.append(.exactlyChance(accuracy: accuracy))
    }
    if accuracy == 0 { flags.append(.nothingRight) }
    let broken = documents.filter(\.hasNaN)
    if let first = broken.first { flags.append(.notANumber(document: first.index, count: broken.count)) }
    if let perplexity, perplexity > Double(vocabularySize) {
      flags.append(.perplexityAboveVocabulary(perplexity: perplexity, vocabularySize: vocabularySize))
    }
    return flags
  }
}
