import Artifacts
import Evaluation
import Foundation
import Models
import Results
import Tensors

/// What a person may set about a run without changing the suite's question.
package struct RunOptions: Sendable {
  package var workers: Workers
  package var storeFolder: String
  package var resultsFolder: String
  /// Takes the place of the suite's data folder.
  package var data: String?
  /// Scores at most so many documents a task; the results are then marked as not comparable.
  package var limit: Int?
  package var times = Times.kept
  package var programVersion: String
  /// Runs these of the suite's cells; nil for all.
  package var cells: Set<Cell>?
  /// Tokens that are scored together on one thread; nil for what is usual. It changes no result.
  package var tokensTogether: Int?
  /// Makes the cells in an order drawn by this number; nil for the suite's own. It changes no result.
  package var orderSeed: UInt64?
  /// Computes with a fault, and lends stages from the store without writing to it. For `FaultRun` only.
  var fault: InjectedFault?
  /// Where a run with a fault keeps its own stages.
  var faultStore: String?

  /// Which of the suite's times are measured.
  package enum Times: Sendable {
    /// Those that no earlier run has measured on this machine.
    case kept
    case anew
    case none
  }

  package init(
    workers: Workers, storeFolder: String, resultsFolder: String, data: String? = nil, limit: Int? = nil,
    programVersion: String, cells: Set<Cell>? = nil
  ) {
    self.cells = cells
    self.workers = workers
    self.storeFolder = storeFolder
    self.resultsFolder = resultsFolder
    self.data = data
    self.limit = limit
    self.programVersion = programVersion
  }
}

/// What came of a run: a result for each cell, or the reason why there is none.
package struct RunOutcome: Sendable {
  package var results: [Cell: CellResult] = [:]
  package var failures: [Cell: any Error] = [:]
}

