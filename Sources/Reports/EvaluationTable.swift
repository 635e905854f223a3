import Foundation
import Results

/// The scores of a model on benchmarks as text for people: accuracies in percent, with their standard errors.
package struct EvaluationTable {
  private let result: EvaluationResult

  package init(_ result: EvaluationResult) { self.result = result }

  package var text: String {
    var footnotes: [String] = []
    let hasPerplexity = result.tasks.contains { $0.perplexity != nil }
    let hasNormalized = result.tasks.contains { $0.normalizedAccuracy != nil }
    var heading = ["task", "form", "n", "acc"]
    if hasNormalized { heading.append("acc_norm") }
    if hasPerplexity { heading.append("perplexity") }
    var rows = result.tasks.map { task in
      let cut =
        task.cutContexts > 0
        ? [
          "contexts that lost their beginning, as the model reads \(result.settings.maximumLength) tokens: \(task.cutContexts)"
        ] : []
      let marks = (task.flags + cut).map { flag in
        footnotes.append("\(task.name): \(flag)")
        return " [\(footnotes.count)]"
      }
      var row = [task.name + marks.joined(), task.harness, String(task.documents), Self.percent(task.accuracy)]
      if hasNormalized { row.append(task.normalizedAccuracy.map(Self.percent) ?? "") }
      if hasPerplexity { row.append(task.perplexity.map { Self.estimate($0, factor: 1, digits: 4) } ?? "") }
      return row
    }
    rows += result.averages.map { average in
      let name = average.name == "all" ? "mean of all \(average.tasks.count)" : "mean of \(average.name)"
      return [name, "", "", Self.percent(average.accuracy)] + heading.dropFirst(4).map { _ in "" }
    }
    let table = TextTable(heading: heading, rows: rows, headingWidth: 12, gap: 2, textColumns: [0, 1])
    let notes =
      footnotes.enumerated().map { "[\($0.offset + 1)] \($0.element)\n" }
      + result.settings.notes.map { "Note: \($0)\n" } + result.notComparableReasons.map { "Not comparable: \($0)\n" }
    return table.text + notes.joined()
  }

  private static func percent(_ estimate: Estimate) -> String { Self.estimate(estimate, factor: 100, digits: 2) }

  private static func estimate(_ estimate: Estimate, factor: Double, digits: Int) -> String {
    guard let value = estimate.value else { return "not a number" }
    let text = number(value * factor, digits)
    return estimate.standardError.map { "\(text) ± \(number($0 * factor, digits))" } ?? text
  }

  /// Without a tail of digits that say nothing: 1366831.1 rather than 1366831.0911.
  private static func number(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(value >= 1000 ? min(digits, 1) : digits)f", value)
  }
}
