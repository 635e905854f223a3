import Models

/// The cells of one model of a suite, planned, with what they are scored on.
struct PreparedCells: Sendable {
  let tokenizer: Tokenizer
  let tasks: [ScoredTask]
  let texts: [ScoredText]
  var cells: [PlannedCell]

  /// - Throws: what is wrong with the tokenizer, a task's files or a text.
  init(
    _ model: some LanguageModel, _ setting: ModelSetting, suite: Suite, sources: SuiteSources, limit: Int?,
    program: String, fault: InjectedFault? = nil
  ) throws {
    let tokenizer = try Tokenizer(folder: sources.path(setting.folder))
    var tasks = try suite.tasks.map { task in
      try ScoredTask(
        task, sources: sources, evaluation: suite.evaluation, limit: limit, tokenizer: tokenizer,
        maximumLength: model.shape.maximumPositions)
    }
    if fault == .shiftedGold { tasks = tasks.map { $0.shiftingGold() } }
    let texts = try suite.perplexities.map {
      try ScoredText($0, sources: sources, limit: limit, tokenizer: tokenizer)
    }
    var suite = suite
    suite.recoveries = suite.recoveries.map { $0.resolved(for: model.shape) }
    cells = try Planner(suite: suite, program: program, limit: limit, fault: fault)
      .cells(model: setting, size: ModelSize(of: model), tasks: tasks, texts: texts)
    self.tokenizer = tokenizer
    self.tasks = tasks
    self.texts = texts
  }
}