/// Runs a suite: verifies its sources, then makes each cell from its stages, and writes a result file a cell.
package struct Runner {
  let suite: Suite
  let options: RunOptions
  let sources: SuiteSources
  let store: StageStore
  let shouldStop: @Sendable () -> Bool
  let report: @Sendable (RunEvent) -> Void

  package init(
    suite: Suite, file: String, options: RunOptions, shouldStop: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.suite = suite
    self.options = options
    sources = SuiteSources(suite, suiteFile: file, data: options.data)
    store =
      options.faultStore.map { StageStore(folder: $0, borrowingFrom: options.storeFolder) }
      ?? StageStore(folder: options.storeFolder)
    self.shouldStop = shouldStop
    self.report = report
  }

  /// - Throws: what concerns every cell, such as a missing source, or `RunStopped`. What concerns one cell is in the
  ///   outcome, and the others go on.
  package func run() throws -> RunOutcome {
    // Whatever becomes of this run, no result of an earlier one must be taken for one of it. What that one computed is
    // in the store.
    let wanted = try suite.cells().filter { options.cells?.contains($0) ?? true }
    for path in wanted.map(path) {
      for file in [path, DocumentRecords.path(besideResult: path)] {
        try? FileManager.default.removeItem(atPath: file)
      }
    }
    try sources.verify(suite)
    store.removeAbandoned()
    let program = try programDigest()
    var outcome = RunOutcome()
    for setting in suite.models where options.cells?.contains(where: { $0.model == setting.name }) ?? true {
      let model = try loadModel(folder: sources.path(setting.folder), checkingNumbersWith: options.workers)
      try run(model, setting, program: program, outcome: &outcome)
    }
    return outcome
  }

  func path(of cell: Cell) -> String { options.resultsFolder + "/" + cell.path }

  /// All cells of one model.
  private func run(
    _ model: some LanguageModel, _ setting: ModelSetting, program: String, outcome: inout RunOutcome
  ) throws {
    var prepared = try PreparedCells(
      model, setting, suite: suite, sources: sources, limit: options.limit, program: program, fault: options.fault)
    if let wanted = options.cells { prepared.cells.removeAll { !wanted.contains($0.cell) } }
    if let seed = options.orderSeed {
      var stream = RandomStream(seed: seed, purpose: "order of cells")
      prepared.cells = stream.nextPermutation(of: prepared.cells.count).map { prepared.cells[$0] }
    }
    let cells = prepared.cells
    announce(cells)
    let maker = StageMaker(
      suite: suite, sources: sources, store: store, workers: options.workers, modelFolder: sources.path(setting.folder),
      modelName: setting.name, tokenizer: prepared.tokenizer, shouldStop: shouldStop, report: report,
      schedule: options.tokensTogether.map { ScoringSchedule(pieceSize: $0) } ?? ScoringSchedule(), fault: options.fault
    )
    for (number, planned) in cells.enumerated() {
      report(.cellBegan(planned.cell, number: number + 1, of: cells.count))
      do {
        let result = try make(planned, from: model, prepared, setting: setting, maker: maker)
        try ResultFile.write(result, to: path(of: planned.cell))
        outcome.results[planned.cell] = result
        report(.cellEnded(result))
      } catch let stopped as RunStopped {
        throw stopped
      } catch {
        outcome.failures[planned.cell] = error
        report(.cellFailed(planned.cell, error))
      }
    }
    // With a fault nothing is timed: it would show nothing, and take as long again for each.
    if let latency = suite.latency, options.fault == nil, options.times != .none {
      try time(cells, of: model, latency, program: program, maker: maker, outcome: &outcome)
    }
  }

  /// One cell: compress, recover, score, and write down what came of it.
  private func make<Model: LanguageModel>(
    _ planned: PlannedCell, from dense: Model, _ prepared: PreparedCells, setting: ModelSetting, maker: StageMaker
  ) throws -> CellResult {
    let compressed = try planned.compressing.map { try maker.compress(dense, planned.compression, stage: $0) }
    let model = try compressed.map { try Model(folder: $0.stage.folder) } ?? dense
    var adapters = try planned.training.map {
      try maker.train($0.setting, of: model, by: suite.training(of: planned.compression), stage: $0.stage)
    }
    if options.fault == .swappedPrompts { adapters.reverse() }
    let recovered = try RecoveredModel(model, planned.recovery, adapters: adapters)
    let scored = try zip(prepared.tasks, planned.scoring).map { try maker.score($0, by: recovered, stage: $1) }
    let perplexities = try zip(prepared.texts, planned.perplexities).map {
      try maker.measure($0, by: recovered, stage: $1)
    }
    let similarity = try planned.similarity.flatMap { stage in
      try suite.similarity.map { try maker.compare(recovered, to: dense, $0, stage: stage) }
    }
    try DocumentRecords.write(
      StageMaker.documentLines(of: scored.map(\.stage)), besideResult: path(of: planned.cell))
    var seconds = [
      "compress": compressed?.stage.seconds ?? 0, "train": adapters.reduce(0) { $0 + $1.stage.seconds },
      "score": scored.reduce(0) { $0 + $1.stage.seconds },
    ]
    if !perplexities.isEmpty { seconds["perplexity"] = perplexities.reduce(0) { $0 + $1.stage.seconds } }
    if let similarity { seconds["similarity"] = similarity.stage.seconds }
    return CellResult(
      suite: suite.name, cell: planned.cell, seed: suite.seed,
      notComparableReason: notComparableReason,
      provenance: provenance(of: planned, setting: setting), parameters: recovered.parameters,
      compression: compressed?.summary, training: adapters.count == 1 ? adapters[0].summary : nil,
      prompting: recovered.prompting, tasks: scored.map(\.result),
      perplexities: perplexities.isEmpty ? nil : perplexities.map(\.result), similarity: similarity?.result,
      environment: Environment(programVersion: options.programVersion),
      timing: Timing(threads: options.workers.threadCount, secondsByStage: seconds))
  }

  private var notComparableReason: String? {
    let reasons = [
      options.limit.map { "at most \($0) documents of each task were scored (--limit)" },
      options.fault.map { "computed with a fault: \($0.title)" },
    ].compactMap(\.self)
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  private func provenance(of planned: PlannedCell, setting: ModelSetting) -> [String: String] {
    var digests = ["question": planned.question]
    for (file, digest) in setting.sha256 { digests["model/\(file)"] = digest }
    digests["calibration"] = suite.calibration(of: planned.compression)?.sha256
    if !planned.training.isEmpty { digests["training"] = suite.training(of: planned.compression)?.sha256 }
    for perplexity in suite.perplexities { digests["perplexity/\(perplexity.name)"] = perplexity.sha256 }
    digests["similarity"] = suite.similarity?.sha256
    for task in suite.tasks {
      digests[CellResult.provenanceName(ofTask: task.task)] =
        task.sha256.count == 1 ? task.sha256[0] : sha256(task.sha256.joined(separator: "\n").utf8)
    }
    return digests
  }

  private func announce(_ cells: [PlannedCell]) {
    var work: [StageKey: Double] = [:]
    for cell in cells {
      for stage in cell.stages { work[stage.key] = stage.work }
    }
    let isStored = work.keys.filter { store.stored($0) != nil }
    let open = work.filter { !isStored.contains($0.key) }.map(\.value).sorted()
    report(
      .planned(cells: cells.count, stages: work.count, storedStages: isStored.count, work: open.reduce(0, +)))
  }
}
