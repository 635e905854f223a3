import Comparison

/// What a suite says about how its results are held against the baseline; all of it may be left out.
package struct GateSettings: Equatable, Sendable {
  static let keys = ["significance", "margin", "latencyFactor"]

  package var rule = ComparisonRule()

  package init() {}

  init(_ mapping: SuiteMapping) throws(SuiteError) {
    rule.significance = try mapping.number(
      "significance", default: rule.significance, expected: "between 0 and 1", where: { $0 > 0 && $0 < 1 })
    if !mapping.isNull("margin") {
      rule.margin = try mapping.number("margin", expected: "0 to 100 points", where: { (0...100).contains($0) })
    }
    rule.latencyFactor = try mapping.number(
      "latencyFactor", default: rule.latencyFactor, expected: "at least 1", where: { $0 >= 1 })
  }
}
