import Comparison
import Experiments
import Foundation
import Testing

/// The project's own file of what the paper printed.
enum PaperFile {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Baselines/paper/published.yaml").path

  static func read() throws -> Publication { try Publication(contentsOf: path) }
}

/// A mistake of the paper's tables that can be put right.
enum Correction: CaseIterable {
  case averages
  case duplicate
  case labels
  case adaptedProjections
  case prefixSize

  /// The published numbers with this put right. Where no right number is known, one that is possible stands in.
  func apply(to publication: inout Publication) throws {
    switch self {
    case .averages:
      try publication.setScore("42.29", "Table 1", "OPT-6.7b prompt 0.1M", "World")
      try publication.setScore("51.67", "Table 1", "OPT-6.7b prompt 0.1M", "Average")
    case .duplicate:
      // 1523 of 2376 documents are 64.10 %.
      try publication.setScore("64.10", "Table 2", "OPT-6.7b IDP 0.6M", "arc_easy")
      try publication.setScore("42.98", "Table 2", "OPT-6.7b IDP 0.6M", "World")
      try publication.setScore("52.19", "Table 2", "OPT-6.7b IDP 0.6M", "Average")
    case .labels:
      let same = [("26", "prompt 0.1M"), ("100", "prompt 0.4M"), ("IDP", "IDP 0.6M")]
      for model in ["OPT-6.7b", "Llama-7b"] {
        for (here, there) in same {
          let source = try publication.rowIndex("Table 1", "\(model) \(there)")
          let target = try publication.rowIndex("Table 3", "\(model)/\(here)")
          publication.tables[target.table].rows[target.row].scores =
            publication.tables[source.table].rows[source.row].scores
        }
      }
    case .adaptedProjections:
      // Inputs and outputs of the adapted projections: Llama's without one of the attention's four.
      publication.models[0].sizes["adapted"] = 3 * 8192 + 3 * 15104
      publication.models[1].sizes["adapted"] = 4 * 8192 + 2 * 20480
      publication.formulas[0].terms = [[.size("layers"), .size("adapted"), .row]]
    case .prefixSize:
      for table in publication.tables.indices {
        for row in publication.tables[table].rows.indices
        where publication.tables[table].rows[row].parameters?.text == "3.1M" {
          publication.tables[table].rows[row].parameters = PrintedNumber("3.4M")
        }
      }
    }
  }
}

extension Publication {
  func rowIndex(_ table: String, _ label: String) throws -> (table: Int, row: Int) {
    let table = try #require(tables.firstIndex { $0.place == table })
    return (table, try #require(tables[table].rows.firstIndex { $0.label == label }))
  }

  mutating func setScore(_ text: String, _ table: String, _ label: String, _ column: String) throws {
    let index = try rowIndex(table, label)
    let column = try #require(tables[index.table].columns.firstIndex(of: column))
    tables[index.table].rows[index.row].scores[column] = try #require(PrintedNumber(text))
  }
}
