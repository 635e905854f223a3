import Comparison
import Foundation
import Results

/// The results of a suite as a table: a row for each cell, a column for each task, accuracies in percent.
///
/// `params` are the trained ones. A star marks a result that may not be compared.
package struct ResultTable: Sendable {
  package let results: [CellResult]

  package init(results: [CellResult]) {
    self.results = results
  }

  /// The table for a terminal, one block a model, narrowed to `width` columns as far as breaking the headings allows.
  package func plainText(width: Int = 100) -> String {
    var blocks: [String] = []
    for model in models {
      let rows = rows(of: model)
      // Wide headings first; then shorter ones broken over lines, and at last less space between columns.
      let attempts = [2, 1].flatMap { gap in
        stride(from: 14, through: 6, by: -1).map { TextTable(heading: heading, rows: rows, headingWidth: $0, gap: gap) }
      }
      let table = attempts.first { $0.width <= width } ?? attempts[attempts.count - 1]
      blocks.append(model + "\n" + table.text)
    }
    return blocks.joined(separator: "\n")
  }

  private var models: [String] { firstOccurrences(results.map(\.cell.model)) }
  private var tasks: [String] { firstOccurrences(results.flatMap { $0.tasks.map(\.name) }) }

  private var heading: [String] {
    ["compression / recovery", "params"] + tasks + ["mean", "time s"]
  }

  private func rows(of model: String) -> [[String]] {
    results.filter { $0.cell.model == model }.map { result in
      let mark = result.isComparable ? "" : " *"
      let accuracies = tasks.map { name in
        result.tasks.first { $0.name == name }.map { percent($0.accuracy) } ?? "–"
      }
      let trained = result.parameters.trainable
      return ["\(result.cell.compression) / \(result.cell.recovery)\(mark)", trained == 0 ? "–" : grouped(trained)]
        + accuracies + [percent(result.averageAccuracy), String(format: "%.0f", result.timing.totalSeconds)]
    }
  }

  private func firstOccurrences(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f", share * 100) }
}
