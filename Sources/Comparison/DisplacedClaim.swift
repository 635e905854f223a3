extension ClaimDefinition {
  static let displacedFormula =
    "Σ (brought back - gained and lost again) ÷ Σ (lost - gained) - Σ (lost · learned ÷ never right) ÷ Σ lost, summed "
    + "over each model, compression and task of all cells recovered by prompts (one prompt, IDP or concatenation)"

  /// The answer that the report's verdict gives, that of all cells recovered by prompts; only a suite that has not
  /// measured all of these has no answer here.
  static func displaced(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let suite = try suite(inputs, needs: "a model dense, compressed, and compressed and recovered by prompts")
    let (_, compressed, _) = try suite.roles()
    let family = SuiteLedger.Family.prompts
    guard !compressed.isEmpty else { throw MissingInput(what: "the suite \(suite.suite) compresses nothing") }
    let ledger = SuiteLedger(suite, domains: inputs.publication.averages, facts: inputs.facts)
    if let problem = ledger.problems(of: family).first { throw MissingInput(what: problem) }
    guard let answer = ledger.answers().first(where: { $0.family == family }) else {
      throw MissingInput(what: "the suite \(suite.suite) recovers nothing by prompts")
    }
    let entries = ledger.entries.filter { family.contains($0.recovery.kind) }
    inputs.use(entries, of: suite.suite, recoveredBy: family)
    let displacement = answer.displacement
    let kind = "95 %, clustered by \(ledger.clusterName)"
    let parts = ledger.answersByCompression().filter { $0.family == family }
    return ClaimOutcome(
      value: displacement.displaced.map(text) ?? displacement.reason, verdict: displacement.verdict,
      workings: [working("all prompts", displacement, kind)] + shares(of: displacement, kind)
        + parts.map { working($0.name, $0.displacement, kind) },
      details: entries.flatMap { details(of: $0, in: ledger, kind) },
      notes: [
        "Decided by all \(entries.count) cells recovered by prompts, pooled over models, compressions and tasks: "
          + "\(displacement.reason). Other recoveries do not count here.",
        "Supported where the interval lies above zero, contradicted where it lies below "
          + "\(decimal(100 * Displacement.negligibleShare, 0)) points, undecidable otherwise or with fewer than "
          + "\(Displacement.fewestDocuments) lost documents.",
        "A document counts at most once, however many cells ask it. Intervals are each for itself, not for all of them "
          + "together.",
      ], published: "displaced, not forgotten", scale: suite.scale(entries[0]))
  }

  /// "+97.1 [+85.9, +108.4] points of the damage, by prompts"
  private static func text(_ share: Displacement.Share) -> String {
    "\(signed(100 * share.value, 1)) [\(signed(100 * share.low, 1)), \(signed(100 * share.high, 1))] points of the damage, "
      + "by prompts"
  }

  private static func working(_ name: String, _ displacement: Displacement, _ kind: String) -> Claim.Working {
    let ledger = displacement.ledger
    guard let share = displacement.displaced, let learned = displacement.learned else {
      return Claim.Working(
        name, "\(ledger.broughtBack) of \(ledger.lost) lost, \(ledger.gainedAndLost) of \(ledger.gained) gained", nil,
        "points", note: displacement.reason)
    }
    return Claim.Working(
      name,
      "(\(ledger.broughtBack) - \(ledger.gainedAndLost)) ÷ (\(ledger.lost) - \(ledger.gained)) - "
        + "\(decimal(100 * learned.value, 1)) %",
      100 * share.value, "points",
      interval: Claim.Interval(low: 100 * share.low, high: 100 * share.high, kind: kind),
      note: "\(displacement.verdict.rawValue): \(displacement.reason)")
  }

  /// The shares that the answer is made of.
  private static func shares(of displacement: Displacement, _ kind: String) -> [Claim.Working] {
    func working(_ name: String, _ share: ClusteredShare, _ of: String) -> Claim.Working {
      let interval = share.interval(confidence: Displacement.confidence)
      return Claim.Working(
        name, "\(share.successes) of \(share.trials) \(of)", 100 * share.value, "%",
        interval: Claim.Interval(low: 100 * interval.low, high: 100 * interval.high, kind: kind))
    }
    return [
      displacement.broughtBack.map { working("brought back", $0, "lost") },
      displacement.learned.map { working("learned", $0, "never right, as the lost are spread") },
    ].compactMap(\.self)
  }

  /// One cell, over all tasks, by domain and by task.
  private static func details(
    of entry: SuiteLedger.Entry, in ledger: SuiteLedger, _ kind: String
  ) -> [Claim.Working] {
    let domains = ledger.domains.filter { domain in entry.tasks.count { domain.tasks.contains($0.name) } > 1 }
    let tasks = entry.tasks.map { PublishedAverage(name: $0.name, tasks: [$0.name]) }
    return [working("\(entry.cell)", ledger.displacement(of: entry), kind)]
      + (domains + tasks).map { part in
        working("\(entry.cell), \(part.name)", ledger.displacement(of: entry, in: part), kind)
      }
  }
}
