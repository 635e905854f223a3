import Results

/// What makes a result unfit to be judged, whatever it is held against; empty for a fit one.
///
/// Each is a way in which a gate would otherwise open without having checked anything: no tasks, no documents, a NaN, a
/// shortened run, the result of another suite or cell.
package func guardFailures(of result: CellResult, suite: String, cell: Cell) -> [Check] {
  var failures: [Check] = []
  func fail(_ name: String, expected: String = "", found: String = "", detail: String) {
    failures.append(
      Check(cell: cell, name: name, verdict: .cellFailed, expected: expected, found: found, detail: detail))
  }
  if result.suite != suite {
    fail("suite", expected: suite, found: result.suite, detail: "the result belongs to another suite")
  }
  if result.cell != cell {
    fail("cell", expected: "\(cell)", found: "\(result.cell)", detail: "the result belongs to another cell")
  }
  if result.schemaVersion != CellResult.currentSchemaVersion {
    fail(
      "schema", expected: "\(CellResult.currentSchemaVersion)", found: "\(result.schemaVersion)",
      detail: "another version of the program wrote the result")
  }
  if !result.isComparable {
    fail("comparable", detail: result.notComparableReason ?? "the result is marked as not comparable")
  }
  if result.provenance.isEmpty { fail("provenance", detail: "the result does not say what it was made from") }
  for problem in result.problems() {
    fail(problem.place, detail: problem.reason)
  }
  return failures
}

/// The tasks on which nothing at all is right any more though the baseline had something right.
///
/// No significance is asked for: with few documents a collapse to zero may be called chance, and it is the commonest
/// sign of a broken tokenizer, prompt or file.
func collapsedTasks(of result: CellResult, expected: CellResult) -> [(found: TaskResult, expected: TaskResult)] {
  result.tasks.compactMap { task in
    guard task.accuracy == 0, let before = expected.tasks.first(where: { $0.name == task.name }), before.accuracy > 0
    else { return nil }
    return (task, before)
  }
}
