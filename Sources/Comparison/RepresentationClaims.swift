import Results

// Claims about what a model computes and predicts on texts, beside what it answers.

extension ClaimDefinition {
  /// How many times as far from 1 as LoRA's a cosine must be to be called markedly so. The paper gives no number.
  private static let markedly = 2.0

  private static let readings: [(name: String, attention: KeyPath<CellSimilarity, [Double]> & Sendable)] = [
    ("by row", \.attentionByRow), ("flattened", \.attentionFlattened),
  ]

  static func divergence(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let suite = try suite(inputs, needs: "similarity of LoRA and of prompts to the dense model")
    let (_, compressed, _) = try suite.roles()
    let lowRank = suite.recoveries.filter { $0.kind == .lora }
    let virtual = suite.recoveries.filter { $0.kind == .prompt || $0.kind == .idp }
    guard !compressed.isEmpty, !lowRank.isEmpty, !virtual.isEmpty else {
      throw MissingInput(what: "the suite \(suite.suite) does not recover a compressed model by LoRA and by prompts")
    }
    var workings: [Claim.Working] = []
    var details: [Claim.Working] = []
    // By reading, whether each prompt is markedly farther away than each LoRA.
    var isFarther: [[Bool]] = readings.map { _ in [] }
    var texts = ""
    for model in suite.models {
      for compression in try suite.compressions(among: compressed, trying: lowRank + virtual) {
        var similarities: [(recovery: SuiteEvidence.Recovery, found: CellSimilarity)] = []
        for recovery in lowRank + virtual {
          let result = try suite.result(model, compression, recovery, &inputs)
          guard let found = result.similarity else {
            throw MissingInput(
              what: "\(result.cell) was not held against the dense model: its suite has no `similarity`")
          }
          similarities.append((recovery, found))
          texts = "\(found.samples) texts of \(found.length) tokens"
        }
        let name = "\(model), \(compression.name)"
        for (number, reading) in readings.enumerated() {
          let distances = similarities.map { 1 - mean($0.found[keyPath: reading.attention]) }
          let farthest = distances[..<lowRank.count].max() ?? 0
          isFarther[number] += distances[lowRank.count...].map { $0 > markedly * farthest }
          for ((recovery, found), distance) in zip(similarities, distances) {
            workings.append(
              Claim.Working(
                "\(name), \(recovery.name), attention \(reading.name)", "1 - \(decimal(1 - distance, 4))", distance,
                "from 1", note: layers(found[keyPath: reading.attention])))
          }
        }
        for (recovery, found) in similarities {
          for (reading, values) in [("by row", found.activationsByRow), ("flattened", found.activationsFlattened)] {
            details.append(
              Claim.Working(
                "\(name), \(recovery.name), activations \(reading)", "1 - \(decimal(mean(values), 4))",
                1 - mean(values), "from 1", note: layers(values)))
          }
        }
      }
    }
    let holding = readings.indices.filter { number in isFarther[number].allSatisfy { $0 } }
    let failing = readings.indices.filter { number in !isFarther[number].contains(true) }
    let verdict: ClaimVerdict =
      holding.count == readings.count
      ? .supported
      : failing.count == readings.count ? .contradicted : !holding.isEmpty ? .holdsUnderReading : .undecidable
    let counts = readings.indices.map { number in
      "\(isFarther[number].count { $0 }) of \(isFarther[number].count) \(readings[number].name)"
    }
    return ClaimOutcome(
      value: "farther: " + listed(counts), verdict: verdict, workings: workings, details: details,
      reading: verdict == .holdsUnderReading
        ? "with attention compared \(listed(holding.map { readings[$0].name })), and not \(listed(readings.indices.filter { !holding.contains($0) }.map { readings[$0].name }))"
        : nil,
      notes: [
        "“Markedly” is taken as \(decimal(markedly, 0)) times as far from a cosine of 1, on the mean over layers, as the "
          + "farthest LoRA.",
        "By row, what a prompt draws to itself does not count; flattened, rows that give much to it count as less.",
        "One training of each, on one set of texts: nothing is known of how the distances spread over seeds.",
      ], published: "markedly diverges", scale: "suite \(suite.suite); \(listed(suite.models)); \(texts)")
  }

