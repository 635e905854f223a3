/// A request as token ids.
package struct EncodedRequest: Sendable, Equatable {
  package let context: [Int]
  package let continuation: [Int]

  package init(context: [Int], continuation: [Int]) {
    self.context = context
    self.continuation = continuation
  }
}

/// Why a request has no score. The reference ends in an assertion in each case.
package enum RequestError: Error, Equatable {
  /// The context is white space only: all of it goes to the continuation, and nothing is left to predict from.
  case emptyContext
  case emptyContinuation
  case continuationTooLong(tokens: Int, maximumLength: Int)
}

/// The tokens of a request. The context and the whole are encoded, and the continuation is what the whole has beyond
/// the length of the context; its tokens are not those of the continuation alone.
///
/// White space at the end of the context goes to the continuation first, because tokenizers join it with the word that
/// follows. An empty context becomes the single token `endOfText`.
///
/// - Parameter tokenize: without special tokens: no BOS in front.
///
/// Source: `_encode_pair` and `loglikelihood` in lm-evaluation-harness, lm_eval/base.py (from June 2023 on).
package func encode(_ request: Request, endOfText: Int, tokenize: (String) -> [Int]) -> EncodedRequest {
  guard !request.context.isEmpty else {
    return EncodedRequest(context: [endOfText], continuation: tokenize(request.continuation))
  }
  let (context, space) = request.context.splitAtTrailingPythonSpace()
  let contextTokens = tokenize(context)
  // The reference does not ask whether the context's tokens are the beginning of these.
  let wholeTokens = tokenize(context + space + request.continuation)
  return EncodedRequest(context: contextTokens, continuation: Array(wholeTokens.dropFirst(contextTokens.count)))
}

extension EncodedRequest {
  /// What the model reads, and the positions of it whose outputs score the continuation.
  package struct Input: Sendable, Equatable {
    /// At most `maximumLength` tokens: the context is cut at its beginning, and the last token, after which nothing is
    /// to be predicted, is left out.
    package let tokens: [Int]
    /// Output `scoredPositions.lowerBound + k` predicts token k of the continuation.
    package let scoredPositions: Range<Int>
  }

  /// Source: `_loglikelihood_tokens` in lm-evaluation-harness, lm_eval/base.py.
  package func inputTokens(maximumLength: Int) throws(RequestError) -> Input {
    guard !context.isEmpty else { throw .emptyContext }
    guard !continuation.isEmpty else { throw .emptyContinuation }
    guard continuation.count <= maximumLength else {
      throw .continuationTooLong(tokens: continuation.count, maximumLength: maximumLength)
    }
    let tokens = Array((context + continuation).suffix(maximumLength + 1).dropLast())
    return Input(tokens: tokens, scoredPositions: (tokens.count - continuation.count)..<tokens.count)
  }

  /// Whether the model does not read all of the context. It never reads the last token.
  package func isCut(at maximumLength: Int) -> Bool { context.count + continuation.count - 1 > maximumLength }
}
