import Foundation
import Models
import Tensors

/// Perplexity over windows of tokens that each begin at position 0, as GPTQ and SparseGPT report it.
///
/// Source: `opt_eval` in IST-DASLab/gptq's opt.py; `gptq.md` section 6, in float32.
package struct WindowPerplexity: Sendable, Equatable {
  /// Of each window: the mean negative log-probability of all its tokens but the first, in nats.
  package let windowLosses: [Double]

  /// exp of the mean over windows.
  package var perplexity: Double { exp(windowLosses.reduce(0, +) / Double(windowLosses.count)) }

  /// - Parameter score: the scores of windows, in their order.
  package init(of windows: [[Int]], score: (_ windows: [EncodedRequest]) throws -> [RequestScore]) rethrows {
    let requests = windows.map { window in
      precondition(window.count > 1, "a window of \(window.count) tokens predicts nothing")
      return EncodedRequest(context: [window[0]], continuation: Array(window.dropFirst()))
    }
    windowLosses = zip(requests, try score(requests)).map { request, score in
      -score.logLikelihood / Double(request.continuation.count)
    }
  }

  /// - Throws: `RequestError` for a window that goes beyond the model's table of positions.
  package init(
    of model: some LanguageModel, prompts: PromptBank? = nil, windows: [[Int]], workers: Workers,
    progress: @Sendable (_ windows: Int, _ tokens: Int) throws -> Void = { _, _ in }
  ) throws {
    let scorer = LogLikelihoodScorer(
      model: model, prompts: prompts, maximumLength: windows.map(\.count).max() ?? 0, workers: workers)
    try self.init(of: windows) { try scorer.scores(of: $0, progress: progress) }
  }
}
