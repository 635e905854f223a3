extension ClaimDefinition {
  /// What tables say of themselves; `Audit` has the details.
  static let tables = [
    ClaimDefinition(
      id: "averages", subject: .statement("averages"), quantity: "rows whose averages their scores give",
      formula: "the mean of the printed scores, within what rounding explains", decide: averages),
    ClaimDefinition(
      id: "duplicate-rows",
      subject: .implied("Rows for different methods have numbers of their own.", place: "Tables"),
      quantity: "rows of one table that are equal in every column", formula: "cell by cell", decide: duplicates),
    ClaimDefinition(
      id: "table3-labels", subject: .statement("table-3-labels"),
      quantity: "rows that have the same label as in another table, and the same numbers", formula: "cell by cell",
      decide: labels),
    ClaimDefinition(
      id: "grim", subject: .implied("Each accuracy is of all documents of the task's test set.", place: "Tables"),
      quantity: "percentages that are a whole number of documents right",
      formula: "some k with 100 · k ÷ n that prints as the percentage", decide: counts),
  ]

  private static func averages(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    inputs.noteTables()
    let checks = averageChecks(of: inputs.publication)
    guard !checks.isEmpty else { throw MissingInput(what: "the publication's file has no averages") }
    var workings: [Claim.Working] = []
    var (good, all) = (0, 0)
    for table in inputs.publication.tables {
      let rows = Dictionary(grouping: checks.filter { $0.place.table == table.place }, by: \.place)
      let recomputed = rows.count { $0.value.allSatisfy(\.holds) }
      (good, all) = (good + recomputed, all + rows.count)
      workings.append(
        Claim.Working("rows of \(table.place)", "of \(rows.count)", Double(recomputed), "rows"))
    }
    for check in checks where !check.holds {
      workings.append(
        Claim.Working(
          "\(check.place), \(check.average)", sum(check), check.recomputed, "%", note: "printed \(check.printed.text)"))
    }
    return ClaimOutcome(
      value: "\(good) of \(all) rows", verdict: good == all ? .supported : .contradictedByOwnTables, workings: workings,
      notes: [
        "The mean may differ by half a unit of the average's last place and half a unit of each score's: "
          + "\(decimal(checks.map(\.tolerance).max() ?? 0, 3)) here."
      ], published: "all rows")
  }

  private static func sum(_ check: AverageCheck) -> String {
    "(\(check.scores.map(\.text).joined(separator: " + "))) ÷ \(check.scores.count)"
  }

  private static func duplicates(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    inputs.noteTables()
    guard !inputs.publication.tables.isEmpty else { throw MissingInput(what: "the publication's file has no tables") }
    let duplicates = duplicateRows(of: inputs.publication)
    return ClaimOutcome(
      value: duplicates.isEmpty ? "none equal" : "\(duplicates.count) pair\(duplicates.count == 1 ? "" : "s") equal",
      verdict: duplicates.isEmpty ? .supported : .contradictedByOwnTables,
      workings: duplicates.map {
        Claim.Working("\($0.second) = \($0.first.row)", "equal columns", Double($0.columns), "columns")
      }, published: "none equal")
  }

  private static func labels(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    inputs.noteTables()
    let checks = labelChecks(of: inputs.publication)
    guard !checks.isEmpty else { throw MissingInput(what: "no two tables have rows of the same label") }
    let held = checks.count(where: \.holds)
    return ClaimOutcome(
      value: "\(held) of \(checks.count) rows agree",
      verdict: held == checks.count ? .supported : .contradictedByOwnTables,
      workings: [Claim.Working("rows that agree", "of \(checks.count)", Double(held), "rows")],
      notes: checks.map { "\($0.holds ? "✓" : "✗") \($0.place) \($0.detail)" }
        + jointPrompts(checks, inputs.publication),
      published: "all agree")
  }

  /// Where IDP stands in a table beside the prompts that it chooses among: their tokens together, against the size that
  /// the equal row of the other table prints.
  private static func jointPrompts(_ checks: [LabelCheck], _ publication: Publication) -> [String] {
    publication.tables.flatMap { table in
      table.rows.filter { $0.method == PaperMethod.idp && $0.size == nil }.compactMap { row -> String? in
        let place = RowPlace(table, row)
        let tokens = table.rows.filter { $0.model == row.model && $0.method == PaperMethod.prompt }.compactMap(\.size)
        let equal = checks.first { $0.place == place }?.equal.first
        let other = publication.tables.first { $0.place == equal?.table }?.rows.first { $0.label == equal?.row }
        guard tokens.count > 1, let equal, let printed = other?.parameters, let model = publication.model(row.model),
          let formula = publication.formula(of: row.method),
          let count = formula.parameters(of: model, size: tokens.reduce(0, +)), !printed.isPrint(of: count)
        else { return nil }
        return "\(place) is over prompts of \(listed(tokens.map(String.init))) tokens, "
          + "\(formula.text(model: model, size: tokens.reduce(0, +))) = \(grouped(count)) parameters; its equal, "
          + "\(equal), prints \(printed.text)"
      }
    }
  }

  private static func counts(_ inputs: inout ClaimInputs) throws(MissingInput) -> ClaimOutcome {
    inputs.noteTables()
    let checks = documentChecks(of: inputs.publication)
    guard !checks.isEmpty else { throw MissingInput(what: "the publication's file has no numbers of documents") }
    let tasks = inputs.publication.tasks.map(\.name).filter { task in checks.contains { $0.task == task } }
    func names(_ verdict: DocumentCheck.Verdict) -> [String] {
      checks.filter { $0.verdict == verdict }.map { "\($0.task) \($0.documents)" }
    }
    let impossible = tasks.filter { task in
      checks.filter { $0.task == task }.allSatisfy { $0.verdict == .excluded }
    }
    let shown = tasks.filter { task in checks.contains { $0.task == task && $0.verdict == .possible } }
    let workings = checks.map { check in
      Claim.Working(
        "\(check.task), n = \(check.documents)", "of \(check.percentages)",
        Double(check.percentages - check.misfits.count), "percentages",
        note: check.verdict == .noPower ? "no power" : check.verdict == .excluded ? "excluded" : "possible")
    }
    var notes: [String] = []
    if !names(.excluded).isEmpty { notes.append("Excluded: \(listed(names(.excluded))).") }
    if !names(.noPower).isEmpty {
      notes.append("No power, as every percentage is possible: \(listed(names(.noPower))).")
    }
    return ClaimOutcome(
      value: "fits in \(shown.count) tasks, \(tasks.count - shown.count - impossible.count) not testable",
      verdict: impossible.isEmpty ? .supported : .contradictedByOwnTables, workings: workings, notes: notes,
      published: "full test sets")
  }
}
