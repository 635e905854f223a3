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
  /// Why the verdict is what it is; empty where expected and found say it all.
  package let detail: String

  package init(
    cell: Cell?, name: String, verdict: Verdict, expected: String = "", found: String = "", detail: String = ""
  ) {
    self.cell = cell
    self.name = name
    self.verdict = verdict
    self.expected = expected
    self.found = found
    self.detail = detail
  }
}
