import Artifacts
import Models
import Results
import Tensors

/// One stage of a plan: what goes in, and how much work it is.
package struct PlannedStage: Sendable {
  package let key: StageKey
  /// For people, such as "training prompt-26".
  package let name: String
  /// Multiply-adds, about.
  package let work: Double
}

/// The stages that one cell is made of. Cells share stages whose keys are equal.
struct PlannedCell: Sendable {
  let cell: Cell
  let compression: CompressionSetting
  let recovery: RecoverySetting
  /// nil for a model that is left dense.
  let compressing: PlannedStage?
  /// One for each adapter that the recovery needs, with the setting that trains it.
  let training: [(setting: RecoverySetting, stage: PlannedStage)]
  /// One a task.
  let scoring: [PlannedStage]
  /// One a text.
  let perplexities: [PlannedStage]
  let similarity: PlannedStage?
  /// The digest of everything that the cell asks.
  let question: String

  /// In the order in which they are made.
  var stages: [PlannedStage] {
    [compressing].compactMap(\.self) + training.map(\.stage) + scoring + perplexities
      + [similarity].compactMap(\.self)
  }
}

/// Turns a suite's grid into stages, each named by the digest of everything that goes into it.
///
/// The program itself goes in too: another build of it may compute something else, and must not take its results from
/// what this one stored.
struct Planner {
  let suite: Suite
  let program: String
  let limit: Int?
  /// nil in any run whose results count.
  var fault: InjectedFault?

  func cells(
    model setting: ModelSetting, size: ModelSize, tasks: [ScoredTask], texts: [ScoredText]
  ) throws(ResultError) -> [PlannedCell] {
    var cells: [PlannedCell] = []
    for compression in suite.compressions {
      let compressing = compressingStage(compression, model: setting, size: size)
      let base: CanonicalJSON = compressing.map { .string($0.key.digest) } ?? setting.canonical
      for recovery in suite.recoveries(of: compression) {
        let cell = try Cell(model: setting.name, compression: compression.name, recovery: recovery.name)
        let trained = trainedSettings(of: recovery)
        let recipe = suite.training(of: compression)
        let training = trained.map { ($0, trainingStage($0, by: recipe, base: base, size: size)) }
        let recovered: [String: CanonicalJSON] = [
          "model": base, "recovery": recovery.method.canonical, "adapters": .strings(training.map(\.1.key.digest)),
        ]
        let scoring = tasks.map { scoringStage($0, of: recovered, size: size) }
        let similarity = suite.similarity.map { similarityStage($0, of: recovered, to: setting, size: size) }
        var question: [String: CanonicalJSON] = [
          "seed": .string(String(suite.seed)), "model": setting.canonical, "compression": compression.method.canonical,
          "calibration": suite.calibration(of: compression)?.canonical ?? .null,
          "recovery": recovery.method.canonical,
          "trained": .array(trained.map(\.method.canonical)),
          "training": trained.isEmpty ? .null : recipe?.canonical ?? .null,
          "evaluation": suite.evaluation.canonical, "tasks": .array(suite.tasks.map(\.canonical)),
        ]
        question.merge(suite.canonicalMeasurements) { $1 }
        cells.append(
          PlannedCell(
            cell: cell,
            compression: compression, recovery: recovery, compressing: compressing, training: training,
            scoring: scoring, perplexities: texts.map { perplexityStage($0, of: recovered, size: size) },
            similarity: similarity, question: sha256(CanonicalJSON.object(question).text.utf8)))
      }
    }
    return cells
  }

  /// The recoveries whose trained parameters this one uses: itself, or the prompts that it chooses among.
  private func trainedSettings(of recovery: RecoverySetting) -> [RecoverySetting] {
    switch recovery.method {
    case .none: []
    case .lora, .prompt, .prefix: [recovery]
    case .idp, .concatenation:
      recovery.method.combinedPrompts.compactMap { name in suite.recoveries.first { $0.name == name } }
    }
  }

