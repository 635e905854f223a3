import Models
import Tensors

/// Which linear layers of a block are compressed together: their inputs are gathered before any of them is changed.
package enum LayerGrouping: Sendable, Equatable {
  /// All of them.
  case wholeBlock
  /// Those with the same input, in the order in which they run, each group seeing what the groups before it have become
  /// ("true-sequential").
  case sameInput
}

/// A linear layer that has just been compressed.
package struct CompressedLayer: Sendable {
  package let name: LinearName
  package let matrix: CompressedMatrix
  /// What was gathered of its inputs.
  package let inputs: InputStatistics
  package let report: LayerReport
}

extension LanguageModel {
  /// Compresses the model block by block: what the method needs of the inputs of a block's linear layers is gathered from
  /// calibration sequences that have passed through the blocks before it as they are now, compressed; then the block's
  /// layers are compressed, and the sequences pass through the result.
  ///
  /// Source: `llama_sequential` in IST-DASLab/gptq's llama.py; `gptq.md` section 4.
  ///
  /// - Parameters:
  ///   - calibration: token sequences; may be empty for a method that needs no inputs.
  ///   - visit: is shown each layer when it is done, in the order in which they are.
  /// - Returns: a report for each layer, in the order of the model's linear layers.
  /// - Throws: `CompressionError`, naming the layer.
  package mutating func compress(
    by method: some LayerCompressor, calibration: [[Int]], grouping: LayerGrouping = .wholeBlock, workers: Workers,
    visit: (CompressedLayer) throws -> Void = { _ in }
  ) throws -> [LayerReport] {
    precondition(method.needs == .nothing || !calibration.isEmpty, "no calibration sequences")
    let base = self
    let sequences = method.needs == .nothing ? [] : calibration
    var hidden = try workers.map(sequences.count) {
      base.hiddenStates(base.embedded(sequences[$0]), at: sequences[$0].indices)
    }
    var reports: [LayerReport] = []
    for block in 0..<shape.blockCount {
      var blockReports: [String: LayerReport] = [:]
      for groups in grouping == .wholeBlock ? [Self.linearGroups] : Self.linearGroups.map({ [$0] }) {
        let inputs = try gatherInputs(of: groups, needs: method.needs, block: block, hidden, workers: workers)
        for (paths, gathered) in zip(groups, inputs) {
          let compression = GroupCompression(method: method, gathered: gathered, workers: workers)
          let names = paths.map { LinearName(block: block, path: $0) }
          let weights = names.map { (name: weightName(of: $0), weight: self[$0].weight.matrix) }
          for (name, result) in zip(names, try compression.results(for: weights)) {
            self[name].weight = Weight(result.matrix.weight)
            blockReports[name.path] = result.report
            try visit(
              CompressedLayer(
                name: name, matrix: result.matrix, inputs: gathered.statistics, report: result.report))
          }
        }
      }
      reports += Self.linearPaths.compactMap { blockReports[$0] }
      hidden = try run(block: block, hidden, workers: workers)
    }
    return reports
  }

  /// Sequences whose layer inputs are held at once: fixed, to bound the memory.
  private static var sequencesHeld: Int { 8 }

  /// What is gathered of the input of each group of layers.
  private func gatherInputs(
    of groups: [[String]], needs: InputStatistics.Kind, block: Int, _ hidden: [Matrix], workers: Workers
  ) throws -> [GatheredInput] {
    let gatherers = groups.map { group in
      Gatherer(needs, width: self[LinearName(block: block, path: group[0])].weight.columnCount)
    }
    for start in stride(from: 0, to: hidden.count, by: Self.sequencesHeld) {
      let sequences = hidden[start..<min(start + Self.sequencesHeld, hidden.count)]
      let inputs = try workers.map(sequences.count) { index in
        var inputs: [Matrix?] = groups.map { _ in nil }
        var pass = ForwardPass(observer: { observation in
          guard case .linearInput(let paths, let input) = observation else { return }
          if let place = groups.firstIndex(where: { Set($0) == Set(paths) }) { inputs[place] = input }
        })
        let sequence = sequences[start + index]
        _ = runBlock(block, sequence, angles: angles(at: 0..<sequence.rowCount), &pass)
        return inputs.map { input in
          guard let input else { preconditionFailure("no input of \(groups) was seen") }
          return input
        }
      }
      // Each is summed in the order of the sequences.
      workers.forEach(groups.count) { group in
        for sequence in inputs { gatherers[group].add(sequence[group]) }
      }
    }
    return gatherers.map(\.input)
  }

  private func run(block: Int, _ hidden: [Matrix], workers: Workers) throws -> [Matrix] {
    try workers.map(hidden.count) { index in
      var pass = ForwardPass()
      return runBlock(block, hidden[index], angles: angles(at: 0..<hidden[index].rowCount), &pass)
    }
  }
}
