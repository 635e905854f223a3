extension ClaimDefinition {
  /// What the text says and its own numbers decide.
  static let textual = [
    ClaimDefinition(
      id: "latency-60", subject: .statement("latency-reduction"), quantity: "time of prompting against that of LoRA",
      formula: "1 - prompt ÷ LoRA, and LoRA ÷ prompt - 1", decide: latency),
    ClaimDefinition(
      id: "multiple-choice", subject: .statement("multiple-choice"),
      quantity: "tasks whose answer is chosen among given ones",
      formula: "the scoring of each task in lm-evaluation-harness", decide: multipleChoice),
  ]

  private static func latency(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let claimed = try inputs.number("latency-reduction")
    let prompt = try inputs.number("prompt-seconds")
    let lora = try inputs.number("lora-seconds")
    let batch = try inputs.number("latency-batch")
    let length = try inputs.number("latency-length")
    /// The quantity at the printed times, and its range over all times that print so.
    func range(_ quantity: (Double, Double) -> Double) -> (value: Double, low: Double, high: Double) {
      let ends = [(-1.0, 1.0), (1.0, -1.0)].map { side in
        quantity(prompt.value + side.0 * prompt.halfUnit, lora.value + side.1 * lora.halfUnit)
      }
      return (quantity(prompt.value, lora.value), min(ends[0], ends[1]), max(ends[0], ends[1]))
    }
    let remaining = range { 100 * $0 / $1 }
    let reduction = range { 100 * (1 - $0 / $1) }
    let speedup = range { 100 * ($1 / $0 - 1) }
    func holds(_ range: (value: Double, low: Double, high: Double)) -> Bool {
      range.low <= claimed.value && claimed.value <= range.high
    }
    func working(
      _ name: String, _ expression: String, _ range: (value: Double, low: Double, high: Double)
    ) -> Claim.Working {
      Claim.Working(
        name, expression, range.value, "%",
        interval: Claim.Interval(low: range.low, high: range.high, kind: "rounding"))
    }
    let verdict: ClaimVerdict =
      holds(reduction) ? .supported : holds(speedup) ? .holdsUnderReading : .contradictedByOwnTables
    var notes = [
      "Both times are for a batch of \(batch.text) and \(length.text) tokens; how they were taken is not said."
    ]
    if holds(remaining), verdict == .contradictedByOwnTables {
      notes.insert("\(claimed.text) % is the share of the time that remains.", at: 0)
    }
    return ClaimOutcome(
      value: "\(decimal(reduction.value, 1)) % less time, \(decimal(speedup.value, 0)) % faster", verdict: verdict,
      workings: [
        working("reduction of the time", "1 - \(prompt.text) ÷ \(lora.text)", reduction),
        working("gain in speed", "\(lora.text) ÷ \(prompt.text) - 1", speedup),
        working("time that remains", "\(prompt.text) ÷ \(lora.text)", remaining),
      ],
      reading: verdict == .holdsUnderReading ? "as a gain in speed, not as a reduction of the time" : nil, notes: notes)
  }

  private static func multipleChoice(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let tasks = inputs.publication.tasks
    if let unknown = tasks.first(where: { $0.scoring == nil }) {
      throw MissingInput(what: "the publication's file does not say how \(unknown.name) is scored")
    }
    let others = tasks.filter { $0.scoring != .multipleChoice }.map(\.name)
    return ClaimOutcome(
      value: "\(tasks.count - others.count) of \(tasks.count) tasks",
      verdict: others.isEmpty ? .supported : .contradicted,
      workings: [
        Claim.Working(
          "multiple-choice tasks", "\(tasks.count) - \(others.count)", Double(tasks.count - others.count), "tasks")
      ],
      notes: others.isEmpty ? [] : ["Greedy decoding must give the answer: \(listed(others))."],
      published: "all \(tasks.count) tasks")
  }
}
