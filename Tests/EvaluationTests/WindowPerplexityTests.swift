import Evaluation
import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct WindowPerplexityTests {
  private let one = Workers(threadCount: 1)
  private let windows = [[3, 1, 4, 1, 5, 9], [2, 6], [5, 3, 5, 8]]

  @Test func `a model that knows nothing has the size of the vocabulary`() throws {
    var model = try Llama.random()
    model.separateHead = Weight(Matrix(rows: 32, columns: 16))
    let found = try WindowPerplexity(of: model, windows: windows, workers: one)
    // log 32 in each window; a few roundings in double precision.
    #expect(found.windowLosses.allSatisfy { abs($0 - log(32)) < 1e-14 })
    #expect(abs(found.perplexity - 32) < 1e-12)
  }

  @Test func `a window's loss is the mean over all its tokens but the first`() throws {
    let model = try Llama.random()
    let found = try WindowPerplexity(of: model, windows: windows, workers: one)
    for (window, loss) in zip(windows, found.windowLosses) {
      let logits = model.logits(of: window)
      let terms = (1..<window.count).map { -plainLogProbability(of: window[$0], in: logits.row($0 - 1)) }
      // Logits of a few units differ with the number of rows computed at once by some 1e-6.
      #expect(abs(loss - terms.reduce(0, +) / Double(terms.count)) < 1e-5)
    }
  }

  @Test func `windows of different lengths count alike`() throws {
    let found = try WindowPerplexity(of: try Llama.random(), windows: windows, workers: one)
    let mean = (found.windowLosses[0] + found.windowLosses[1] + found.windowLosses[2]) / 3
    #expect(abs(found.perplexity / exp(mean) - 1) < 1e-14)
  }

  @Test func `a window does not know of the others, nor of the threads`() throws {
    let model = try Llama.random()
    let together = try WindowPerplexity(of: model, windows: windows, workers: one)
    for (window, loss) in zip(windows, together.windowLosses) {
      #expect(try WindowPerplexity(of: model, windows: [window], workers: one).windowLosses == [loss])
    }
    for threadCount in [2, 3] {
      #expect(try WindowPerplexity(of: model, windows: windows, workers: Workers(threadCount: threadCount)) == together)
    }
  }
}

/// log softmax(logits)[token], as it is defined.
func plainLogProbability(of token: Int, in logits: [Float]) -> Double {
  Double(logits[token]) - log(logits.reduce(0) { $0 + exp(Double($1)) })
}
