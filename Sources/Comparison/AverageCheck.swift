import Foundation

/// A printed average held against the mean of the printed scores that it is over.
package struct AverageCheck: Equatable, Sendable {
  package let place: RowPlace
  package let average: String
  package let printed: PrintedNumber
  package let scores: [PrintedNumber]
  /// The mean of the printed scores.
  package let recomputed: Double
  /// How far the two may be apart: half a unit of the average's last place, and as much of each score's. The average of
  /// one score is that score, and may not be apart at all.
  package let tolerance: Double
  package let holds: Bool

  init(place: RowPlace, average: String, printed: PrintedNumber, scores: [PrintedNumber]) {
    self.place = place
    self.average = average
    self.printed = printed
    self.scores = scores
    let count = Double(scores.count)
    let isCopy = scores.count == 1 && scores[0].exponent == printed.exponent
    recomputed = scores.reduce(0) { $0 + $1.value } / count
    tolerance = isCopy ? 0 : printed.halfUnit + scores.reduce(0) { $0 + $1.halfUnit } / count
    // In whole units of the finest place, so that a difference of exactly the tolerance counts as one: with sum S of k
    // scores, 2 |S - k P| ≤ k · unit(P) + Σ unit(s).
    let finest = ([printed] + scores).map(\.exponent).min() ?? 0
    let sum = scores.reduce(0) { $0 + $1.units(of: finest) }
    let units = scores.reduce(0) { $0 + powerOfTen($1.exponent - finest) }
    let allowed = isCopy ? 0 : scores.count * powerOfTen(printed.exponent - finest) + units
    holds = 2 * (sum - scores.count * printed.units(of: finest)).magnitude <= allowed.magnitude
  }

  /// The sum by which a reader can check it, such as "(64.27 + 28.41) / 2 = 46.340".
  package var working: String {
    "(\(scores.map(\.text).joined(separator: " + "))) / \(scores.count) = \(recomputedText)"
  }

  /// With one place more than is printed.
  package var recomputedText: String { String(format: "%.\(max(0, -printed.exponent) + 1)f", recomputed) }

  var finding: AuditFinding {
    AuditFinding(
      kind: .average, place: "\(place), \(average)", detail: "printed \(printed.text), recomputed \(recomputedText)")
  }
}

func averageChecks(of publication: Publication) -> [AverageCheck] {
  publication.tables.flatMap { table in
    table.rows.flatMap { row in
      publication.averages.compactMap { average -> AverageCheck? in
        guard let printed = table.score(row, average.name) else { return nil }
        let scores = average.tasks.compactMap { table.score(row, $0) }
        // A table that leaves out a task's column does not say what the average is over.
        guard scores.count == average.tasks.count else { return nil }
        return AverageCheck(place: RowPlace(table, row), average: average.name, printed: printed, scores: scores)
      }
    }
  }
}
