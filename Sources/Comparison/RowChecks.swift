/// Two rows of one table that say they are different and have the same number in every column.
package struct DuplicateRows: Equatable, Encodable, Sendable {
  package let first: RowPlace
  package let second: RowPlace
  package let columns: Int

  var finding: AuditFinding {
    AuditFinding(kind: .duplicate, place: "\(second)", detail: "equals \(first.row) in all \(columns) columns")
  }
}

/// A row held against another table: whether what bears the same label there also has the same numbers.
package struct LabelCheck: Equatable, Sendable {
  package let place: RowPlace
  package let otherTable: String
  /// Rows of the other table for the same model, compression and method, and not for another size.
  package let alike: [RowPlace]
  /// Rows of the other table with the same number in every column that both have.
  package let equal: [RowPlace]
  /// Columns in which the row and the first one alike differ, with both numbers.
  package let differences: [Difference]

  package struct Difference: Equatable, Encodable, Sendable {
    package let column: String
    package let here: PrintedNumber
    package let there: PrintedNumber
  }

  /// The same label goes with the same numbers, and no other label does.
  package var holds: Bool { alike.isEmpty ? equal.isEmpty : !Set(alike).isDisjoint(with: equal) }

  /// What the other table says, without the row's own name.
  package var detail: String {
    let names = listed(equal.map(\.description))
    guard !holds else { return "equals \(names), under the same label" }
    var parts: [String] = []
    if !equal.isEmpty { parts.append("equals \(names), under another label") }
    if let first = alike.first, let last = differences.last {
      let others = differences.count > 1 ? ", and \(differences.count - 1) more columns" : ""
      parts.append(
        "differs from \(first), of the same label: \(last.column) \(last.here.text) here, \(last.there.text) there"
          + others)
    }
    if equal.isEmpty { parts.append("its numbers stand nowhere in \(otherTable)") }
    return parts.joined(separator: "; ")
  }

  var finding: AuditFinding { AuditFinding(kind: .label, place: "\(place)", detail: detail) }
}

func duplicateRows(of publication: Publication) -> [DuplicateRows] {
  publication.tables.flatMap { table in
    table.rows.indices.flatMap { second in
      table.rows[..<second].filter { isEqual($0, table.rows[second], table, table) }.map { first in
        DuplicateRows(
          first: RowPlace(table, first), second: RowPlace(table, table.rows[second]), columns: table.columns.count)
      }
    }
  }
}

/// Each row against each earlier table, where there is something to say.
func labelChecks(of publication: Publication) -> [LabelCheck] {
  publication.tables.indices.flatMap { index in
    let table = publication.tables[index]
    return table.rows.flatMap { row in
      publication.tables[..<index].compactMap { other -> LabelCheck? in
        let alike = other.rows.filter { isAlike($0, row) }
        let equal = other.rows.filter { isEqual($0, row, other, table) }
        guard !alike.isEmpty || !equal.isEmpty else { return nil }
        return LabelCheck(
          place: RowPlace(table, row), otherTable: other.place, alike: alike.map { RowPlace(other, $0) },
          equal: equal.map { RowPlace(other, $0) },
          differences: alike.first.map { differences(row, table, $0, other) } ?? [])
      }
    }
  }
}

/// Whether two rows are for the same thing, as far as they say. A row that gives no size may be for any.
private func isAlike(_ first: PublishedRow, _ second: PublishedRow) -> Bool {
  guard first.model == second.model, first.compression == second.compression, first.method == second.method else {
    return false
  }
  guard let firstSize = first.size, let secondSize = second.size else { return true }
  return firstSize == secondSize
}

/// Whether two rows have the same numbers in at least three common columns; fewer may agree by chance.
private func isEqual(
  _ first: PublishedRow, _ second: PublishedRow, _ firstTable: PublishedTable, _ secondTable: PublishedTable
) -> Bool {
  let common = firstTable.columns.filter(secondTable.columns.contains)
  return common.count >= 3 && differences(first, firstTable, second, secondTable).isEmpty
}

private func differences(
  _ here: PublishedRow, _ table: PublishedTable, _ there: PublishedRow, _ other: PublishedTable
) -> [LabelCheck.Difference] {
  table.columns.compactMap { column in
    guard let first = table.score(here, column), let second = other.score(there, column),
      first.units != second.units || first.exponent != second.exponent
    else { return nil }
    return LabelCheck.Difference(column: column, here: first, there: second)
  }
}
