extension ClaimDefinition {
  /// What the paper says of the number of trained parameters.
  static let parameters = [
    ClaimDefinition(
      id: "parameters-21x", subject: .statement("parameter-saving"),
      quantity: "trained parameters of LoRA against those of IDP", formula: "parameters(LoRA) ÷ parameters(IDP)",
      decide: saving),
    ClaimDefinition(
      id: "parameters-20-fold", subject: .statement("fold-reduction"),
      quantity: "the reduction that the text's own numbers give", formula: "LoRA ÷ IDP, and 1 - IDP ÷ LoRA",
      decide: foldReduction),
    ClaimDefinition(
      id: "lora-formula", subject: .statement("lora-formula"), quantity: "trained parameters of LoRA",
      formula: "layers · (8 · width · rank + 4 · inner · rank)"
    ) { inputs throws(MissingInput) in try formulaOutcome(of: PaperMethod.lora, &inputs) },
    ClaimDefinition(
      id: "prefix-formula", subject: .statement("prefix-formula"), quantity: "trained parameters of a prefix",
      formula: "layers · tokens · width"
    ) { inputs throws(MissingInput) in try formulaOutcome(of: PaperMethod.prefix, &inputs) },
    ClaimDefinition(
      id: "prompt-formula", subject: .statement("prompt-formula"),
      quantity: "trained parameters of a prompt, and of IDP",
      formula: "tokens · width", decide: promptFormula),
  ]

  private static func saving(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let claimed = try inputs.number("parameter-saving")
    var workings: [Claim.Working] = []
    var readings: [(ratio: Ratio, model: PublishedModel)] = []
    var isSupported = false
    var headlines: [String] = []
    for model in inputs.publication.models {
      let sizes = try TrainedSizes(model, &inputs)
      guard let idp = sizes.idp.last, let largest = sizes.lora.last, let smallest = sizes.lora.first else {
        throw MissingInput(what: "the tables have no LoRA and IDP of \(model.name) with their sizes")
      }
      let direct = [ratio(largest, idp), ratio(smallest, idp)]
      workings += direct.map { working($0, model) }
      workings.append(
        Claim.Working(
          "as printed, \(model.name)", "\(largest.printed.text) ÷ \(idp.printed.text)",
          largest.printed.value / idp.printed.value, "×"))
      isSupported = isSupported || direct.contains { claimed.isPrint(of: $0.value) }
      headlines.append("\(decimal(direct[0].value, 1))×")
      // Any other two of the table's sizes that would give the claimed number.
      for large in sizes.lora + sizes.prefix {
        for small in sizes.prompt + sizes.idp {
          let other = ratio(large, small)
          guard claimed.isPrint(of: other.value), !direct.contains(where: { $0.name == other.name }) else { continue }
          readings.append((other, model))
        }
      }
    }
    let verdict: ClaimVerdict =
      isSupported ? .supported : readings.isEmpty ? .contradictedByOwnTables : .holdsUnderReading
    let others = readings.map { "\($0.name) of \($1.name) (\(decimal($0.value, 1))×)" }
    return ClaimOutcome(
      value: headlines.joined(separator: " and "), verdict: verdict,
      workings: workings + readings.map { working($0.0, $0.1) },
      reading: verdict == .holdsUnderReading ? "only for \(listed(others)), not for LoRA ÷ IDP" : nil,
      notes: countNotes(inputs.publication))
  }

  private typealias Ratio = (name: String, expression: String, value: Double)

  private static func ratio(_ large: TrainedSize, _ small: TrainedSize) -> Ratio {
    (
      "\(large.name) ÷ \(small.name)", "\(grouped(large.count)) ÷ \(grouped(small.count))",
      Double(large.count) / Double(small.count)
    )
  }

  private static func working(_ ratio: Ratio, _ model: PublishedModel) -> Claim.Working {
    Claim.Working("\(ratio.name), \(model.name)", ratio.expression, ratio.value, "×")
  }

  /// From which projections LoRA's exact counts come.
  private static func countNotes(_ publication: Publication) -> [String] {
    adaptedChecks(of: publication).compactMap { check in
      guard check.fitting.count == 1, let fitting = check.fitting.first else { return nil }
      return
        "LoRA of \(check.model): \(grouped(fitting.parameters(rank: 1))) · rank, which is \(fitting.text): the only "
        + "choice of projections that prints as the tables do"
    }
  }

  private static func foldReduction(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let fold = try inputs.number("fold-reduction")
    let idp = try inputs.number("idp-parameters")
    let savings = [try inputs.number("smallest-saving"), try inputs.number("largest-saving")]
    var workings: [Claim.Working] = []
    var folds: [Double] = []
    var savingsHold = true
    for (lora, saving) in zip([try inputs.number("lora-smallest"), try inputs.number("lora-largest")], savings) {
      let share = 100 * (1 - idp.value / lora.value)
      workings.append(Claim.Working("saving", "1 - \(idp.text) ÷ \(lora.text)", share, "%"))
      workings.append(Claim.Working("reduction", "\(lora.text) ÷ \(idp.text)", lora.value / idp.value, "×"))
      folds.append(lora.value / idp.value)
      savingsHold = savingsHold && saving.isPrint(of: share)
    }
    var notes =
      savingsHold ? ["The savings of \(savings[0].text) % to \(savings[1].text) % follow from these numbers."] : []
    var isCountRight = true
    for check in parameterChecks(of: inputs.publication) where check.method == PaperMethod.idp {
      guard let computed = check.computed, let place = check.places.first else { continue }
      isCountRight = isCountRight && idp.isPrint(of: computed)
      workings.append(
        Claim.Working(
          "IDP, \(check.model)", check.working, Double(computed), "parameters",
          note: "\(place.table) prints \(check.printed.text), the text \(idp.text)"))
    }
    if !isCountRight { notes.append("The text's \(idp.text) for IDP is not what the appendix's formula gives.") }
    let holds = folds.contains { fold.isPrint(of: $0) }
    return ClaimOutcome(
      value: folds.map { "\(decimal($0, 1))×" }.joined(separator: " to "),
      verdict: holds ? .supported : .contradictedByOwnTables, workings: workings, notes: notes)
  }

