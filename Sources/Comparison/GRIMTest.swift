/// Whether a percentage can be a whole number of documents right, out of so many, rounded to its printed places.
///
/// Source: Brown & Heathers 2017, "The GRIM Test: a simple technique detects numerous anomalies in the reporting of
/// results in psychology", for means of whole numbers; here of zeros and ones.
package struct GRIMTest: Equatable, Sendable {
  package let documents: Int

  package init(documents: Int) {
    precondition(documents > 0, "\(documents) documents")
    self.documents = documents
  }

  /// A count of documents whose share prints as the percentage, rounded with a tie either way; nil where there is none.
  ///
  /// With a last place of 10^-q, a count k prints as u units where |100 k / n - u / 10^q| ≤ 1 / (2 · 10^q), which is
  /// |200 · 10^q · k - 2 u n| ≤ n in whole numbers.
  package func count(printedAs percentage: PrintedNumber) -> Int? {
    let step = 200 * powerOfTen(max(0, -percentage.exponent))
    let target = 2 * percentage.units(of: min(0, percentage.exponent)) * documents
    let below = target / step
    return [below, below + 1].first { count in
      (0...documents).contains(count) && (step * count - target).magnitude <= documents.magnitude
    }
  }

  /// The share of all percentages of so many decimal places that some count prints as; 1 where the test has no power,
  /// as every percentage is possible.
  package func attainableShare(places: Int) -> Double {
    let percentages = 100 * powerOfTen(places)
    return documents >= percentages ? 1 : Double(documents + 1) / Double(percentages + 1)
  }
}
