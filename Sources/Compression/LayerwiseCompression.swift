import Models
import Tensors

/// What compressing one linear layer did.
package struct LayerReport: Sendable, Equatable {
  package let layer: String
  /// The compressor's own error measure (`QuantizedMatrix.error`).
  package let error: Double
  package let zeroCount: Int
  package let weightCount: Int
}

extension LanguageModel {
  /// Compresses the model block by block: the Hessians of a block's linear layers are gathered from calibration
  /// sequences that have passed through the blocks before it as they are now, compressed; then the block's layers are
  /// quantized, and the sequences pass through the result.
  ///
  /// Source: `llama_sequential` in IST-DASLab/gptq's llama.py without its options; `gptq.md` section 4.
  ///
  /// - Parameter progress: is told after each block how many are done.
  /// - Throws: `CompressionError`, naming the layer.
  package mutating func compress(
    by method: GPTQ, calibration: [[Int]], workers: Workers, progress: (Int) throws -> Void = { _ in }
  ) throws -> [LayerReport] {
    precondition(!calibration.isEmpty, "no calibration sequences")
    let base = self
    var hidden = try workers.map(calibration.count) {
      base.hiddenStates(base.embedded(calibration[$0]), at: calibration[$0].indices)
    }
    var reports: [LayerReport] = []
    for block in 0..<shape.blockCount {
      let hessians = try gatherHessians(block: block, hidden: hidden, workers: workers)
      for path in Self.linearPaths {
        let name = LinearName(block: block, path: path)
        guard let hessian = hessians[path] else { preconditionFailure("no input of \(path) was seen") }
        let quantized: QuantizedMatrix
        do {
          quantized = try method.quantized(self[name].weight.matrix, hessian: hessian, workers: workers)
        } catch let error as FactorizationError {
          throw error.failingMinor == 0
            ? CompressionError.inputNotFinite(layer: weightName(of: name))
            : .notPositiveDefinite(
              layer: weightName(of: name), minor: error.failingMinor, dampeningFraction: method.dampeningFraction)
        }
        self[name].weight = Weight(quantized.weight)
        let zeroCount = quantized.weight.withElements { $0.count { $0 == 0 } }
        reports.append(
          LayerReport(
            layer: weightName(of: name), error: quantized.error, zeroCount: zeroCount,
            weightCount: quantized.weight.count))
      }
      hidden = try run(block: block, hidden, workers: workers)
      try progress(block + 1)
    }
    return reports
  }

  /// Sequences whose layer inputs are held at once: fixed, to bound the memory.
  private static var sequencesHeld: Int { 8 }

  private func gatherHessians(block: Int, hidden: [Matrix], workers: Workers) throws -> [String: Hessian] {
    var hessians: [String: Hessian] = [:]
    for start in stride(from: 0, to: hidden.count, by: Self.sequencesHeld) {
      let sequences = hidden[start..<min(start + Self.sequencesHeld, hidden.count)]
      let inputs = try workers.map(sequences.count) { index in
        var inputs: [(paths: [String], input: Matrix)] = []
        var pass = ForwardPass(observer: { observation in
          if case .linearInput(let paths, let input) = observation { inputs.append((paths, input)) }
        })
        let sequence = sequences[start + index]
        _ = runBlock(block, sequence, angles: angles(at: 0..<sequence.rowCount), &pass)
        return inputs
      }
      // Layers with the same input share its Hessian. Each is summed in the order of the sequences.
      let known = hessians
      let groups = inputs[0].map(\.paths)
      let sums = try workers.map(groups.count) { group in
        var hessian = known[groups[group][0]] ?? Hessian(width: inputs[0][group].input.columnCount)
        for sequence in inputs { hessian.add(sequence[group].input) }
        return hessian
      }
      for (paths, sum) in zip(groups, sums) { for path in paths { hessians[path] = sum } }
    }
    return hessians
  }

  private func run(block: Int, _ hidden: [Matrix], workers: Workers) throws -> [Matrix] {
    try workers.map(hidden.count) { index in
      var pass = ForwardPass()
      return runBlock(block, hidden[index], angles: angles(at: 0..<hidden[index].rowCount), &pass)
    }
  }
}
