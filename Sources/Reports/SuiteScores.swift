import Comparison
import Results

/// An accuracy in percent, with its standard error in points.
package struct Score: Equatable, Sendable {
  package let value: Double
  /// Nil where a task has a single document.
  package let error: Double?

  /// The mean over tasks, each counting the same and independent of the others.
  init(meanOf tasks: [TaskResult]) {
    let count = Double(tasks.count)
    value = 100 * tasks.reduce(0) { $0 + $1.accuracy } / count
    let errors = tasks.compactMap(\.standardError)
    error =
      errors.count == tasks.count ? 100 * errors.reduce(0) { $0 + $1 * $1 }.squareRoot() / count : nil
  }
}

/// What tables and figures ask of a suite's results.
struct SuiteScores {
  let evidence: SuiteEvidence
  let findings: [SuiteEvidence.Finding]
  /// Nil unless the suite is the paper's.
  let published: PublishedScores?

  /// - Parameter publication: what the suite repeats; nil for any other suite.
  init(_ evidence: SuiteEvidence, repeating publication: Publication?) {
    self.evidence = evidence
    findings = evidence.findings()
    published = publication.map(PublishedScores.init)
  }

  var dense: SuiteEvidence.Compression? { evidence.compressions.first(where: \.isDense) }
  var unrecovered: SuiteEvidence.Recovery? { evidence.recoveries.first { $0.kind == .none } }
  var tasks: [String] {
    var names: [String] = []
    for task in findings.compactMap(\.result).flatMap(\.tasks) where !names.contains(task.name) {
      names.append(task.name)
    }
    return names
  }

  func result(
    _ model: String, _ compression: SuiteEvidence.Compression?, _ recovery: SuiteEvidence.Recovery?
  ) -> CellResult? {
    guard let compression, let recovery else { return nil }
    return evidence.finding(model, compression, recovery)?.result
  }

  /// The mean over all tasks.
  func average(
    _ model: String, _ compression: SuiteEvidence.Compression?, _ recovery: SuiteEvidence.Recovery?
  ) -> Score? {
    result(model, compression, recovery).map { Score(meanOf: $0.tasks) }
  }

  /// The paper's main quantization, 3 bits; without it, the quantization of the fewest bits.
  var mainQuantization: SuiteEvidence.Compression? {
    let quantized = evidence.compressions.filter { $0.bits != nil }
    let gptq = quantized.filter { $0.method == "gptq" }
    let candidates = gptq.isEmpty ? quantized : gptq
    return candidates.first { $0.bits == 3 } ?? candidates.min { ($0.bits ?? 0) < ($1.bits ?? 0) }
  }

  /// The paper's main pruning, half of all weights; without it, the first pruning.
  var mainPruning: SuiteEvidence.Compression? {
    let pruned = evidence.compressions.filter { $0.sparsity != nil || $0.pattern != nil }
    return pruned.first { $0.sparsity == 0.5 && $0.method == "sparsegpt" } ?? pruned.first
  }

  func recoveries(_ kinds: SuiteEvidence.Recovery.Kind...) -> [SuiteEvidence.Recovery] {
    evidence.recoveries.filter { kinds.contains($0.kind) }
  }
}

extension SuiteEvidence.Recovery.Kind {
  var title: String {
    switch self {
    case .none: "no recovery"
    case .lora: "LoRA"
    case .prompt: "prompt"
    case .prefix: "prefix"
    case .idp: "IDP"
    case .concatenation: "concatenation"
    }
  }

  var look: Figure.Look {
    switch self {
    case .none: .grey
    case .lora: .blue
    case .prompt: .vermilion
    case .prefix: .green
    case .idp: .purple
    case .concatenation: .ochre
    }
  }
}
