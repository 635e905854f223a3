import Models

/// How much of a compression is in memory at once. It changes no bit of the result.
package struct MemoryPlan: Sendable, Equatable, Codable {
  /// Whether the activations between the blocks are in memory; otherwise in a file.
  package var holdsActivations = true
  /// Whether the inputs of all layers that are compressed together are gathered in one go. Otherwise those of one group
  /// at a time, and the sequences run through the block again for each.
  package var gathersTogether = true
  /// Sequences whose layer inputs are held at once.
  package var sequencesHeld = 8

  package init() {}

  /// From the fastest to the most sparing.
  fileprivate static func all(threadCount: Int) -> [MemoryPlan] {
    var plans = [MemoryPlan()]
    func add(_ change: (inout MemoryPlan) -> Void) {
      var plan = plans[plans.count - 1]
      change(&plan)
      if plan != plans[plans.count - 1] { plans.append(plan) }
    }
    add { $0.sequencesHeld = min($0.sequencesHeld, threadCount) }
    add { $0.holdsActivations = false }
    add { $0.gathersTogether = false }
    add { $0.sequencesHeld = 1 }
    return plans
  }
}

/// What a compression takes in memory at the most, beside the program, in bytes: predicted from the shapes.
package struct CompressionMemory: Sendable, Equatable {
  /// Between two blocks, where it is in memory.
  package let activations: Int
  /// The embeddings, of which the calibration text touches a row or all.
  package let embeddings: Int
  /// The largest block as the checkpoint has it, and its compressed layers that wait for the others.
  package let block: Int
  /// While inputs are gathered: the statistics, the inputs of the sequences held, and what runs.
  package let gathering: Int
  /// While a layer is compressed: the statistics that are there already, the Hessian's triangle, and the weight's work.
  package let compressing: Int

  /// What the C library keeps of small allocations that were freed, for each thread about so much.
  let pools: Int

  package var peak: Int { pools + activations + max(embeddings, block + max(gathering, compressing)) }

  package init(
    of model: some LanguageModel, by method: some LayerCompressor, sequenceCount: Int, length: Int,
    grouping: LayerGrouping, form: StoredForm, bits: Int?, activations format: ActivationFormat, plan: MemoryPlan,
    threadCount: Int
  ) {
    let float = MemoryLayout<Float>.size
    pools = threadCount << 23
    let (width, sequences) = (model.shape.width, method.needs == .nothing ? 0 : sequenceCount)
    activations = plan.holdsActivations ? sequences * length * width * format.byteCount : 0
    embeddings =
      sequences == 0
      ? 0
      : min(
        Self.storedBytes(model.head), sequences * length * model.shape.embeddingWidth * float)
    let groups = Self.groups(of: model)
    let layers = groups.flatMap(\.self)
    let waiting = layers.reduce(0) { $0 + form.byteCount($1, bits: bits) }
    block = layers.reduce(0) { $0 + Self.storedBytes($1) } + waiting

    func statistics(_ group: [Weight]) -> Int {
      switch method.needs {
      case .nothing: 0
      case .columnNorms: group[0].columnCount * float
      case .hessian: group[0].columnCount * group[0].columnCount * float
      }
    }
    let isTogether = grouping == .wholeBlock && plan.gathersTogether
    let parts = isTogether ? [groups] : groups.map { [$0] }
    let running = min(threadCount, sequences)
    // Each sequence that runs has its hidden states before and after, and the outputs of a group's layers, or the scores
    // of a head's queries.
    let outputs = groups.map { $0.reduce(0) { $0 + $1.rowCount } + $0[0].columnCount }.max() ?? 0
    let work = running * length * (2 * width + outputs + max(0, length - width)) * float
    gathering =
      sequences == 0
      ? 0
      : parts.map { part in
        let widths = part.map { $0[0].columnCount }
        let held = min(plan.sequencesHeld, sequences) * length * widths.reduce(0, +) * float
        let adding = length * widths.sorted().suffix(threadCount).reduce(0, +) * float
        return part.reduce(0) { $0 + statistics($1) } + held + max(work, adding)
      }.max() ?? 0
    compressing =
      parts.map { part in
        part.indices.map { place in
          let there = part[place...].reduce(0) { $0 + statistics($1) }
          let largest = part[place].map(\.count).max() ?? 0
          return there + statistics(part[place]) + largest * method.bytesPerWeight
        }.max() ?? 0
      }.max() ?? 0
  }

  private static func storedBytes(_ weight: Weight) -> Int { weight.count * (weight.storedType ?? .float16).byteCount }

  /// The layers of a block, by their inputs. All blocks are alike.
  private static func groups<Model: LanguageModel>(of model: Model) -> [[Weight]] {
    Model.linearGroups.map { $0.map { model[LinearName(block: 0, path: $0)].weight } }
  }

  /// The fastest plan whose peak is within the limit, with what it takes.
  ///
  /// - Throws: `CompressionError.memoryTooSmall` where there is none.
  package static func plan(
    within limit: Int?, threadCount: Int, memory: (MemoryPlan) -> CompressionMemory
  ) throws(CompressionError) -> (plan: MemoryPlan, memory: CompressionMemory) {
    guard let limit else { return (MemoryPlan(), memory(MemoryPlan())) }
    var least = Int.max
    for plan in MemoryPlan.all(threadCount: threadCount) {
      let memory = memory(plan)
      if memory.peak <= limit { return (plan, memory) }
      least = min(least, memory.peak)
    }
    throw .memoryTooSmall(needed: least, limit: limit)
  }
}
