import Results

// Claims about times, decided by ratios that were measured in turns.

extension ClaimDefinition {
  /// What IDP may take more than a single prompt and still be called nearly nothing. The paper gives no number.
  private static let nearlyNothing = 0.05

  static func overhead(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let suite = try suite(inputs, needs: "times of IDP and of single prompts")
    let choosing = suite.recoveries.filter { $0.kind == .idp }
    let single = suite.recoveries.filter { $0.kind == .prompt }
    guard !choosing.isEmpty, let longest = single.max(by: { ($0.tokens ?? 0) < ($1.tokens ?? 0) }) else {
      throw MissingInput(what: "the suite \(suite.suite) has no IDP, or no single prompt to hold it against")
    }
    var deciding: [TimeRatio] = []
    let (workings, measured) = try ratios(of: choosing, to: single, in: suite, &inputs) { ratio, prompt in
      if prompt == longest { deciding.append(ratio) }
    }
    let most = 1 + nearlyNothing
    let verdict: ClaimVerdict =
      deciding.allSatisfy { $0.upper <= most }
      ? .supported : deciding.contains { $0.lower > most } ? .contradicted : .undecidable
    return ClaimOutcome(
      value: "\(span(deciding.map(\.value), 3)) times \(longest.name)", verdict: verdict, workings: workings,
      notes: [
        "“Nearly” is taken as \(decimal(100 * nearlyNothing, 0)) %, against the longest single prompt, \(longest.name).",
        ratioNote, disturbance(measured),
      ], published: "nearly no overhead", scale: scale(suite, measured))
  }

  static func latencyRatio(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let suite = try suite(inputs, needs: "times of prompts and of LoRA")
    let prompt = try inputs.number("prompt-seconds")
    let lora = try inputs.number("lora-seconds")
    // The most that the printed times can stand for.
    let most = (prompt.value + prompt.halfUnit) / (lora.value - lora.halfUnit)
    let virtual = suite.recoveries.filter { $0.kind == .prompt || $0.kind == .idp }
    let lowRank = suite.recoveries.filter { $0.kind == .lora }
    guard !virtual.isEmpty, !lowRank.isEmpty else {
      throw MissingInput(what: "the suite \(suite.suite) has no prompt, or no LoRA to hold it against")
    }
    var found: [TimeRatio] = []
    let (workings, measured) = try ratios(of: virtual, to: lowRank, in: suite, &inputs) { ratio, _ in
      found.append(ratio)
    }
    let verdict: ClaimVerdict =
      found.allSatisfy { $0.upper <= most }
      ? .supported : found.allSatisfy { $0.lower > most } ? .contradicted : .undecidable
    let values = found.map(\.value)
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    return ClaimOutcome(
      value: "\(span(values, 3)): \(decimal(100 * (1 - high), 1)) to \(decimal(100 * (1 - low), 1)) % less time",
      verdict: verdict, workings: workings,
      notes: [
        "Supported where prompting takes no more than \(decimal(most, 3)) of LoRA's time, which the printed times allow; "
          + "contradicted where it always takes more.",
        "LoRA runs beside the layers, as it is scored here. Merged into the weights it takes no time at all, and step by "
          + "step it takes more: `recollect latency` measures all three, at any shape, batch and length.",
        ratioNote, disturbance(measured),
      ], published: "\(prompt.text) ÷ \(lora.text) s", scale: scale(suite, measured))
  }

  private static let ratioNote =
    "Each is a ratio of two medians to the compressed model without recovery; the interval is what the ends of theirs, "
    + "95 %, give together at the most."

  /// The ratios of all of some recoveries to all of others, of each model and compression that has times of both.
  private static func ratios(
    of recoveries: [SuiteEvidence.Recovery], to references: [SuiteEvidence.Recovery], in suite: SuiteEvidence,
    _ inputs: inout ClaimInputs, found: (TimeRatio, SuiteEvidence.Recovery) -> Void
  ) throws(MissingInput) -> (workings: [Claim.Working], measured: [CellLatency]) {
    var workings: [Claim.Working] = []
    var measured: [CellLatency] = []
    let compressions = try suite.compressions(among: suite.compressions, trying: recoveries + references)
    for model in suite.models {
      for compression in compressions {
        for recovery in recoveries {
          for reference in references {
            let own = try latency(suite.result(model, compression, recovery, &inputs))
            let other = try latency(suite.result(model, compression, reference, &inputs))
            let ratio = TimeRatio(TimeRatio(own), dividedBy: TimeRatio(other))
            found(ratio, reference)
            measured += [own, other]
            workings.append(
              Claim.Working(
                "\(model), \(compression.name), \(recovery.name) ÷ \(reference.name)",
                "\(decimal(own.ratio, 3)) ÷ \(decimal(other.ratio, 3))", ratio.value, "times",
                interval: Claim.Interval(low: ratio.lower, high: ratio.upper, kind: "95 %, bootstrap"),
                note: predicted(own, other)))
          }
        }
      }
    }
    return (workings, measured)
  }

  private static func predicted(_ own: CellLatency, _ other: CellLatency) -> String {
    guard let own = own.predictedRatio, let other = other.predictedRatio, other > 0 else { return "" }
    return "from multiply-adds and bytes: \(decimal(own / other, 3))"
  }

  private static func latency(_ result: CellResult) throws(MissingInput) -> CellLatency {
    guard let latency = result.latency else {
      throw MissingInput(what: "\(result.cell) was not timed: its suite has no `latency`")
    }
    // What would be divided by.
    guard latency.ratio > 0, latency.lower > 0, latency.upper > 0 else {
      throw MissingInput(what: "\(result.cell): its times are not above zero")
    }
    return latency
  }

  private static func disturbance(_ measured: [CellLatency]) -> String {
    let all = measured.reduce(0) { $0 + $1.repetitions }
    return "The machine did other work in \(measured.reduce(0) { $0 + $1.disturbed }) of \(all) repetitions."
  }

  private static func scale(_ suite: SuiteEvidence, _ measured: [CellLatency]) -> String {
    var sizes: [String] = []
    for latency in measured where !sizes.contains("\(latency.batch) × \(latency.length) tokens") {
      sizes.append("\(latency.batch) × \(latency.length) tokens")
    }
    return "suite \(suite.suite); \(listed(suite.models)); \(listed(sizes)), on processors"
  }
}

extension TimeRatio {
  init(_ latency: CellLatency) { self.init(value: latency.ratio, lower: latency.lower, upper: latency.upper) }
}

/// "1.020" or "1.020 to 1.035".
private func span(_ values: [Double], _ places: Int) -> String {
  guard let low = values.min(), let high = values.max() else { return "" }
  let ends = [decimal(low, places), decimal(high, places)]
  return ends[0] == ends[1] ? ends[0] : ends.joined(separator: " to ")
}
