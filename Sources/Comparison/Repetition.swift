import Foundation
import Results

/// Whether a second run of the same cells gave the same results, to the last bit, but for times.
package struct Repetition: Equatable, Sendable {
  package let cellCount: Int
  /// A line for each field, of each cell that is not the same.
  package let differences: [String]

  /// - Throws: what is wrong with the records of documents.
  package init(of first: StoredResults, as second: StoredResults, cells: [Cell]) throws(ResultError) {
    let (documents, otherDocuments) = (try first.documents(), try second.documents())
    var differences: [String] = []
    for cell in cells {
      guard var one = first.results[cell], var other = second.results[cell] else {
        differences.append("\(cell): \(first.failures[cell] ?? second.failures[cell] ?? "not among the results")")
        continue
      }
      (one.latency, other.latency) = (nil, nil)
      differences += fieldDifferences(from: one, to: other).map { "\(cell): \($0)" }
      if one.environment != other.environment { differences.append("\(cell): made in another environment") }
      if documents[cell] != otherDocuments[cell] { differences.append("\(cell): records of documents") }
    }
    cellCount = cells.count
    self.differences = differences
  }
}
