import Results

/// What holding a cell against its baseline gives: checks, and accuracies that can be judged only beside all others.
enum CellFinding {
  case check(Check)
  case accuracy(AccuracyComparison)
}

/// Holds a cell's result against its baseline: first whether the two answer the same question, then the answers.
///
/// What must be equal anywhere: the digests of everything that went in, the seed, parameter and document counts, the
/// tasks and their versions, how prompts are combined. Where bits can be compared (`BitComparison`), also every answer
/// and every bit of every score: a difference that moved no accuracy is a regression too. Elsewhere accuracies are
/// compared by the documents that changed sides, other measurements within tolerances; ratios of times by their
/// intervals.
///
/// Both results must have passed their guards.
func compareCells(found: CellResult, expected: CellResult, rule: ComparisonRule) -> [CellFinding] {
  CellComparison(
    found: found, expected: expected, rule: rule, bits: BitComparison(found: found, expected: expected)
  ).findings()
}

private struct CellComparison {
  let found: CellResult
  let expected: CellResult
  let rule: ComparisonRule
  let bits: BitComparison

  func findings() -> [CellFinding] {
    var checks = questionChecks()
    checks += [
      exact("trainable parameters", expected.parameters.trainable, found.parameters.trainable),
      exact("formula parameters", text(expected.parameters.formula), text(found.parameters.formula)),
      check("prompting", found.prompting == expected.prompting ? .pass : .regression),
      exact("tasks", expected.tasks.map(\.name).joined(separator: " "), found.tasks.map(\.name).joined(separator: " ")),
    ]
    // Baselines of before this count have none.
    if let count = expected.parameters.exact {
      checks.append(exact("exact parameters", String(count), text(found.parameters.exact)))
    }
    if bits.isPossible {
      checks += [
        sameBits("compression", expected.compression == found.compression),
        sameBits("training", expected.training == found.training),
      ]
    } else {
      checks += [
        check("bits", .pass, detail: "not compared, as \(bits.obstacle ?? "")"),
        exact("compression", expected.compression?.method ?? "none", found.compression?.method ?? "none"),
        exact("training", length(of: expected.training), length(of: found.training)),
      ]
    }
    var findings = checks.map(CellFinding.check)
    for task in found.tasks {
      guard let before = expected.tasks.first(where: { $0.name == task.name }) else { continue }
      findings += taskFindings(task, before)
    }
    let measurements =
      comparePerplexities(found: found, expected: expected, bits: bits, rule: rule)
      + compareSimilarity(found: found, expected: expected, bits: bits, rule: rule)
      + compareLatency(found: found, expected: expected, rule: rule)
    return findings + measurements.map(CellFinding.check)
  }

  /// Whether both answer the same question; where not, the baseline is stale, whatever its numbers are.
  func questionChecks() -> [Check] {
    var checks = [
      same("suite", expected.suite, found.suite, "the baseline is of another suite"),
      same("seed", "\(expected.seed)", "\(found.seed)", "the baseline is of another seed"),
    ]
    let names = Set(expected.provenance.keys).union(found.provenance.keys).sorted()
    let differing = names.filter { expected.provenance[$0] != found.provenance[$0] }
    if differing.isEmpty { checks.append(check("provenance", .pass, detail: "\(names.count) digests agree")) }
    return checks
      + differing.map { name in
        same(
          "provenance \(name)", expected.provenance[name] ?? "none", found.provenance[name] ?? "none",
          name == "question"
            ? "the suite asks something else of this cell than it did when the baseline was recorded"
            : "the baseline was made from something else")
      }
  }

  func taskFindings(_ task: TaskResult, _ before: TaskResult) -> [CellFinding] {
    let digest = CellResult.provenanceName(ofTask: task.name)
    let checks = [
      same("\(task.name) version", before.version, task.version, "the task's meaning has changed"),
      exact("\(task.name) documents", before.documents, task.documents),
    ]
    // Flags can be paired only where both stand for the same documents, asked in the same way.
    guard task.version == before.version, task.documents == before.documents,
      expected.provenance[digest] == found.provenance[digest]
    else { return checks.map(CellFinding.check) }
    let answers =
      bits.isPossible
      ? answersCheck(task, before)
      : compareTaskPerplexity(
        cell: found.cell, found: task, expected: before,
        hasSameWeights: found.hasCheckpointWeights && expected.hasCheckpointWeights, rule: rule)
    return (checks + [answers].compactMap(\.self)).map(CellFinding.check)
      + [.accuracy(AccuracyComparison(cell: found.cell, found: task, expected: before))]
  }

  /// Whether every answer and score is the one of the baseline, bit for bit.
  func answersCheck(_ task: TaskResult, _ before: TaskResult) -> Check {
    var differing: [String] = []
    if task.correct != before.correct { differing.append("documents answered right") }
    if task.answersDigest != before.answersDigest { differing.append("answers") }
    if task.scoresDigest != before.scoresDigest { differing.append("scores") }
    if task.accuracyNormalized != before.accuracyNormalized { differing.append("normalized accuracy") }
    if task.perplexity != before.perplexity { differing.append("perplexity") }
    if task.promptWins != before.promptWins { differing.append("choices of prompts") }
    return check(
      "\(task.name) answers", differing.isEmpty ? .pass : .regression, expected: before.scoresDigest,
      found: task.scoresDigest, detail: differing.isEmpty ? "" : bits.difference(differing.joined(separator: ", ")))
  }

  func sameBits(_ name: String, _ isSame: Bool) -> Check {
    check(name, isSame ? .pass : .regression, detail: isSame ? "" : bits.difference("its numbers"))
  }

  func same(_ name: String, _ expected: String, _ found: String, _ reason: String) -> Check {
    let isSame = expected == found
    return check(
      name, isSame ? .pass : .baselineStale, expected: expected, found: found, detail: isSame ? "" : reason)
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

  func length(of training: TrainingSummary?) -> String {
    training.map { "\($0.steps) steps of \($0.tokens) tokens in all" } ?? "none"
  }
}
