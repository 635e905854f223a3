extension ClaimDefinition {
  /// What the paper says of accuracies, held against its own tables.
  static let accuracies = [
    ClaimDefinition(
      id: "idp-vs-lora", subject: .statement("better-or-comparable"),
      quantity: "IDP less the best LoRA, on the average over all tasks", formula: "average(IDP) - max average(LoRA)",
      decide: idpAgainstLoRA),
    ClaimDefinition(
      id: "language-margin", subject: .statement("language-margin"),
      quantity: "what IDP lacks against the best LoRA, in language understanding",
      formula: "max Language(LoRA) - Language(IDP)", decide: languageMargin),
    ClaimDefinition(
      id: "concat", subject: .statement("concat-opt"), quantity: "two prompts one after the other, less either alone",
      formula: "average(concatenation) - average(single prompt)", decide: concatenation),
    ClaimDefinition(
      id: "idp-gain", subject: .statement("idp-gain-opt"), quantity: "IDP less either of its prompts alone",
      formula: "average(IDP) - average(single prompt)", decide: gainOverPrompts),
    ClaimDefinition(
      id: "gain-1", subject: .statement("gptq-gain"), quantity: "what recovery gains, by compression",
      formula: "the mean over models of average(recovered) - average(compressed)", decide: gain),
    ClaimDefinition(
      id: "ptune-worse", subject: .statement("prefix-worse"),
      quantity: "scores of prefix tuning above the compressed model's",
      formula: "score(prefix) - score(compressed), score by score", decide: prefixWorse),
  ]

  private static func idpAgainstLoRA(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let average = try inputs.widestAverage()
    let documents = try inputs.documents(of: average.tasks)
    let equivalent = equivalentDocuments(ofTasks: documents)
    let z = StandardNormal.quantile(confidence: 0.95)
    let shares = [0.05, 0.15]
    let detectable = shares.compactMap { share in
      detectableDifference(documents: equivalent, changingShare: share).map { 100 * $0 }
    }
    var workings: [Claim.Working] = []
    var differences: [Double] = []
    var errors: [Double] = []
    for group in try inputs.groups(with: [PaperMethod.lora, PaperMethod.idp]) {
      let idp = try group.best(PaperMethod.idp, by: average.name, &inputs)
      let lora = try group.best(PaperMethod.lora, by: average.name, &inputs)
      let difference = idp.score.minus(lora.score)
      let pair = [idp.row, lora.row].map { row in
        standardError(average.tasks.compactMap { group.table.score(row, $0) }, documents)
      }
      errors += pair
      differences.append(difference)
      let width = z * (pair[0] * pair[0] + pair[1] * pair[1]).squareRoot()
      // Of ψ documents changing sides, a paired difference has a variance of about (ψ - δ²) / n.
      let deciding =
        100 * (equivalent * (difference / 100 / z) * (difference / 100 / z) + difference * difference / 1e4)
      workings.append(
        Claim.Working(
          "\(group.name), best rank \(lora.row.size.map(String.init) ?? "not given")",
          "\(idp.score.text) - \(lora.score.text)", difference, "points",
          interval: Claim.Interval(low: difference - width, high: difference + width, kind: "95 %, unpaired"),
          note: "if < \(shortest(deciding)) % change"))
    }
    let largest = detectable.last ?? .infinity
    let isDecided = differences.allSatisfy { abs($0) >= largest }
    let verdict: ClaimVerdict =
      !isDecided ? .undecidable : differences.allSatisfy { $0 > 0 } ? .supported : .contradictedByOwnTables
    let error = errors.reduce(0, +) / Double(max(1, errors.count))
    return ClaimOutcome(
      value: listed(differences.map { signed($0, 2) }), verdict: verdict, workings: workings,
      notes: [
        "Standard error of one average: \(decimal(error, 2)) points, √(Σ p (1 - p) ÷ n) ÷ \(documents.count) over tasks of "
          + "\(listed(documents.map(String.init))) documents.",
        "The intervals are those of scores on different documents. On the same ones, which two models mostly answer "
          + "alike, an interval is narrower: it excludes zero if fewer documents change sides than the last column says.",
        "A paired test, for which the paper gives no data, would find with 80 % power a difference of "
          + zip(shares, detectable).map {
            "\(decimal($1, 2)) points if \(decimal(100 * $0, 0)) % of the documents change sides"
          }.joined(separator: ", ") + ".",
        "The best of several LoRA ranks is chosen after the fact, which favours LoRA.",
      ], published: "better or comparable")
  }

  /// Of a mean over tasks, in points.
  private static func standardError(_ scores: [PrintedNumber], _ documents: [Int]) -> Double {
    let variance = zip(scores, documents).reduce(0) { sum, task in
      sum + task.0.value * (100 - task.0.value) / Double(task.1)
    }
    return variance.squareRoot() / Double(scores.count)
  }

  private static func languageMargin(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let margin = try inputs.number("language-margin")
    let average = try inputs.widestAverage().name
    var workings: [Claim.Working] = []
    var lacking: [String: [Double]] = [:]
    for column in ["Language", average] {
      for group in try inputs.groups(with: [PaperMethod.lora, PaperMethod.idp]) {
        let lora = try group.best(PaperMethod.lora, by: column, &inputs)
        let idp = try group.best(PaperMethod.idp, by: column, &inputs)
        let difference = lora.score.minus(idp.score)
        workings.append(
          Claim.Working("\(column), \(group.name)", "\(lora.score.text) - \(idp.score.text)", difference, "points"))
        if difference > 0 { lacking[column, default: []].append(difference) }
      }
    }
    func holds(_ column: String) -> Bool { lacking[column, default: []].allSatisfy { $0 < margin.value } }
    let verdict: ClaimVerdict =
      holds("Language") ? .supported : holds(average) ? .holdsUnderReading : .contradictedByOwnTables
    return ClaimOutcome(
      value: "\(listed(lacking["Language", default: []].map { decimal($0, 2) })) points", verdict: verdict,
      workings: workings,
      reading: verdict == .holdsUnderReading
        ? "of the average over all tasks, where IDP lacks \(listed(lacking[average, default: []].map { decimal($0, 2) })); "
          + "of language understanding, which the sentence before is about, it is false" : nil,
      published: "less than \(margin.text) %")
  }

  private static func concatenation(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let claimed = [
      "OPT-6.7b": try inputs.number("concat-opt"), "Llama-7b": try inputs.number("concat-llama"),
    ]
    return try againstPrompts(PaperMethod.concatenation, claimed, &inputs)
  }

  private static func gainOverPrompts(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let claimed = [
      "OPT-6.7b": try inputs.number("idp-gain-opt"), "Llama-7b": try inputs.number("idp-gain-llama"),
    ]
    return try againstPrompts(PaperMethod.idp, claimed, &inputs)
  }

  /// A method less each of the single prompts that stand in the same table without a compressed model beside them, held
  /// against what is claimed of each model.
  private static func againstPrompts(
    _ method: String, _ claimed: [String: PrintedNumber], _ inputs: inout ClaimInputs
  ) throws(MissingInput) -> ClaimOutcome {
    let average = try inputs.widestAverage().name
    guard
      let table = inputs.publication.tables.first(where: { table in
        table.rows.contains { $0.method == PaperMethod.concatenation }
      })
    else { throw MissingInput(what: "no table has rows of \(PaperMethod.concatenation)") }
    var workings: [Claim.Working] = []
    var all: [Double] = []
    var readings: [String] = []
    var isFound = true
    var isAgainstBetter = true
    for (model, number) in claimed.sorted(by: { $0.key < $1.key }) {
      let rows = table.rows.filter { $0.model == model }
      guard let row = rows.first(where: { $0.method == method }) else {
        throw MissingInput(what: "\(table.place) has no \(method) of \(model)")
      }
      let score = try inputs.score(table, row, average)
      var differences: [(label: String, value: Double)] = []
      for prompt in rows where prompt.method == PaperMethod.prompt {
        let other = try inputs.score(table, prompt, average)
        let difference = score.minus(other)
        differences.append((prompt.label, difference))
        all.append(difference)
        workings.append(
          Claim.Working(
            "\(model), against \(prompt.label)", "\(score.text) - \(other.text)", difference, "points",
            note: number.isPrint(of: difference) ? "claimed \(number.text)" : ""))
      }
      guard let match = differences.first(where: { number.isPrint(of: $0.value) }) else {
        isFound = false
        readings.append("\(model): \(number.text) is the difference to neither")
        continue
      }
      let isBetter = differences.allSatisfy { $0.value >= match.value }
      isAgainstBetter = isAgainstBetter && isBetter
      readings.append("\(model): against the \(isBetter ? "better" : "worse") of the two, \(match.label)")
    }
    let verdict: ClaimVerdict =
      !isFound ? .contradictedByOwnTables : isAgainstBetter ? .supported : .holdsUnderReading
    return ClaimOutcome(
      value: listed(all.map { signed($0, 2) }), verdict: verdict, workings: workings,
      reading: verdict == .holdsUnderReading ? readings.joined(separator: "; ") : nil,
      notes: verdict == .holdsUnderReading ? [] : readings,
      published: claimed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text) %" }.joined(separator: ", "))
  }

  private static func gain(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let claimed = [
      "gptq": try inputs.number("gptq-gain"), "sparsegpt": try inputs.number("sparsegpt-gain"),
    ]
    let average = try inputs.widestAverage().name
    let groups = try inputs.groups(with: [PaperMethod.idp])
    var workings: [Claim.Working] = []
    var values: [String] = []
    var (idpHolds, topHolds) = (true, true)
    for (name, number) in claimed.sorted(by: { $0.key < $1.key }) {
      let ofCompression = groups.filter { $0.baseline.compression.hasPrefix(name) }
      guard !ofCompression.isEmpty else { throw MissingInput(what: "no table has rows compressed by \(name)") }
      var gains: [Double] = []
      var topGains: [Double] = []
      for group in ofCompression {
        let baseline = try inputs.score(group.table, group.baseline, average)
        let idp = try group.best(PaperMethod.idp, by: average, &inputs)
        var top = idp
        for method in Set(group.rows.map(\.method)).subtracting([PaperMethod.none]).sorted() {
          let best = try group.best(method, by: average, &inputs)
          if best.score.value > top.score.value { top = best }
        }
        gains.append(idp.score.minus(baseline))
        topGains.append(top.score.minus(baseline))
        workings.append(
          Claim.Working("IDP, \(group.name)", "\(idp.score.text) - \(baseline.text)", gains[gains.count - 1], "points"))
        if top.row.label != idp.row.label {
          workings.append(
            Claim.Working(
              "top performer, \(group.name)", "\(top.score.text) - \(baseline.text)", topGains[topGains.count - 1],
              "points", note: top.row.label))
        }
      }
      let mean = gains.reduce(0, +) / Double(gains.count)
      let topMean = topGains.reduce(0, +) / Double(topGains.count)
      func expression(_ gains: [Double]) -> String {
        "(\(gains.map { decimal($0, 2) }.joined(separator: " + "))) ÷ \(gains.count)"
      }
      workings.append(
        Claim.Working("IDP, mean of \(name)", expression(gains), mean, "points", note: "claimed \(number.text)"))
      workings.append(Claim.Working("top performers, mean of \(name)", expression(topGains), topMean, "points"))
      values.append("\(name) \(signed(mean, 2))")
      idpHolds = idpHolds && number.isPrint(of: mean)
      topHolds = topHolds && number.isPrint(of: topMean)
    }
    let verdict: ClaimVerdict = topHolds ? .supported : idpHolds ? .holdsUnderReading : .contradictedByOwnTables
    return ClaimOutcome(
      value: values.joined(separator: ", "), verdict: verdict, workings: workings,
      reading: verdict == .holdsUnderReading
        ? "of IDP's rows; the sentence speaks of the top performers, which are not all IDP" : nil,
      published: claimed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text) %" }.joined(separator: ", "))
  }

  private static func prefixWorse(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let average = try inputs.widestAverage()
    var (averages, higherAverages, scores) = (0, 0, 0)
    var higher: [Claim.Working] = []
    for group in try inputs.groups(with: [PaperMethod.prefix]) {
      for row in group.rows(of: PaperMethod.prefix) {
        for column in [average.name] + average.tasks {
          guard let score = group.table.score(row, column), let before = group.table.score(group.baseline, column)
          else {
            throw MissingInput(what: "\(group.table.place) has no column \(column)")
          }
          let difference = score.minus(before)
          if column == average.name { averages += 1 } else { scores += 1 }
          guard difference >= 0 else { continue }
          if column == average.name { higherAverages += 1 }
          _ = try (inputs.score(group.table, row, column), inputs.score(group.table, group.baseline, column))
          higher.append(
            Claim.Working(
              "\(group.table.place), \(row.label), \(column)", "\(score.text) - \(before.text)", difference, "points"))
        }
      }
    }
    let higherScores = higher.count - higherAverages
    let verdict: ClaimVerdict =
      higher.isEmpty ? .supported : higherAverages == 0 ? .holdsUnderReading : .contradictedByOwnTables
    return ClaimOutcome(
      value: "\(scores - higherScores) of \(scores) scores, \(averages - higherAverages) of \(averages) averages lower",
      verdict: verdict, workings: higher,
      reading: verdict == .holdsUnderReading
        ? "of the averages over all tasks; \(higherScores) of \(scores) single scores are not lower" : nil,
      published: "all lower")
  }
}
