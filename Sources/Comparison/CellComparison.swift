import Foundation
import Results

/// Holds a cell's result against its baseline: first whether the two answer the same question, then the answers.
///
/// What must be equal anywhere: the digests of everything that went in, the seed, parameter and document counts, the
/// tasks and their versions. On the kernel that the baseline records, also every answer and every bit of every score:
/// the same kernel has no excuse for another bit, so a difference that moved no accuracy is a regression too.
/// Accuracies are then compared by `compareAccuracy`.
///
/// Both results must have passed their guards.
func compareCells(found: CellResult, expected: CellResult, significance: Double) -> [Check] {
  CellComparison(found: found, expected: expected, significance: significance).checks()
}

private struct CellComparison {
  let found: CellResult
  let expected: CellResult
  let significance: Double

  var hasSameKernel: Bool { found.environment.kernel == expected.environment.kernel }

  func checks() -> [Check] {
    var checks = [
      exact("suite", expected.suite, found.suite),
      exact("seed", expected.seed, found.seed),
    ]
    checks += provenanceChecks()
    checks += [
      exact("trainable parameters", expected.parameters.trainable, found.parameters.trainable),
      exact("formula parameters", text(expected.parameters.formula), text(found.parameters.formula)),
      exact("tasks", expected.tasks.map(\.name).joined(separator: " "), found.tasks.map(\.name).joined(separator: " ")),
    ]
    if hasSameKernel {
      checks.append(sameBits("compression", expected.compression == found.compression))
      checks.append(sameBits("training", expected.training == found.training))
    }
    for task in found.tasks {
      guard let before = expected.tasks.first(where: { $0.name == task.name }) else { continue }
      checks += taskChecks(task, before)
    }
    return checks
  }

  /// One check for all digests that agree, and one for each that does not.
  func provenanceChecks() -> [Check] {
    let names = Set(expected.provenance.keys).union(found.provenance.keys).sorted()
    let differing = names.filter { expected.provenance[$0] != found.provenance[$0] }
    guard !differing.isEmpty else {
      return [check("provenance", .pass, detail: "\(names.count) digests agree")]
    }
    return differing.map { name in
      check(
        "provenance \(name)", .regression, expected: expected.provenance[name] ?? "none",
        found: found.provenance[name] ?? "none", detail: "the baseline was made from something else")
    }
  }

  func taskChecks(_ task: TaskResult, _ before: TaskResult) -> [Check] {
    let digest = CellResult.provenanceName(ofTask: task.name)
    var checks = [
      exact("\(task.name) version", before.version, task.version),
      exact("\(task.name) documents", before.documents, task.documents),
    ]
    // Flags can be paired only where both stand for the same documents, asked in the same way.
    guard task.version == before.version, task.documents == before.documents,
      expected.provenance[digest] == found.provenance[digest]
    else { return checks }
    if hasSameKernel { checks.append(answersCheck(task, before)) }
    checks.append(compareAccuracy(cell: found.cell, found: task, expected: before, significance: significance))
    return checks
  }

  /// Whether every answer and score is the one of the baseline, on the baseline's kernel.
  func answersCheck(_ task: TaskResult, _ before: TaskResult) -> Check {
    var differing: [String] = []
    if task.correct != before.correct { differing.append("documents answered right") }
    if task.answersDigest != before.answersDigest { differing.append("answers") }
    if task.scoresDigest != before.scoresDigest { differing.append("scores") }
    if task.accuracyNormalized != before.accuracyNormalized { differing.append("normalized accuracy") }
    if task.perplexity != before.perplexity { differing.append("perplexity") }
    return check(
      "\(task.name) answers", differing.isEmpty ? .pass : .regression, expected: before.scoresDigest,
      found: task.scoresDigest, detail: differing.isEmpty ? "" : sameKernelDetail(differing.joined(separator: ", ")))
  }

  func sameBits(_ name: String, _ isSame: Bool) -> Check {
    check(name, isSame ? .pass : .regression, detail: isSame ? "" : sameKernelDetail("its numbers"))
  }

  /// Names what else differs between the two machines, since that is where to look first.
  func sameKernelDetail(_ what: String) -> String {
    var detail = "same kernel (\(found.environment.kernel)), different bits: \(what)"
    if found.environment.openBLAS != expected.environment.openBLAS {
      detail += "; OpenBLAS was \(expected.environment.openBLAS), is \(found.environment.openBLAS)"
    }
    if found.environment.architecture != expected.environment.architecture {
      detail += "; architecture was \(expected.environment.architecture), is \(found.environment.architecture)"
    }
    return detail
  }

  func exact(_ name: String, _ expected: some CustomStringConvertible, _ found: some CustomStringConvertible) -> Check {
    let isSame = expected.description == found.description
    return check(name, isSame ? .pass : .regression, expected: expected.description, found: found.description)
  }

  func check(
    _ name: String, _ verdict: Verdict, expected: String = "", found: String = "", detail: String = ""
  ) -> Check {
    Check(cell: self.found.cell, name: name, verdict: verdict, expected: expected, found: found, detail: detail)
  }

  func text(_ count: Int?) -> String { count.map(String.init) ?? "none" }
}
