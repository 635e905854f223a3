/// A printed number of parameters held against the publication's own formula.
package struct ParameterCheck: Equatable, Sendable {
  package let model: String
  package let method: String
  package let size: Int
  package let unit: String
  package let printed: PrintedNumber
  /// The rows that print it.
  package let places: [RowPlace]
  /// What the formula gives; nil where the model lacks one of its sizes.
  package let computed: Int?
  /// The formula with the numbers in it.
  package let working: String
  /// Sizes for which the formula would print as it is printed, up to 4096: the smallest and the largest.
  package let fittingSizes: ClosedRange<Int>?

  /// Whether the formula's number is printed, rounded or cut.
  package var holds: Bool { computed.map { printed.isPrint(of: $0) } ?? true }

  /// The number that the formula gives, and what would have to be put in for the printed one.
  package var detail: String {
    guard let computed else { return "\(working) cannot be computed" }
    guard !holds else { return "\(working) = \(grouped(computed))" }
    return "\(working) = \(grouped(computed)), printed \(printed.text); \(fittingText)"
  }

  private var fittingText: String {
    guard let sizes = fittingSizes else { return "no whole number for \(unit) would fit" }
    return sizes.count == 1
      ? "\(unit) = \(sizes.lowerBound) would fit"
      : "\(unit) = \(sizes.lowerBound) to \(sizes.upperBound) would fit"
  }

  var finding: AuditFinding {
    AuditFinding(kind: .parameters, place: "\(listed(places.map(\.description)))", detail: detail)
  }
}

/// One check for each model, method and size with a printed number and a formula.
func parameterChecks(of publication: Publication) -> [ParameterCheck] {
  var checks: [ParameterCheck] = []
  for table in publication.tables {
    for row in table.rows {
      guard let size = row.size, let printed = row.parameters, let model = publication.model(row.model),
        let formula = publication.formula(of: row.method)
      else { continue }
      let place = RowPlace(table, row)
      let known = checks.firstIndex {
        $0.model == row.model && $0.method == row.method && $0.size == size && $0.printed == printed
      }
      let places = known.map { checks[$0].places + [place] } ?? [place]
      let check = ParameterCheck(
        model: row.model, method: row.method, size: size, unit: formula.unit, printed: printed, places: places,
        computed: formula.parameters(of: model, size: size), working: formula.text(model: model, size: size),
        fittingSizes: fittingSizes(formula, model, printed))
      if let known { checks[known] = check } else { checks.append(check) }
    }
  }
  return checks
}

/// Formulas grow with the size, so those that fit are neighbours: from the first that is not too small on.
private func fittingSizes(
  _ formula: ParameterFormula, _ model: PublishedModel, _ printed: PrintedNumber
) -> ClosedRange<Int>? {
  func isTooSmall(_ size: Int) -> Bool {
    formula.parameters(of: model, size: size).map { Double($0) < printed.value - printed.halfUnit } ?? false
  }
  func fits(_ size: Int) -> Bool {
    formula.parameters(of: model, size: size).map { printed.isPrint(of: $0) } ?? false
  }
  var (low, high) = (1, 4096)
  while low < high {
    let middle = (low + high) / 2
    if isTooSmall(middle) { low = middle + 1 } else { high = middle }
  }
  guard fits(low) else { return nil }
  while high < 4096, fits(high + 1) { high += 1 }
  return low...high
}

/// Which projections a low-rank method must have adapted for the printed numbers of parameters of one model.
package struct AdaptedCheck: Equatable, Sendable {
  package let model: String
  package let method: String
  package let all: AdaptedProjections
  package let fitting: [AdaptedProjections]
}

func adaptedChecks(of publication: Publication) -> [AdaptedCheck] {
  publication.formulas.filter(\.isLowRank).flatMap { formula in
    publication.models.compactMap { model in
      AdaptedProjections.all(of: model).map { all in
        AdaptedCheck(
          model: model.name, method: formula.method, all: all,
          fitting: AdaptedProjections.fitting(publication, model: model, method: formula.method))
      }
    }
  }
}
