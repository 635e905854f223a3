import Comparison
import Foundation

/// What the paper printed for a cell of the suite that repeats it.
///
/// Names are compared without regard to case and to what cannot stand in a path: "sparsegpt-50%" is the cell
/// `sparsegpt-50`.
struct PublishedScores {
  private let publication: Publication

  init(_ publication: Publication) { self.publication = publication }

  /// The row of a table, such as "Table 1"; nil where it has none for the cell.
  func row(
    _ model: String, _ compression: SuiteEvidence.Compression, _ recovery: SuiteEvidence.Recovery, in place: String
  ) -> (table: PublishedTable, row: PublishedRow)? {
    guard let table = publication.tables.first(where: { $0.place == place }) else { return nil }
    let row = table.rows.first { row in
      Self.isSame(row.model, model) && Self.isSame(row.compression, compression.name)
        && row.method == Self.method(recovery.kind) && (row.size == nil || row.size == recovery.size)
    }
    return row.map { (table, $0) }
  }

  /// The tables of recoveries, for a compression: Table 1 or Table 2.
  func place(of compression: SuiteEvidence.Compression) -> String? {
    publication.tables.first { table in
      table.rows.contains { $0.method == "none" && Self.isSame($0.compression, compression.name) }
    }?.place
  }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    func plain(_ name: String) -> String { name.lowercased().filter { $0 != "%" } }
    return plain(one) == plain(other)
  }

  /// As the publication's file names it.
  private static func method(_ kind: SuiteEvidence.Recovery.Kind) -> String {
    switch kind {
    case .none: "none"
    case .lora: "lora"
    case .prompt: "prompt"
    case .prefix: "prefix"
    case .idp: "idp"
    case .concatenation: "concat"
    }
  }
}
