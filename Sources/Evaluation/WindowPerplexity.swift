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

  package init(of model: some LanguageModel, windows: [[Int]], workers: Workers) throws {
    windowLosses = try workers.map(windows.count) { index in
      let tokens = windows[index]
      precondition(tokens.count > 1, "a window of \(tokens.count) tokens predicts nothing")
      let scores = model.logits(of: Array(tokens.dropLast())).logProbabilities(of: Array(tokens.dropFirst()))
      return -scores.reduce(0) { $0 + $1.logProbability } / Double(scores.count)
    }
  }
}
