import Foundation

/// Everything that running one cell of a suite gave, and what it takes to know whether two results may be compared.
package struct CellResult: Codable, Equatable, Sendable {
  /// The version of this structure; a file of another version is refused, not guessed at.
  package static let currentSchemaVersion = 1

  package var schemaVersion = Self.currentSchemaVersion
  package var suite: String
  package var cell: Cell
  package var seed: UInt64
  /// False for a run that was cut short on purpose, such as one with `--limit`; the reason is then given.
  package var isComparable: Bool
  package var notComparableReason: String?
  /// SHA-256 digests of everything that went in, by what it is: `question` (all that the suite asks of this cell but
  /// times), `model/<file>`, `calibration`, `training`, `similarity`, and for the documents of a task or a perplexity
  /// `task/<name>` or `perplexity/<name>`.
  package var provenance: [String: String]
  package var parameters: ParameterCount
  package var compression: CompressionSummary?
  package var training: TrainingSummary?
  /// nil without several prompts.
  package var prompting: PromptingSummary?
  /// In the suite's order.
  package var tasks: [TaskResult]
  /// The mean of the tasks' accuracies, each task counting the same.
  package var averageAccuracy: Double
  /// In the suite's order; nil where the suite asks for none.
  package var perplexities: [CellPerplexity]?
  package var similarity: CellSimilarity?
  /// nil where it was not measured, and for a cell that is what others are measured against.
  package var latency: CellLatency?
  /// Where the result was made. Stored and not compared, but for the kernel: it decides whether bits must be equal.
  package var environment: Environment
  /// Never compared.
  package var timing: Timing

  package init(
    suite: String, cell: Cell, seed: UInt64, notComparableReason: String? = nil, provenance: [String: String],
    parameters: ParameterCount, compression: CompressionSummary? = nil, training: TrainingSummary? = nil,
    prompting: PromptingSummary? = nil, tasks: [TaskResult],
    perplexities: [CellPerplexity]? = nil, similarity: CellSimilarity? = nil, latency: CellLatency? = nil,
    environment: Environment, timing: Timing
  ) {
    self.suite = suite
    self.cell = cell
    self.seed = seed
    self.isComparable = notComparableReason == nil
    self.notComparableReason = notComparableReason
    self.provenance = provenance
    self.parameters = parameters
    self.compression = compression
    self.training = training
    self.prompting = prompting
    self.tasks = tasks
    self.averageAccuracy = Self.average(of: tasks)
    self.perplexities = perplexities
    self.similarity = similarity
    self.latency = latency
    self.environment = environment
    self.timing = timing
  }

  /// Puts another result in the place of the task's of the same name.
  package mutating func replaceTask(_ task: TaskResult) {
    tasks = tasks.map { $0.name == task.name ? task : $0 }
    averageAccuracy = Self.average(of: tasks)
  }

  private static func average(of tasks: [TaskResult]) -> Double {
    tasks.reduce(0) { $0 + $1.accuracy } / Double(tasks.count)
  }

  /// The digest in `provenance` of the documents of a task.
  package static func provenanceName(ofTask name: String) -> String { "task/\(name)" }
}

/// How many numbers a recovery has, counted in three ways.
package struct ParameterCount: Codable, Equatable, Sendable {
  /// Of the tensors that were trained.
  package var trainable: Int
  /// Those that the adapted model computes with; nil where nothing is trained.
  package var exact: Int?
  /// What the published formula gives; nil where there is none.
  package var formula: Int?
  /// Why they differ, where they do.
  package var note: String?

  package init(trainable: Int, exact: Int? = nil, formula: Int? = nil, note: String? = nil) {
    self.trainable = trainable
    self.exact = exact
    self.formula = formula
    self.note = note
  }
}

package struct CompressionSummary: Codable, Equatable, Sendable {
  package var method: String
  /// Bits stored for a compressed weight, scales and zero points included.
  package var bitsPerWeight: Double
  /// The share of compressed weights that are zero.
  package var zeroFraction: Double
  /// The sum over all layers of the squared error that the method reports.
  package var errorSum: Double

  package init(method: String, bitsPerWeight: Double, zeroFraction: Double, errorSum: Double) {
    self.method = method
    self.bitsPerWeight = bitsPerWeight
    self.zeroFraction = zeroFraction
    self.errorSum = errorSum
  }
}

package struct TrainingSummary: Codable, Equatable, Sendable {
  package var steps: Int
  package var tokens: Int
  package var firstLoss: Double
  package var lastLoss: Double
  /// The loss curve, in nats a token: means over consecutive parts of the training, as equal as can be.
  package var losses: [Double]

  package init(steps: Int, tokens: Int, firstLoss: Double, lastLoss: Double, losses: [Double]) {
    self.steps = steps
    self.tokens = tokens
    self.firstLoss = firstLoss
    self.lastLoss = lastLoss
    self.losses = losses
  }
}

