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
  /// layers are compressed, and the sequences pass through the result. All of it in memory, as floats.
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
    var compression = LayerwiseCompression(
      of: self, by: method, calibration: calibration, grouping: grouping, form: .values(.float32), workers: workers)
    try compression.embed(file: nil)
    var reports: [LayerReport] = []
    for block in 0..<shape.blockCount {
      reports += try compression.compress(block: block, visit: visit)
      try compression.passThrough(block: block, file: nil)
    }
    self = compression.model
    return reports
  }
}

/// The compression of a model block by block, for whoever keeps what is done after each: what the method needs of the
/// inputs of a block's linear layers is gathered from calibration sequences that have passed through the blocks before it
/// as they are now, compressed; then the block's layers are compressed, and the sequences pass through the result.
///
/// How much is done at once is a matter of memory; the bits are the same.
///
/// Source: `llama_sequential` in IST-DASLab/gptq's llama.py; `gptq.md` section 4.
struct LayerwiseCompression<Method: LayerCompressor, Model: LanguageModel> {
  var model: Model
  let method: Method
  let sequences: [[Int]]
  let grouping: LayerGrouping
  let form: StoredForm
  let plan: MemoryPlan
  let workers: Workers
  let inputs: BlockInputs
  /// Throws when the work is to be stopped; asked between any two pieces of it.
  let checkStop: @Sendable () throws -> Void

  init(
    of model: Model, by method: Method, calibration: [[Int]], grouping: LayerGrouping, form: StoredForm,
    plan: MemoryPlan = MemoryPlan(), activations: ActivationFormat = .float32, workers: Workers,
    checkStop: @escaping @Sendable () throws -> Void = {}
  ) {
    precondition(method.needs == .nothing || !calibration.isEmpty, "no calibration sequences")
    self.model = model
    self.method = method
    sequences = method.needs == .nothing ? [] : calibration
    self.grouping = grouping
    self.form = form
    self.plan = plan
    self.workers = workers
    self.checkStop = checkStop
    inputs = BlockInputs(
      lengths: sequences.map(\.count), width: model.shape.width, format: activations, isHeld: plan.holdsActivations)
  }

  // MARK: What enters the blocks

  /// Makes what enters the first block, and stores it in a file too where one is named.
  ///
  /// - Returns: the file's digest.
  @discardableResult mutating func embed(file: String?) throws -> String? {
    try inputs.begin(file: sequences.isEmpty ? nil : file)
    let (model, sequences, inputs) = (model, sequences, inputs)
    _ = try workers.map(sequences.count) {
      try inputs.store(
        model.hiddenStates(model.embedded(sequences[$0]), at: sequences[$0].indices), sequence: $0)
    }
    return try inputs.finish()
  }

  /// Makes what enters the next block, and stores it in a file too where one is named.
  ///
  /// - Returns: the file's digest.
  @discardableResult mutating func passThrough(block: Int, file: String?) throws -> String? {
    // Nothing comes behind the last one.
    guard block + 1 < model.shape.blockCount, !sequences.isEmpty else { return nil }
    try inputs.begin(file: file)
    let (model, inputs, checkStop) = (model, inputs, checkStop)
    _ = try workers.map(sequences.count) { index in
      try checkStop()
      var pass = ForwardPass()
      let hidden = try inputs[index]
      let angles = model.angles(at: 0..<hidden.rowCount)
      try inputs.store(model.runBlock(block, hidden, angles: angles, &pass), sequence: index)
    }
    return try inputs.finish()
  }

  // MARK: A block

  /// Compresses the layers of a block.
  ///
  /// - Returns: a report for each, in the order of the model's linear layers.
  mutating func compress(
    block: Int, visit: (CompressedLayer) throws -> Void
  ) throws -> [LayerReport] {
    var reports: [String: LayerReport] = [:]
    for stage in grouping == .wholeBlock ? [Model.linearGroups] : Model.linearGroups.map({ [$0] }) {
      // The layers of a stage see the block as it was before any of them: they take their places together.
      var finished: [(name: LinearName, weight: Weight)] = []
      for part in plan.gathersTogether ? [stage] : stage.map({ [$0] }) {
        var gathered = try gatherInputs(of: part, block: block)
        for paths in part {
          let group = GroupCompression(method: method, gathered: gathered.removeFirst().input, workers: workers)
          let names = paths.map { LinearName(block: block, path: $0) }
          let layers = names.map { (name: model.weightName(of: $0), weight: model[$0].weight) }
          try group.compress(layers) { place, matrix, report in
            let weight = try form.weight(matrix, of: layers[place].name, replacing: layers[place].weight)
            finished.append((names[place], weight))
            reports[names[place].path] = report
            try visit(
              CompressedLayer(
                name: names[place], matrix: matrix, inputs: group.gathered.statistics, report: report))
            try checkStop()
          }
        }
      }
      for (name, weight) in finished { model[name].weight = weight }
    }
    return Model.linearPaths.compactMap { reports[$0] }
  }

  /// What is gathered of the input of each group of layers.
  private func gatherInputs(of groups: [[String]], block: Int) throws -> [Gatherer] {
    let gatherers = groups.map { group in
      Gatherer(method.needs, width: model[LinearName(block: block, path: group[0])].weight.columnCount)
    }
    for start in stride(from: 0, to: sequences.count, by: plan.sequencesHeld) {
      let count = min(plan.sequencesHeld, sequences.count - start)
      let seen = try workers.map(count) { index in
        try checkStop()
        var seen: [Matrix?] = groups.map { _ in nil }
        var pass = ForwardPass(observer: { observation in
          guard case .linearInput(let paths, let input) = observation else { return }
          if let place = groups.firstIndex(where: { Set($0) == Set(paths) }) { seen[place] = input }
        })
        let hidden = try inputs[start + index]
        _ = model.runBlock(block, hidden, angles: model.angles(at: 0..<hidden.rowCount), &pass)
        return seen.map { input in
          guard let input else { preconditionFailure("no input of \(groups) was seen") }
          return input
        }
      }
      // Each is summed in the order of the sequences.
      workers.forEach(groups.count) { group in
        for sequence in seen { gatherers[group].add(sequence[group]) }
      }
    }
    return gatherers
  }
}
