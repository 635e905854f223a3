import Results

/// The results of one suite, with what its cells' names stand for.
package struct SuiteEvidence: Sendable {
  package struct Compression: Equatable, Sendable {
    package var name: String
    package var isDense: Bool
    /// Of quantization; nil for anything else.
    package var bits: Int?
    /// As a suite names it, such as "gptq"; nil for the dense model.
    package var method: String?
    /// The share of weights that pruning makes zero; nil for anything else, and for a pattern.
    package var sparsity: Double?
    /// The zeros among so many weights in a row, such as "2:4".
    package var pattern: String?

    package init(
      name: String, isDense: Bool, bits: Int?, method: String? = nil, sparsity: Double? = nil, pattern: String? = nil
    ) {
      self.name = name
      self.isDense = isDense
      self.bits = bits
      self.method = method
      self.sparsity = sparsity
      self.pattern = pattern
    }
  }

  package struct Recovery: Equatable, Sendable {
    package enum Kind: String, Sendable {
      case none
      case lora
      case prompt
      case prefix
      case idp
      case concatenation
    }

    package var name: String
    package var kind: Kind
    /// Of a prompt or a prefix; of IDP, the mean over the prompts that it chooses among.
    package var tokens: Double?
    /// A rank, or tokens; of several prompts, the tokens of all of them together.
    package var size: Int?
    /// The recoveries whose prompts this one combines.
    package var prompts: [String]

    package init(name: String, kind: Kind, tokens: Double?, size: Int? = nil, prompts: [String] = []) {
      self.name = name
      self.kind = kind
      self.tokens = tokens
      self.size = size
      self.prompts = prompts
    }
  }

  package let suite: String
  package let models: [String]
  package let compressions: [Compression]
  package let recoveries: [Recovery]
  /// The cells that the suite has; nil for all that its names make.
  private let cells: Set<Cell>?
  private let results: [Cell: CellResult]
  private let failures: [Cell: String]
  private let files: [Cell: EvidenceFile]

  /// A cell and what the suite measured of it, or why there is nothing to be judged.
  package struct Finding: Sendable {
    package let cell: Cell
    package let compression: Compression
    package let recovery: Recovery
    package let result: CellResult?
    package let file: EvidenceFile?
    /// Nil where there is a result.
    package let problem: String?
  }

  /// - Parameters:
  ///   - results: Of cells of this suite only; results of another suite would be taken for its own.
  ///   - failures: Why a cell has no usable result, where that is known.
  package init(
    suite: String, models: [String], compressions: [Compression], recoveries: [Recovery],
    cells: Set<Cell>? = nil, results: [Cell: CellResult], failures: [Cell: String], files: [Cell: EvidenceFile]
  ) {
    self.cells = cells
    self.suite = suite
    self.models = models
    self.compressions = compressions
    self.recoveries = recoveries
    self.results = results
    self.failures = failures
    self.files = files
  }

  /// The result of a cell, noted as evidence.
  func result(
    _ model: String, _ compression: Compression, _ recovery: Recovery, _ inputs: inout ClaimInputs
  ) throws(MissingInput) -> CellResult {
    let result = try result(model, compression, recovery)
    if let file = files[result.cell] { inputs.use(file) }
    return result
  }

  /// Every cell of the suite, in its order.
  package func findings() -> [Finding] {
    models.flatMap { model in
      compressions.flatMap { compression in
        recoveries.compactMap { finding(model, compression, $0) }
      }
    }
  }

  /// Nil for names that no cell of the suite has.
  package func finding(_ model: String, _ compression: Compression, _ recovery: Recovery) -> Finding? {
    guard let cell = try? Cell(model: model, compression: compression.name, recovery: recovery.name),
      cells?.contains(cell) ?? true
    else { return nil }
    do throws(MissingInput) {
      let result = try result(model, compression, recovery)
      return Finding(
        cell: cell, compression: compression, recovery: recovery, result: result, file: files[cell], problem: nil)
    } catch {
      return Finding(
        cell: cell, compression: compression, recovery: recovery, result: nil, file: nil, problem: error.what)
    }
  }

  /// A result that may be judged.
  private func result(
    _ model: String, _ compression: Compression, _ recovery: Recovery
  ) throws(MissingInput) -> CellResult {
    let cell: Cell
    do throws(ResultError) {
      cell = try Cell(model: model, compression: compression.name, recovery: recovery.name)
    } catch {
      throw MissingInput(what: "no cell can have the names \(model), \(compression.name) and \(recovery.name)")
    }
    guard let result = results[cell] else {
      throw MissingInput(what: failures[cell] ?? "the suite \(suite) has no result of \(cell)")
    }
    let unfit = guardFailures(of: result, suite: suite, cell: cell)
    if let first = unfit.first { throw MissingInput(what: "\(cell): \(first.name): \(first.detail)") }
    return result
  }

  /// Whether the suite tries a recovery on what a compression leaves.
  func tries(_ recovery: Recovery, on compression: Compression) -> Bool {
    models.allSatisfy { model in
      guard let cell = try? Cell(model: model, compression: compression.name, recovery: recovery.name) else {
        return false
      }
      return cells?.contains(cell) ?? true
    }
  }

  /// Those of the compressions on which all of these recoveries are tried, so that they can be held against one another.
  func compressions(
    among compressions: [Compression], trying recoveries: [Recovery]
  ) throws(MissingInput) -> [Compression] {
    let fit = compressions.filter { compression in recoveries.allSatisfy { tries($0, on: compression) } }
    guard !fit.isEmpty || compressions.isEmpty else {
      throw MissingInput(
        what: "the suite \(suite) tries \(listed(recoveries.map(\.name))) together on no compression")
    }
    return fit
  }

  /// The compressions and the recovery that nothing was done in, which every measured claim starts from.
  func roles() throws(MissingInput) -> (dense: Compression, compressed: [Compression], unrecovered: Recovery) {
    guard let dense = compressions.first(where: \.isDense) else {
      throw MissingInput(what: "the suite \(suite) has no dense model")
    }
    guard let unrecovered = recoveries.first(where: { $0.kind == .none }) else {
      throw MissingInput(what: "the suite \(suite) scores no model without a recovery")
    }
    return (dense, compressions.filter { !$0.isDense }, unrecovered)
  }

  /// "suite stories: stories260K; arc_easy 100, piqa 100 documents".
  func scale(_ result: CellResult) -> String {
    scale(result.tasks.map { ($0.name, $0.documents) })
  }

  func scale(_ entry: SuiteLedger.Entry) -> String { scale(entry.tasks.map { ($0.name, $0.ledger.documents) }) }

  private func scale(_ tasks: [(name: String, documents: Int)]) -> String {
    let counts = tasks.map { "\($0.name) \($0.documents)" }.joined(separator: ", ")
    return "suite \(suite); \(listed(models)); documents: \(counts)"
  }
}

/// The tasks of two results, paired; both must have scored the same documents in the same way.
func pairedTasks(
  _ first: CellResult, _ second: CellResult
) throws(MissingInput) -> [(first: TaskResult, second: TaskResult)] {
  var pairs: [(first: TaskResult, second: TaskResult)] = []
  for task in first.tasks {
    let digest = CellResult.provenanceName(ofTask: task.name)
    guard let other = second.tasks.first(where: { $0.name == task.name }) else {
      throw MissingInput(what: "\(second.cell) has not scored \(task.name)")
    }
    guard task.documents == other.documents, task.version == other.version,
      first.provenance[digest] == second.provenance[digest]
    else { throw MissingInput(what: "\(first.cell) and \(second.cell) scored different documents of \(task.name)") }
    pairs.append((task, other))
  }
  guard first.tasks.count == second.tasks.count else {
    throw MissingInput(what: "\(first.cell) and \(second.cell) scored different tasks")
  }
  return pairs
}
