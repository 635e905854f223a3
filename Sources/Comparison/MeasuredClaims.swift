import Results

extension ClaimDefinition {
  /// What only a measurement can decide.
  static let measured = [
    ClaimDefinition(
      id: "displaced", subject: .statement("displaced"),
      quantity:
        "share of compression's damage that prompts undo, less the share that they teach of what was never right",
      formula: displacedFormula, decide: displaced),
    ClaimDefinition(
      id: "int8-harmless", subject: .statement("int8-harmless"), quantity: "8-bit quantization less the dense model",
      formula: "average(8 bits) - average(dense), on the same documents", decide: int8),
    ClaimDefinition(
      id: "idp-robust", subject: .statement("robustness"),
      quantity: "range of IDP's average accuracy over pairs of prompts", formula: "largest average - smallest average",
      decide: robustness),
    ClaimDefinition(
      id: "idp-no-overhead", subject: .statement("nearly-no-overhead"),
      quantity: "time of IDP over several prompts against that of a single one", formula: "time(IDP) ÷ time(prompt)",
      decide: overhead),
    ClaimDefinition(
      id: "ppl-vs-accuracy", subject: .statement("perplexity-gap"),
      quantity: "perplexity and average accuracy over prompt lengths", formula: "Spearman's rank correlations",
      decide: perplexityGap),
    ClaimDefinition(
      id: "attention-diverges", subject: .statement("attention-diverges"),
      quantity: "distance of attention from the dense model's, by prompts against LoRA",
      formula: "1 - the mean over layers of the cosine", decide: divergence),
    ClaimDefinition(
      id: "latency-ratio", subject: .statement("latency-ratio"), quantity: "time of prompting against that of LoRA",
      formula: "time(prompt) ÷ time(LoRA)", decide: latencyRatio),
  ]

  private static let confidence = 0.95

  static func suite(
    _ inputs: ClaimInputs, needs: String
  ) throws(MissingInput) -> SuiteEvidence {
    guard let suite = inputs.suite else { throw MissingInput(what: "results of a suite: \(needs)") }
    return suite
  }

  private static func int8(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let margin = try inputs.number("language-margin")
    let suite = try suite(inputs, needs: "a model dense, and quantized to 8 bits")
    let (dense, compressed, unrecovered) = try suite.roles()
    let eightBits = compressed.filter { $0.bits == 8 }
    guard !eightBits.isEmpty else { throw MissingInput(what: "the suite \(suite.suite) quantizes nothing to 8 bits") }
    var workings: [Claim.Working] = []
    var details: [Claim.Working] = []
    var differences: [AverageDifference] = []
    var scale = ""
    for model in suite.models {
      let before = try suite.result(model, dense, unrecovered, &inputs)
      scale = suite.scale(before)
      for compression in eightBits {
        let after = try suite.result(model, compression, unrecovered, &inputs)
        let difference = try AverageDifference(of: after, minus: before, confidence: confidence)
        differences.append(difference)
        workings.append(
          Claim.Working(
            "\(model), \(compression.name)",
            "\(decimal(100 * after.averageAccuracy, 2)) - \(decimal(100 * before.averageAccuracy, 2))",
            difference.value,
            "points", interval: difference.interval))
        let adjusted = holmAdjusted(difference.tasks.map(\.counts.test.exactTwoSidedP))
        details += zip(difference.tasks, adjusted).map { task, p in
          Claim.Working(
            "\(model), \(compression.name), \(task.name)",
            "\(task.counts.onlyFirstRight) gained, \(task.counts.onlySecondRight) lost of \(task.counts.documents)",
            task.value, "points", interval: task.interval, note: "McNemar, Holm over tasks: p = \(decimal(p, 3))")
        }
      }
    }
    let verdict: ClaimVerdict =
      differences.contains { $0.high < 0 }
      ? .contradicted : differences.allSatisfy { $0.low >= -margin.value } ? .supported : .undecidable
    return ClaimOutcome(
      value: range(differences.map(\.value)) + " points", verdict: verdict, workings: workings, details: details,
      notes: [
        "Supported where no more than \(margin.text) points can have been lost, which the paper itself calls marginal; "
          + "contradicted where some must have been."
      ], published: "no drop", scale: scale)
  }

  private static func robustness(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let claimed = try inputs.number("robustness")
    let suite = try suite(inputs, needs: "a compressed model recovered by IDP over several pairs of prompts")
    let (_, compressed, _) = try suite.roles()
    let methods = suite.recoveries.filter { $0.kind == .idp }
    guard methods.count > 1 else {
      throw MissingInput(what: "the suite \(suite.suite) has IDP over fewer than two pairs of prompts")
    }
    let tried = try suite.compressions(among: compressed, trying: methods)
    var workings: [Claim.Working] = []
    var ranges: [AverageDifference] = []
    var scale = ""
    for model in suite.models {
      for compression in tried {
        var results: [CellResult] = []
        for method in methods { results.append(try suite.result(model, compression, method, &inputs)) }
        let sorted = results.sorted { $0.averageAccuracy < $1.averageAccuracy }
        let (lowest, highest) = (sorted[0], sorted[sorted.count - 1])
        scale = suite.scale(lowest)
        let difference = try AverageDifference(of: highest, minus: lowest, confidence: confidence)
        ranges.append(difference)
        workings.append(
          Claim.Working(
            "\(model), \(compression.name)",
            "\(decimal(100 * highest.averageAccuracy, 2)) (\(highest.cell.recovery)) - "
              + "\(decimal(100 * lowest.averageAccuracy, 2)) (\(lowest.cell.recovery))", difference.value, "points",
            interval: difference.interval))
      }
    }
    let tokens = methods.compactMap(\.tokens)
    let verdict: ClaimVerdict =
      ranges.allSatisfy { $0.high < claimed.value }
      ? .supported : ranges.contains { $0.low >= claimed.value } ? .contradicted : .undecidable
    return ClaimOutcome(
      value: range(ranges.map(\.value)) + " points", verdict: verdict, workings: workings,
      notes: [
        "\(methods.count) pairs of prompts, of \(decimal(tokens.min() ?? 0, 0)) to \(decimal(tokens.max() ?? 0, 0)) tokens "
          + "on average; the paper's are of 20 to 100.",
        "The best and the worst are chosen after the fact, so the interval of their difference lies too high.",
      ], published: "less than \(claimed.text) %", scale: scale)
  }

  /// "+1.20" or "-0.30 to +1.20".
  private static func range(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "" }
    return low == high ? signed(low, 2) : "\(signed(low, 2)) to \(signed(high, 2))"
  }
}
