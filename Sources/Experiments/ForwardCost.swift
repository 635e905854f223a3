import Models
import Recovery
import Tensors

/// How a model's forward pass differs from that of the model alone.
package struct ForwardChange: Sendable, Equatable {
  /// Of a low-rank update that runs beside the layers; merged, it changes nothing.
  package var lowRank: (method: LowRankAdaptation, execution: LowRankExecution)?
  /// Tokens of each prompt or prefix in front; of several one is chosen.
  package var inFront: [Int]

  package init(
    lowRank: (method: LowRankAdaptation, execution: LowRankExecution)? = nil, inFront: [Int] = []
  ) {
    self.lowRank = lowRank
    self.inFront = inFront
  }

  package static func == (left: ForwardChange, right: ForwardChange) -> Bool {
    left.lowRank?.method == right.lowRank?.method && left.lowRank?.execution == right.lowRank?.execution
      && left.inFront == right.inFront
  }
}

/// What a forward pass through the blocks has to compute and to move, step by step: what lets expect how long it takes.
///
/// A step is a product, or a pass over memory. Each reads its inputs and writes its result once: an attention that
/// keeps its scores to itself is one step. Weights are read once for each piece that runs by itself.
package struct ForwardCost: Sendable, Equatable {
  package struct Step: Sendable, Equatable {
    package let multiplyAdds: Double
    /// Numbers read and written.
    package let numbers: Double

    package init(multiplyAdds: Double = 0, numbers: Double) {
      self.multiplyAdds = multiplyAdds
      self.numbers = numbers
    }
  }

  package private(set) var steps: [Step] = []

  /// - Parameters:
  ///   - blockCount: blocks that run.
  ///   - pieces: sequences run in so many pieces.
  package init(
    of adapted: AdaptedShape, changed change: ForwardChange = ForwardChange(), blockCount: Int, batch: Int, length: Int,
    pieces: Int
  ) {
    let shape = adapted.shape
    let tokens = Double(batch * length)
    let isGated = adapted.layers.contains { $0.path.hasSuffix("gate_proj") }
    let (width, inner) = (Double(shape.width), Double(adapted.feedForwardWidth))
    for layer in adapted.layers {
      let (inputs, outputs) = (Double(layer.inputs), Double(layer.outputs))
      steps.append(
        Step(
          multiplyAdds: tokens * inputs * outputs,
          numbers: tokens * (inputs + outputs) + Double(pieces) * inputs * outputs))
      if let (method, execution) = change.lowRank, execution != .merged, method.adapts(layer.path) {
        addUpdate(Double(method.rank), execution, tokens: tokens, inputs: inputs, outputs: outputs)
      }
    }
    addAttention(shape, change, batch: batch, length: length)
    // Two norms, two sums with what came in, and what is between the layers of the feed-forward layer.
    for _ in 0..<2 { steps += [Step(numbers: 2 * tokens * width), Step(numbers: 3 * tokens * width)] }
    steps.append(Step(numbers: (isGated ? 3 : 2) * tokens * inner))
    steps = (0..<blockCount).flatMap { [steps] _ in steps }
  }

  private mutating func addUpdate(
    _ rank: Double, _ execution: LowRankExecution, tokens: Double, inputs: Double, outputs: Double
  ) {
    steps.append(Step(multiplyAdds: tokens * rank * inputs, numbers: tokens * (inputs + rank) + rank * inputs))
    if execution == .stepByStep {
      // The product with B, its scaling, and the sum, each written out.
      steps.append(Step(multiplyAdds: tokens * rank * outputs, numbers: tokens * (rank + outputs) + rank * outputs))
      steps.append(Step(numbers: 2 * tokens * outputs))
      steps.append(Step(numbers: 3 * tokens * outputs))
    } else {
      // Added to the layer's result where it stands.
      steps.append(
        Step(multiplyAdds: tokens * rank * outputs, numbers: tokens * (rank + 2 * outputs) + rank * outputs))
    }
  }

  private mutating func addAttention(_ shape: ModelShape, _ change: ForwardChange, batch: Int, length: Int) {
    let queryWidth = Double(shape.headCount * shape.headWidth)
    let keyValueWidth = Double(shape.keyValueWidth)
    let tokens = Double(batch * length)
    let seen = change.inFront.isEmpty ? 0 : Double(change.inFront.reduce(0, +)) / Double(change.inFront.count)
    let pairs = Double(batch) * (Double(length) * Double(length + 1) / 2 + Double(length) * seen)
    steps.append(
      Step(
        multiplyAdds: 2 * queryWidth * pairs,
        numbers: 2 * tokens * (queryWidth + keyValueWidth) + 2 * Double(batch) * seen * keyValueWidth))
    if change.inFront.count > 1 {
      // Each prompt's score is the queries times the mean of its keys.
      steps.append(
        Step(multiplyAdds: tokens * queryWidth * Double(change.inFront.count), numbers: tokens * queryWidth))
    }
  }

  package var multiplyAdds: Double { steps.reduce(0) { $0 + $1.multiplyAdds } }
  package var numbers: Double { steps.reduce(0) { $0 + $1.numbers } }

  /// Each step takes as long as its multiply-adds or its numbers need, whichever is more.
  ///
  /// Source: Williams, Waterman and Patterson 2009, "Roofline".
  package func seconds(at rates: MachineRates) -> Double {
    steps.reduce(0) {
      $0 + max($1.multiplyAdds / rates.multiplyAddsPerSecond, $1.numbers * rates.bytesOfNumber / rates.bytesPerSecond)
    }
  }
}
