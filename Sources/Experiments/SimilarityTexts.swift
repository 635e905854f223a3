import Evaluation
import Models
import Tensors

/// The texts on which two models are held against one another, as tokens.
package struct SimilarityTexts: Sendable, Equatable {
  package let tokens: [[Int]]

  package enum Problem: Error, Equatable {
    case tooFewTexts(file: String, found: Int, needed: Int, length: Int)
  }

  /// The first tokens of each of the first documents that have so many, with what the tokenizer puts in front of a
  /// text; of a source that is one text, one stretch behind the other.
  ///
  /// - Parameters:
  ///   - samples: how many texts.
  ///   - length: tokens of each.
  /// - Throws: `Problem`; `ScoringError.unknownToken`.
  package init(
    _ source: PerplexitySource, samples: Int, length: Int, tokenizer: Tokenizer, shape: ModelShape
  ) throws {
    var found: [[Int]] = []
    if source.kind == .text {
      let all = tokenizer.encodeWithBeginning(source.joined)
      found = (0..<min(samples, all.count / length)).map { Array(all[$0 * length..<($0 + 1) * length]) }
    } else {
      for document in source.documents where found.count < samples {
        let tokens = tokenizer.encodeWithBeginning(document)
        if tokens.count >= length { found.append(Array(tokens[..<length])) }
      }
    }
    guard found.count == samples else {
      throw Problem.tooFewTexts(file: source.path, found: found.count, needed: samples, length: length)
    }
    for text in found { try shape.expectTokens(text, of: source.path) }
    tokens = found
  }
}