  private static func formulaOutcome(
    of method: String, _ inputs: inout ClaimInputs
  ) throws(MissingInput) -> ClaimOutcome {
    let checks = parameterChecks(of: inputs.publication).filter { $0.method == method }
    guard !checks.isEmpty else { throw MissingInput(what: "no table gives sizes and parameters of \(method)") }
    try inputs.noteFormula(of: method)
    let workings = checks.compactMap { check in
      check.computed.map { computed in
        Claim.Working(
          "\(check.model), \(check.unit) \(check.size)", check.working, Double(computed), "parameters",
          note: check.holds ? "printed \(check.printed.text)" : "printed \(check.printed.text): no")
      }
    }
    var notes = checks.filter { !$0.holds && $0.fittingSizes != nil && method != PaperMethod.lora }.map { check in
      "\(check.model): \(check.detail)"
    }
    for check in adaptedChecks(of: inputs.publication) where check.method == method {
      notes += [
        "\(check.model), all projections (\(check.all.text)): \(counts(check.all, of: checks, check.model))"
      ]
      notes += check.fitting.filter { $0 != check.all }.map {
        "\(check.model), what fits every printed size (\($0.text)): \(counts($0, of: checks, check.model))"
      }
    }
    if method == PaperMethod.prefix {
      let doubled = checks.filter { $0.model == checks.first?.model }.compactMap(\.computed).map { grouped(2 * $0) }
      notes.append("A prefix has keys and values, twice as many parameters: \(listed(doubled)).")
    }
    let fitting = checks.count(where: \.holds)
    return ClaimOutcome(
      value: "\(fitting) of \(checks.count) sizes fit",
      verdict: fitting == checks.count ? .supported : .contradictedByOwnTables, workings: workings, notes: notes,
      published: listed(printedSizes(checks)))
  }

  private static func counts(_ choice: AdaptedProjections, of checks: [ParameterCheck], _ model: String) -> String {
    listed(checks.filter { $0.model == model }.map { grouped(choice.parameters(rank: $0.size)) })
  }

  private static func promptFormula(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    let prompts = try formulaOutcome(of: PaperMethod.prompt, &inputs)
    let idp = try formulaOutcome(of: PaperMethod.idp, &inputs)
    let checks = parameterChecks(of: inputs.publication).filter {
      $0.method == PaperMethod.prompt || $0.method == PaperMethod.idp
    }
    return ClaimOutcome(
      value: "\(checks.count(where: \.holds)) of \(checks.count) sizes fit",
      verdict: prompts.verdict == idp.verdict ? prompts.verdict : .contradictedByOwnTables,
      workings: prompts.workings + idp.workings, notes: prompts.notes + idp.notes,
      published: listed(printedSizes(checks)))
  }

  private static func printedSizes(_ checks: [ParameterCheck]) -> [String] {
    var sizes: [String] = []
    for check in checks where !sizes.contains(check.printed.text) { sizes.append(check.printed.text) }
    return sizes
  }
}

/// The trained parameters of a row, to the last digit, beside what is printed.
struct TrainedSize {
  let name: String
  let count: Int
  let printed: PrintedNumber
}

/// Those of one model, each method's from the smallest on.
struct TrainedSizes {
  private(set) var lora: [TrainedSize] = []
  private(set) var prompt: [TrainedSize] = []
  private(set) var prefix: [TrainedSize] = []
  private(set) var idp: [TrainedSize] = []

  /// LoRA is counted from the only choice of projections that fits the printed sizes, where there is one, and by the
  /// publication's formula otherwise, like every other method.
  init(_ model: PublishedModel, _ inputs: inout ClaimInputs) throws(MissingInput) {
    let publication = inputs.publication
    let fitting = AdaptedProjections.fitting(publication, model: model, method: PaperMethod.lora)
    for check in parameterChecks(of: publication) where check.model == model.name {
      guard let table = publication.tables.first(where: { $0.place == check.places.first?.table }),
        let row = table.rows.first(where: { $0.label == check.places.first?.row })
      else { continue }
      let printed = try inputs.parameters(row, in: table)
      let adapted = check.method == PaperMethod.lora && fitting.count == 1 ? fitting.first : nil
      guard let count = adapted?.parameters(rank: check.size) ?? check.computed else { continue }
      func size(_ name: String) -> TrainedSize { TrainedSize(name: name, count: count, printed: printed) }
      switch check.method {
      case PaperMethod.lora: lora.append(size("LoRA rank \(check.size)"))
      case PaperMethod.prompt: prompt.append(size("prompt of \(check.size)"))
      case PaperMethod.prefix: prefix.append(size("prefix of \(check.size)"))
      case PaperMethod.idp: idp.append(size("IDP"))
      default: break
      }
    }
    lora.sort { $0.count < $1.count }
    prompt.sort { $0.count < $1.count }
    prefix.sort { $0.count < $1.count }
  }
}