package struct Environment: Codable, Equatable, Sendable {
  package var programVersion: String
  /// OpenBLAS's own description of its version and build.
  package var openBLAS: String
  /// The kernel that OpenBLAS chose, such as "SkylakeX".
  package var kernel: String
  package var operatingSystem: String
  package var architecture: String
  /// The commit from whose work tree a result was taken as a baseline; "-dirty" behind it where there were changes. nil
  /// for a result that is none.
  package var commit: String?

  package init(
    programVersion: String, openBLAS: String, kernel: String, operatingSystem: String, architecture: String,
    commit: String? = nil
  ) {
    self.programVersion = programVersion
    self.openBLAS = openBLAS
    self.kernel = kernel
    self.operatingSystem = operatingSystem
    self.architecture = architecture
    self.commit = commit
  }
}

package struct Timing: Codable, Equatable, Sendable {
  package var threads: Int
  package var secondsByStage: [String: Double]

  package init(threads: Int, secondsByStage: [String: Double]) {
    self.threads = threads
    self.secondsByStage = secondsByStage
  }

  package var totalSeconds: Double {
    secondsByStage.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
  }
}

extension CellResult {
  /// Everything in which the members contradict one another; empty for a sound result.
  ///
  /// A result without tasks is unsound: nothing was measured, and nothing could be compared.
  package func problems() -> [ResultProblem] {
    var problems: [ResultProblem] = []
    func report(_ place: String, _ reason: String) {
      problems.append(ResultProblem(place: place, reason: reason))
    }
    if isComparable != (notComparableReason == nil) {
      report("isComparable", "a result is marked not comparable with a reason, and only then")
    }
    if let place = firstNonFinitePlace() { report(place, "not a finite number") }
    if tasks.isEmpty { report("tasks", "no task was scored") }
    var names: Set<String> = []
    for task in tasks where !names.insert(task.name).inserted {
      report("tasks.\(task.name)", "occurs twice")
    }
    let taskProblems = tasks.flatMap { $0.problems() }
    problems += taskProblems
    if !tasks.isEmpty, taskProblems.isEmpty, averageAccuracy != Self.average(of: tasks) {
      report("averageAccuracy", "\(averageAccuracy) is not the mean of the tasks, \(Self.average(of: tasks))")
    }
    if parameters.trainable < 0 { report("parameters.trainable", "\(parameters.trainable) is negative") }
    names = []
    for perplexity in perplexities ?? [] where !names.insert(perplexity.name).inserted {
      report("perplexities.\(perplexity.name)", "occurs twice")
    }
    problems += (perplexities ?? []).flatMap { $0.problems() }
    problems += similarity?.problems() ?? []
    problems += latency?.problems() ?? []
    return problems
  }

  private func firstNonFinitePlace() -> String? {
    var numbers: [(String, Double)] = tasks.isEmpty ? [] : [("averageAccuracy", averageAccuracy)]
    if let compression {
      numbers += [
        ("compression.bitsPerWeight", compression.bitsPerWeight),
        ("compression.zeroFraction", compression.zeroFraction),
        ("compression.errorSum", compression.errorSum),
      ]
    }
    if let training {
      numbers += [("training.firstLoss", training.firstLoss), ("training.lastLoss", training.lastLoss)]
      numbers += training.losses.enumerated().map { ("training.losses.\($0.offset)", $0.element) }
    }
    for perplexity in perplexities ?? [] {
      let place = "perplexities.\(perplexity.name)"
      numbers += [
        ("\(place).negativeLogLikelihood", perplexity.negativeLogLikelihood),
        ("\(place).tokenPerplexity", perplexity.tokenPerplexity),
      ]
      if let words = perplexity.wordPerplexity { numbers.append(("\(place).wordPerplexity", words)) }
    }
    if let similarity {
      for (name, values) in similarity.curves {
        numbers += values.enumerated().map { ("similarity.\(name).\($0.offset)", $0.element) }
      }
    }
    if let latency {
      numbers += [
        ("latency.seconds", latency.seconds), ("latency.ratio", latency.ratio), ("latency.lower", latency.lower),
        ("latency.upper", latency.upper),
      ]
    }
    numbers += timing.secondsByStage.sorted { $0.key < $1.key }.map { ("timing.secondsByStage.\($0.key)", $0.value) }
    return numbers.first { !$0.1.isFinite }?.0
  }
}
