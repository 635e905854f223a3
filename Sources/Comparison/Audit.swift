/// What a publication's printed numbers say about one another: everything that arithmetic alone can check.
///
/// It needs no model and no run. What it calls a contradiction follows from the printed numbers and the publication's
/// own formulas and labels; why the numbers are as they are, it cannot say.
package struct Audit: Equatable, Sendable {
  package let publication: Publication
  package let averages: [AverageCheck]
  package let documents: [DocumentCheck]
  package let duplicates: [DuplicateRows]
  package let labels: [LabelCheck]
  package let parameters: [ParameterCheck]
  package let adapted: [AdaptedCheck]

  package init(_ publication: Publication) {
    self.publication = publication
    averages = averageChecks(of: publication)
    documents = documentChecks(of: publication)
    duplicates = duplicateRows(of: publication)
    labels = labelChecks(of: publication)
    parameters = parameterChecks(of: publication)
    adapted = adaptedChecks(of: publication)
  }

  /// The contradictions, in the order of the checks.
  package var findings: [AuditFinding] {
    averages.filter { !$0.holds }.map(\.finding) + tasksWithoutPossibleCount.map(finding)
      + duplicates.map(\.finding) + labels.filter { !$0.holds }.map(\.finding)
      + parameters.filter { !$0.holds }.map(\.finding)
  }

  /// 0 where nothing contradicts, 2 otherwise.
  package var exitStatus: Int32 { findings.isEmpty ? 0 : 2 }

  /// Tasks of which no stated number of documents can have given all printed percentages.
  private var tasksWithoutPossibleCount: [String] {
    publication.tasks.map(\.name).filter { task in
      let checks = documents.filter { $0.task == task }
      return !checks.isEmpty && checks.allSatisfy { $0.verdict == .excluded }
    }
  }

  private func finding(ofTask task: String) -> AuditFinding {
    let checks = documents.filter { $0.task == task }
    let details = checks.map { check in
      let values = check.misfits.map { "\($0.percentage.text) (\($0.place))" }
      return "n = \(grouped(check.documents)): \(listed(values))"
    }
    return AuditFinding(
      kind: .documents, place: task, detail: "no count of documents gives " + details.joined(separator: "; "))
  }
}

/// A contradiction: where it stands, and what is wrong there.
package struct AuditFinding: Equatable, Encodable, Sendable {
  package enum Kind: String, Encodable, Sendable {
    case average
    case documents
    case duplicate
    case label
    case parameters
  }

  package var kind: Kind
  package var place: String
  package var detail: String
}

/// A row of a table.
package struct RowPlace: Hashable, Encodable, Sendable, CustomStringConvertible {
  package let table: String
  package let row: String

  init(_ table: PublishedTable, _ row: PublishedRow) {
    self.table = table.place
    self.row = row.label
  }

  package var description: String { "\(table), \(row)" }
}
