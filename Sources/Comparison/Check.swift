import Results

/// One thing that was checked, and what it came to.
package struct Check: Equatable, Sendable {
  /// Nil for what concerns no single cell, such as a baseline that none uses.
  package let cell: Cell?
  /// What was checked, such as "piqa accuracy"; unique within the cell.
  package let name: String
  package let verdict: Verdict
  package let expected: String
  package let found: String
  /// How far apart the two may be, such as "4.80 points"; empty where they must be equal.
  package let tolerance: String
  /// Where the difference lies, such as "[-2.10, +0.40] points"; empty where none was computed.
  package let interval: String
  /// Why the verdict is what it is; empty where expected and found say it all.
  package let detail: String
  /// For an accuracy: the documents that changed sides.
  package let flips: Flips?

  package init(
    cell: Cell?, name: String, verdict: Verdict, expected: String = "", found: String = "", tolerance: String = "",
    interval: String = "", detail: String = "", flips: Flips? = nil
  ) {
    self.cell = cell
    self.name = name
    self.verdict = verdict
    self.expected = expected
    self.found = found
    self.tolerance = tolerance
    self.interval = interval
    self.detail = detail
    self.flips = flips
  }
}
