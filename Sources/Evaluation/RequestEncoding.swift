import Models

/// How the texts of a request become tokens, where versions of the harness differ.
package struct RequestEncoding: Sendable, Equatable {
  package enum Boundary: Sendable {
    /// The continuation is what the whole has beyond the context: `_encode_pair`, from June 2023 on.
    case pair
    /// Context and continuation are encoded each alone. A tokenizer that puts a blank before every text then scores
    /// words that begin with two, by which Llama's scores of before June 2023 differ.
    case apart
  }

  /// What stands before a text with nothing before it: an empty context, the first window of a document.
  package enum Prefix: Sendable {
    /// Up to 0.4.2.
    case endOfText
    /// From 0.4.3 on: the beginning-of-text token, where the tokenizer has one.
    case beginningElseEndOfText
  }

  package var boundary: Boundary
  package var prefix: Prefix

  package init(boundary: Boundary = .pair, prefix: Prefix = .endOfText) {
    self.boundary = boundary
    self.prefix = prefix
  }

  /// nil where the tokenizer has no such token.
  package func prefixToken(of tokenizer: Tokenizer) -> Int? {
    switch prefix {
    case .endOfText: tokenizer.end
    case .beginningElseEndOfText: tokenizer.beginning ?? tokenizer.end
    }
  }

  /// - Parameter tokenize: without special tokens: no BOS in front.
  ///
  /// Source: `loglikelihood` in lm-evaluation-harness, lm_eval/base.py, at the tag v0.3.0 and on master.
  package func encoded(_ request: Request, prefixToken: Int, tokenize: (String) -> [Int]) -> EncodedRequest {
    switch boundary {
    case .pair: encode(request, endOfText: prefixToken, tokenize: tokenize)
    case .apart:
      EncodedRequest(
        context: request.context.isEmpty ? [prefixToken] : tokenize(request.context),
        continuation: tokenize(request.continuation))
    }
  }
}

extension RequestEncoding {
  /// A version's text, with all in which this is not the encoding of its harness.
  func noted(in version: String, of harness: HarnessProtocol) -> String {
    let usual = harness.encoding
    var parts = [version]
    if boundary != usual.boundary {
      switch boundary {
      case .pair: parts.append("context and continuation encoded together")
      case .apart: parts.append("context and continuation encoded apart, as before June 2023")
      }
    }
    if prefix != usual.prefix {
      switch prefix {
      case .endOfText: parts.append("end-of-text before an empty context, as before 0.4.3")
      case .beginningElseEndOfText: parts.append("beginning-of-text before an empty context, as from 0.4.3 on")
      }
    }
    return parts.joined(separator: "; ")
  }
}

extension BenchmarkTask {
  /// The version of the task with requests encoded in this way: that of the task alone where its harness does so.
  package func version(encodedBy encoding: RequestEncoding) -> String { encoding.noted(in: version, of: harness) }
}