  /// "layers 0.9980, 0.9712".
  private static func layers(_ values: [Double]) -> String {
    "layers " + values.map { decimal($0, 4) }.joined(separator: ", ")
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

  static func perplexityGap(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let suite = try suite(inputs, needs: "perplexities and accuracies at several lengths of the prompt")
    let (_, compressed, _) = try suite.roles()
    let prompts = suite.recoveries.filter { $0.kind == .prompt && $0.tokens != nil }
      .sorted { ($0.tokens ?? 0) < ($1.tokens ?? 0) }
    let lengths = prompts.compactMap(\.tokens)
    guard Set(lengths).count > 2, !compressed.isEmpty else {
      throw MissingInput(what: "the suite \(suite.suite) has prompts of fewer than three lengths")
    }
    var workings: [Claim.Working] = []
    var improves: [Bool] = []
    var steps: [AverageDifference] = []
    var scale = ""
    for model in suite.models {
      for compression in try suite.compressions(among: compressed, trying: prompts) {
        var results: [CellResult] = []
        for prompt in prompts { results.append(try suite.result(model, compression, prompt, &inputs)) }
        scale = suite.scale(results[0])
        let name = "\(model), \(compression.name)"
        let accuracies = results.map(\.averageAccuracy)
        workings.append(
          correlation("\(name), accuracy by length", lengths, accuracies, accuracies.map { decimal(100 * $0, 2) }))
        for corpus in results[0].perplexities ?? [] {
          var values: [Double] = []
          for result in results {
            let found = result.perplexities?.first { $0.name == corpus.name && $0.method == corpus.method }
            guard let found else { throw MissingInput(what: "\(result.cell) has no perplexity of \(corpus.name)") }
            values.append(found.tokenPerplexity)
          }
          let texts = values.map { decimal($0, 3) }
          improves.append((rankCorrelation(lengths, values) ?? 0) < 0 && values[values.count - 1] < values[0])
          workings.append(correlation("\(name), perplexity of \(corpus.name) by length", lengths, values, texts))
          workings.append(
            correlation("\(name), accuracy by perplexity of \(corpus.name)", values, accuracies, texts))
        }
        for (longer, shorter) in zip(results.dropFirst(), results) {
          let step = try AverageDifference(of: longer, minus: shorter, confidence: 0.95)
          steps.append(step)
          workings.append(
            Claim.Working(
              "\(name), \(longer.cell.recovery) - \(shorter.cell.recovery)",
              "\(decimal(100 * longer.averageAccuracy, 2)) - \(decimal(100 * shorter.averageAccuracy, 2))", step.value,
              "points", interval: step.interval))
        }
      }
    }
    guard !improves.isEmpty else {
      throw MissingInput(what: "the suite \(suite.suite) measures no perplexity: it has no `perplexity`")
    }
    let verdict: ClaimVerdict
    if !improves.contains(true) {
      verdict = .contradicted
    } else if improves.contains(false) {
      verdict = .undecidable
    } else {
      verdict =
        steps.contains { $0.high < 0 } ? .supported : steps.allSatisfy { $0.low > 0 } ? .contradicted : .undecidable
    }
    let falls = steps.count { $0.high < 0 }
    return ClaimOutcome(
      value: "perplexity improves in \(improves.count { $0 }) of \(improves.count), accuracy falls in \(falls) of "
        + "\(steps.count) steps", verdict: verdict, workings: workings,
      notes: [
        "Supported where longer prompts have the better perplexity on every text, and the accuracy of some is below that of "
          + "the next shorter one beyond chance; contradicted where perplexity does not improve, or accuracy always does.",
        "Perplexities are over real tokens alone. An average over positions that include the prompt's, as a known "
          + "evaluation script has it, flatters long prompts.",
      ], published: "improves perplexity, not always performance", scale: scale)
  }

  private static func correlation(
    _ name: String, _ first: [Double], _ second: [Double], _ texts: [String]
  ) -> Claim.Working {
    let value = rankCorrelation(first, second)
    return Claim.Working(
      name, "ρ of \(texts.joined(separator: ", "))", value, "", note: value == nil ? "one of them does not change" : "")
  }
}
