import Foundation
import Models

/// The perplexity of whole documents, each in windows that follow one another, per word and per byte of their originals.
///
/// Source: `PerplexityTask` and `loglikelihood_rolling` in lm-evaluation-harness 0bf683b4, lm_eval/base.py; `tasks.md`
/// sections 3 and 4.
package struct RollingPerplexity: Sendable, Equatable {
  package struct Document: Sendable, Equatable {
    package let index: Int
    /// Of each window's predicted tokens, in nats; none for a document without tokens.
    package let windowLogLikelihoods: [Double]
    package let tokenCount: Int
    package let wordCount: Int
    package let byteCount: Int

    /// Summed in order.
    package var logLikelihood: Double { windowLogLikelihoods.reduce(0, +) }
  }

  package let documents: [Document]
  /// The tokens of a window at most: less than the model's positions, where a prompt takes some of a table of them.
  package let maximumLength: Int
  /// What stands before a document's first token.
  package let prefixToken: Int

  /// - Parameters:
  ///   - maximumLength: the tokens of a window at most.
  ///   - contextLength: tokens of context at least in the windows behind the first.
  ///   - tokenize: without special tokens.
  ///   - score: the scores of windows, in their order.
  /// - Precondition: there are documents.
  /// - Throws: `ScoringError.noRoom` where the prompts leave no position.
  package init(
    of documents: [PerplexityDocument], maximumLength: Int, prefixToken: Int, contextLength: Int = 1,
    tokenize: (String) -> [Int], score: (_ windows: [EncodedRequest]) throws -> [RequestScore]
  ) throws {
    precondition(!documents.isEmpty, "the perplexity of no documents")
    guard maximumLength >= contextLength else {
      throw ScoringError.noRoom(needed: contextLength, available: maximumLength)
    }
    let tokens = documents.map { tokenize($0.text) }
    let windows = tokens.map {
      rollingWindows(of: $0, maximumLength: maximumLength, prefixToken: prefixToken, contextLength: contextLength)
    }
    var scores = try score(Array(windows.joined()))[...]
    self.documents = documents.indices.map { number in
      let ownScores = scores.prefix(windows[number].count)
      scores = scores.dropFirst(ownScores.count)
      return Document(
        index: documents[number].index, windowLogLikelihoods: ownScores.map(\.logLikelihood),
        tokenCount: tokens[number].count, wordCount: documents[number].wordCount,
        byteCount: documents[number].byteCount)
    }
    self.maximumLength = maximumLength
    self.prefixToken = prefixToken
  }

  /// By a scorer, in windows as long as it takes them.
  package init<Model: LanguageModel>(
    of documents: [PerplexityDocument], scorer: LogLikelihoodScorer<Model>, prefixToken: Int, contextLength: Int = 1,
    tokenize: (String) -> [Int]
  ) throws {
    try self.init(
      of: documents, maximumLength: scorer.maximumLength, prefixToken: prefixToken, contextLength: contextLength,
      tokenize: tokenize
    ) { try scorer.scores(of: $0) }
  }

  package var logLikelihood: Double { documents.reduce(0) { $0 + $1.logLikelihood } }

  package var tokenPerplexity: Double { exp(-logLikelihood / count(\.tokenCount)) }
  package var wordPerplexity: Double { exp(-logLikelihood / count(\.wordCount)) }
  package var bytePerplexity: Double { exp(-logLikelihood / count(\.byteCount)) }
  package var bitsPerByte: Double { -logLikelihood / count(\.byteCount) / log(2) }

  private func count(_ part: (Document) -> Int) -> Double { Double(documents.reduce(0) { $0 + part($1) }) }

  /// What is odd about the result. Of the perplexities only that of tokens can be held against the vocabulary.
  package func flags(vocabularySize: Int) -> [ResultFlag] {
    var flags: [ResultFlag] = []
    let broken = documents.filter(\.logLikelihood.isNaN)
    if let first = broken.first { flags.append(.notANumber(document: first.index, count: broken.count)) }
    if tokenPerplexity > Double(vocabularySize) {
      flags.append(.perplexityAboveVocabulary(perplexity: tokenPerplexity, vocabularySize: vocabularySize))
    }
    return flags
  }
}

/// The windows in which a document is scored: every token is predicted once, the first of all from `prefixToken`.
///
/// A window has `maximumLength` tokens of input at most, of which the first `contextLength` are context; the last one
/// goes back as far as it can, and has more. The window of ten tokens 0 … 9 at most 4 long:
/// ([prefix], [0, 1, 2, 3]), ([3], [4, 5, 6, 7]), ([5, 6, 7], [8, 9]).
///
/// Source: `get_rolling_token_windows` and `make_disjoint_window` in lm-evaluation-harness 0bf683b4, lm_eval/utils.py.
///
/// - Precondition: 1 ≤ `contextLength` ≤ `maximumLength`.
package func rollingWindows(
  of tokens: [Int], maximumLength: Int, prefixToken: Int, contextLength: Int = 1
) -> [EncodedRequest] {
  precondition(contextLength >= 1 && contextLength <= maximumLength, "\(contextLength) of \(maximumLength) tokens")
  guard !tokens.isEmpty else { return [] }
  var end = min(maximumLength, tokens.count)
  var windows = [EncodedRequest(context: [prefixToken], continuation: Array(tokens[..<end]))]
  while end < tokens.count {
    let start = end
    end += min(tokens.count - start, maximumLength - contextLength + 1)
    // The input's last token comes before the last that is predicted.
    windows.append(
      EncodedRequest(
        context: Array(tokens[(end - maximumLength - 1)..<start]), continuation: Array(tokens[start..<end])))
  }
  return windows
}
