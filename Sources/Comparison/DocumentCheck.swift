import Foundation

/// All printed percentages of a task held against one number of documents that it may have been scored on.
package struct DocumentCheck: Equatable, Sendable {
  package enum Verdict: String, Encodable, Sendable {
    /// Every percentage is a count of these documents.
    case possible
    /// Some percentage is not: these documents were not all that was scored.
    case excluded
    /// Nothing could have been excluded: at this many documents every percentage of so few places is a count.
    case noPower
  }

  package struct Misfit: Equatable, Encodable, Sendable {
    package let place: RowPlace
    package let percentage: PrintedNumber
  }

  package let task: String
  package let documents: Int
  /// How many percentages are printed, and how many different ones.
  package let percentages: Int
  package let differentPercentages: Int
  package let misfits: [Misfit]
  /// How likely all of them would be counts of these documents if they had nothing to do with them.
  package let chance: Double
  package let verdict: Verdict

  init(task: String, documents: Int, percentages: [Misfit]) {
    self.task = task
    self.documents = documents
    self.percentages = percentages.count
    let test = GRIMTest(documents: documents)
    misfits = percentages.filter { test.count(printedAs: $0.percentage) == nil }
    let different = Set(percentages.map(\.percentage.text)).sorted().compactMap(PrintedNumber.init)
    differentPercentages = different.count
    chance = different.reduce(1) { $0 * test.attainableShare(places: max(0, -$1.exponent)) }
    verdict = !misfits.isEmpty ? .excluded : chance == 1 ? .noPower : .possible
  }
}

func documentChecks(of publication: Publication) -> [DocumentCheck] {
  publication.tasks.flatMap { task -> [DocumentCheck] in
    let percentages = publication.tables.flatMap { table in
      table.rows.compactMap { row in
        table.score(row, task.name).map { DocumentCheck.Misfit(place: RowPlace(table, row), percentage: $0) }
      }
    }
    guard !percentages.isEmpty else { return [] }
    return task.documents.map { DocumentCheck(task: task.name, documents: $0, percentages: percentages) }
  }
}