  private func key(_ kind: String, _ content: [String: CanonicalJSON]) -> StageKey {
    var content = content
    content["stage"] = .string(kind)
    content["program"] = .string(program)
    content["kernel"] = .string(OpenBLAS.kernel)
    if let fault, fault.stage == kind { content["fault"] = .string(fault.rawValue) }
    return StageKey(.object(content))
  }

  private func compressingStage(
    _ compression: CompressionSetting, model: ModelSetting, size: ModelSize
  ) -> PlannedStage? {
    guard compression.method != .dense else { return nil }
    let calibration = suite.calibration(of: compression)
    let tokens = calibration.map { Double($0.samples * $0.length) } ?? 1
    return PlannedStage(
      key: key(
        "compress",
        [
          "model": model.canonical, "method": compression.method.canonical,
          "calibration": calibration?.canonical ?? .null,
        ]),
      name: "compressing by \(compression.name)",
      // Every sequence runs through each block twice, and its inputs make the Hessians.
      work: tokens * (2 * size.blockWeights + size.squaredInputs))
  }

  private func trainingStage(
    _ setting: RecoverySetting, by training: TrainingSetting?, base: CanonicalJSON, size: ModelSize
  ) -> PlannedStage {
    let sequences = Double((training?.steps ?? 0) * (training?.batch ?? 0))
    var length = Double(training?.length ?? 0)
    if case .prompt(let prompt) = setting.method { length += Double(prompt.tokens) }
    return PlannedStage(
      key: key(
        "train",
        [
          "model": base, "method": setting.method.canonical, "training": training?.canonical ?? .null,
          "seed": .string(String(suite.seed)),
        ]),
      name: "training \(setting.name)",
      // Forward, forward again within the blocks, and backward; the head forward and backward.
      work: sequences * length * (3 * size.blockWeights + 2 * size.headWeights))
  }

  private func scoringStage(
    _ task: ScoredTask, of recovered: [String: CanonicalJSON], size: ModelSize
  ) -> PlannedStage {
    PlannedStage(
      key: key(
        "score",
        recovered.merging([
          "task": task.setting.canonical, "version": .string(task.version), "evaluation": suite.evaluation.canonical,
          "limit": .optional(limit),
        ]) { $1 }),
      name: "scoring \(task.setting.task)", work: Double(task.tokenCount) * size.blockWeights)
  }

  private func perplexityStage(
    _ text: ScoredText, of recovered: [String: CanonicalJSON], size: ModelSize
  ) -> PlannedStage {
    PlannedStage(
      // The limit of a run is among the text's own.
      key: key("perplexity", recovered.merging(["text": text.setting.canonical]) { $1 }),
      name: "perplexity of \(text.setting.name)",
      work: Double(text.tokenCount) * (size.blockWeights + size.headWeights))
  }

  private func similarityStage(
    _ setting: SimilaritySetting, of recovered: [String: CanonicalJSON], to dense: ModelSetting, size: ModelSize
  ) -> PlannedStage {
    PlannedStage(
      key: key("similarity", recovered.merging(["dense": dense.canonical, "texts": setting.canonical]) { $1 }),
      name: "similarity to the dense model",
      work: 2 * Double(setting.samples * setting.length) * size.blockWeights)
  }
}

/// How much work a token is for a model.
struct ModelSize: Sendable {
  /// Weights of all blocks' linear layers: multiply-adds a token.
  let blockWeights: Double
  let headWeights: Double
  /// Σ in² over the distinct inputs of the linear layers: multiply-adds a token of their Hessians.
  let squaredInputs: Double

  init(of model: some LanguageModel) {
    var weights = 0.0
    var squares: [String: Double] = [:]
    for name in model.linearNames {
      let weight = model[name].weight
      weights += Double(weight.count)
      squares["\(name.block) \(weight.columnCount)"] = Double(weight.columnCount * weight.columnCount)
    }
    blockWeights = weights
    headWeights = Double(model.shape.vocabularySize * model.shape.width)
    squaredInputs = squares.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
  }
}
