import Foundation
import Results

package enum AcceptanceError: Error, Equatable {
  case unknownCell(Cell)
  case refused(Cell, reasons: [String])
  case unwritable(ResultError)
}

/// What taking new results as the baseline would change, for a person to review cell by cell.
///
/// Comparing never writes; this does, and only when `accept` is called.
package struct Acceptance: Sendable {
  package enum Change: Equatable, Sendable {
    /// There was no usable baseline.
    case new
    /// One line for each field that differs, "name: old → new".
    case changed([String])
    /// Equal in all but the environment and the timing.
    case unchanged
    /// The result may not become a baseline.
    case refused([String])
  }

  package struct Difference: Equatable, Sendable {
    package let cell: Cell
    package let change: Change
  }

  package let suite: String
  package let folder: String
  /// In the order of the cells.
  package let differences: [Difference]
  private let found: [Cell: CellResult]

  /// Looks at the cells that have a result; the others keep the baseline they have.
  package init(suite: String, cells: [Cell], found: [Cell: CellResult], baseline: Baseline) {
    self.suite = suite
    self.folder = baseline.folder
    self.found = found
    differences = cells.compactMap { cell in
      found[cell].map { result in
        let change = Self.change(from: baseline.results[cell], to: result, suite: suite, cell: cell)
        return Difference(cell: cell, change: change)
      }
    }
  }

  /// Writes the files of these cells and returns their paths; those of unchanged cells are left alone.
  ///
  /// Nothing is written unless all of them may be.
  ///
  /// - Parameter commit: Of the work tree that the results come from, to be recorded with them.
  package func accept(_ cells: [Cell], commit: String? = nil) throws(AcceptanceError) -> [String] {
    var results: [CellResult] = []
    for cell in cells {
      guard let result = found[cell], let difference = differences.first(where: { $0.cell == cell }) else {
        throw .unknownCell(cell)
      }
      switch difference.change {
      case .new, .changed: results.append(result)
      case .unchanged: break
      case .refused(let reasons): throw .refused(cell, reasons: reasons)
      }
    }
    var paths: [String] = []
    for var result in results {
      result.environment.commit = commit
      let path = Baseline.path(of: result.cell, in: folder)
      do {
        try ResultFile.write(result, to: path)
      } catch {
        throw .unwritable(error)
      }
      paths.append(path)
    }
    return paths
  }

  private static func change(from old: CellResult?, to new: CellResult, suite: String, cell: Cell) -> Change {
    var reasons = guardFailures(of: new, suite: suite, cell: cell).map { "\($0.name): \($0.detail)" }
    if let old {
      reasons += collapsedTasks(of: new, expected: old).map { task, before in
        "\(task.name): nothing is right any more, \(before.accuracy) was; if that is meant, delete the baseline first"
      }
    }
    guard reasons.isEmpty else { return .refused(reasons) }
    guard let old else { return .new }
    let lines = fieldDifferences(from: old, to: new)
    return lines.isEmpty ? .unchanged : .changed(lines)
  }
}
