import Foundation
import Results

/// A known fault of results or baselines, to be injected into copies of sound ones: what a gate must not let pass.
package enum StoredFault: String, CaseIterable, Sendable {
  case shiftedGold
  case swappedPrompts
  case accuracyZero
  case notANumber
  case lostDocument
  case parameterOffByOne
  case doubledLatency
  case otherSuite
  case noResult
  case truncatedResult
  case noBaseline
  case truncatedBaseline
  case editedBaseline
  case otherVersion
  case staleBaseline
  case unusedBaseline

  package var title: String {
    switch self {
    case .shiftedGold: "a task's right answers stand one document further on"
    case .swappedPrompts: "two prompts have each other's choices"
    case .accuracyZero: "nothing of a task is right"
    case .notANumber: "an accuracy is NaN"
    case .lostDocument: "a task has a document less"
    case .parameterOffByOne: "a parameter more was trained"
    case .doubledLatency: "a ratio of times is twice as large"
    case .otherSuite: "a result is of another suite"
    case .noResult: "a cell has no result"
    case .truncatedResult: "a result's file is cut short"
    case .noBaseline: "a baseline's file is deleted"
    case .truncatedBaseline: "a baseline's file is cut short"
    case .editedBaseline: "a baseline's accuracy is edited by hand"
    case .otherVersion: "a baseline is of another version of the format"
    case .staleBaseline: "a baseline answers another question"
    case .unusedBaseline: "a baseline is of a cell that the suite does not have"
    }
  }
}

/// The check that must show a fault.
package struct ExpectedCheck: Equatable, Sendable {
  /// nil for what concerns no single cell.
  package var cell: Cell?
  package var name: String
  package var verdict: Verdict
  /// What its detail must say; empty where anything will do.
  package var detail: String

  package init(_ cell: Cell?, _ name: String, _ verdict: Verdict, _ detail: String = "") {
    self.cell = cell
    self.name = name
    self.verdict = verdict
    self.detail = detail
  }

  package func isMet(by check: Check) -> Bool {
    check.cell == cell && check.name == name && check.verdict == verdict
      && (detail.isEmpty || check.detail.contains(detail))
  }
}

/// Copies of a suite's results and baselines.
struct GateFiles {
  let results: String
  let baseline: String
  let cells: [Cell]

  /// Injects a fault into the first cell that it can be injected into.
  ///
  /// - Returns: what must be found; nil where no cell has what the fault is about.
  func inject(_ fault: StoredFault) throws -> ExpectedCheck? {
    switch fault {
    case .shiftedGold: return try editTask(of: cellsWithBits(), "answers", "documents answered right", Self.rotated)
    case .accuracyZero: return try editTask(of: cells, "accuracy", "nothing is right any more", Self.emptied)
    case .lostDocument: return try editTask(of: cells, "documents", "", Self.shortened)
    case .swappedPrompts: return try swapPrompts()
    case .notANumber:
      return try editText(results, "result", .cellFailed, "no valid JSON") {
        $0.replacing(/"averageAccuracy" : [-+.0-9eE]+/, with: "\"averageAccuracy\" : NaN")
      }
    case .truncatedResult:
      return try editText(results, "result", .cellFailed, "ends before its end") { String($0.prefix($0.count / 2)) }
    case .truncatedBaseline:
      return try editText(baseline, "baseline", .baselineMissing, "ends before its end") {
        String($0.prefix($0.count / 2))
      }
    case .editedBaseline:
      return try editText(baseline, "baseline", .baselineMissing, "averageAccuracy") {
        $0.replacing(/"averageAccuracy" : [-+.0-9eE]+/, with: "\"averageAccuracy\" : 0.987654321")
      }
    case .otherVersion:
      return try editText(baseline, "baseline", .baselineMissing, "version") {
        $0.replacing(/"schemaVersion" : \d+/, with: "\"schemaVersion\" : \(CellResult.currentSchemaVersion + 1)")
      }
    case .parameterOffByOne:
      return try edit(results) {
        $0.parameters.trainable += 1
      } expecting: {
        ExpectedCheck($0, "trainable parameters", .regression)
      }
    case .otherSuite:
      return try edit(results) {
        $0.suite += "-other"
      } expecting: {
        ExpectedCheck($0, "suite", .cellFailed, "another suite")
      }
    case .staleBaseline:
      return try edit(baseline) {
        $0.provenance["question"] = String(repeating: "0", count: 64)
      } expecting: {
        ExpectedCheck($0, "provenance question", .baselineStale, "asks something else")
      }
    case .doubledLatency: return try doubleLatency()
    case .noResult: return try remove(results, "result", .cellFailed, "there is no result")
    case .noBaseline: return try remove(baseline, "baseline", .baselineMissing, "there is no baseline")
    case .unusedBaseline:
      guard let cell = cells.first else { return nil }
      let name = "\(cell.model)/\(cell.compression)/\(cell.recovery)-of-old.json"
      try FileManager.default.copyItem(atPath: path(cell, in: baseline), toPath: "\(baseline)/\(name)")
      return ExpectedCheck(nil, name, .baselineUnused)
    }
  }

  // MARK: Files

  private func path(_ cell: Cell, in folder: String) -> String { folder + "/" + cell.path }

  private func edit(
    _ folder: String, _ change: (inout CellResult) -> Void, expecting expected: (Cell) -> ExpectedCheck
  ) throws -> ExpectedCheck? {
    guard let cell = cells.first else { return nil }
    var result = try ResultFile.read(path(cell, in: folder))
    change(&result)
    try ResultFile.write(result, to: path(cell, in: folder))
    return expected(cell)
  }

  private func editText(
    _ folder: String, _ name: String, _ verdict: Verdict, _ detail: String, _ change: (String) -> String
  ) throws -> ExpectedCheck? {
    guard let cell = cells.first else { return nil }
    let path = path(cell, in: folder)
    try change(String(contentsOfFile: path, encoding: .utf8)).write(toFile: path, atomically: true, encoding: .utf8)
    return ExpectedCheck(cell, name, verdict, detail)
  }

  private func remove(
    _ folder: String, _ name: String, _ verdict: Verdict, _ detail: String
  ) throws -> ExpectedCheck? {
    guard let cell = cells.first else { return nil }
    try FileManager.default.removeItem(atPath: path(cell, in: folder))
    return ExpectedCheck(cell, name, verdict, detail)
  }

  // MARK: Tasks

  /// Those whose bits are compared. What only bits can show cannot be shown of the others.
  private func cellsWithBits() throws -> [Cell] {
    try cells.filter { cell in
      try BitComparison(
        found: ResultFile.read(path(cell, in: results)), expected: ResultFile.read(path(cell, in: baseline))
      ).isPossible
    }
  }

  /// Replaces the first task that the change changes.
  private func editTask(
    of cells: [Cell], _ check: String, _ detail: String, _ change: (TaskResult) -> TaskResult?
  ) throws -> ExpectedCheck? {
    for cell in cells {
      var result = try ResultFile.read(path(cell, in: results))
      guard let index = result.tasks.firstIndex(where: { change($0) != nil }), let changed = change(result.tasks[index])
      else { continue }
      result.replaceTask(changed)
      try ResultFile.write(result, to: path(cell, in: results))
      return ExpectedCheck(cell, "\(changed.name) \(check)", .regression, detail)
    }
    return nil
  }

  private static func with(_ task: TaskResult, correct: [Bool]) -> TaskResult {
    var changed = TaskResult(
      name: task.name, version: task.version, correct: correct, chance: task.chance, perplexity: task.perplexity,
      answersDigest: task.answersDigest, scoresDigest: task.scoresDigest, promptWins: task.promptWins, notes: task.notes
    )
    if correct.count == task.documents {
      changed.accuracyNormalized = task.accuracyNormalized
      changed.normalizedStandardError = task.normalizedStandardError
    }
    return changed
  }

  /// nil where that changes no flag.
  private static func rotated(_ task: TaskResult) -> TaskResult? {
    let flags = task.correct.map { $0 == "1" }
    guard Set(flags).count == 2 else { return nil }
    return with(task, correct: Array(flags.dropFirst() + flags.prefix(1)))
  }

  private static func emptied(_ task: TaskResult) -> TaskResult? {
    task.accuracy > 0 ? with(task, correct: task.correct.map { _ in false }) : nil
  }

  private static func shortened(_ task: TaskResult) -> TaskResult? {
    task.documents > 1 ? with(task, correct: task.correct.dropLast().map { $0 == "1" }) : nil
  }

  // MARK: Measurements

  private func swapPrompts() throws -> ExpectedCheck? {
    for cell in try cellsWithBits() {
      var result = try ResultFile.read(path(cell, in: results))
      guard let index = result.tasks.firstIndex(where: { $0.promptWins.map { $0 != $0.reversed() } ?? false }) else {
        continue
      }
      result.tasks[index].promptWins?.reverse()
      try ResultFile.write(result, to: path(cell, in: results))
      return ExpectedCheck(cell, "\(result.tasks[index].name) answers", .regression, "choices of prompts")
    }
    return nil
  }

  /// The ratio becomes twice the larger one of itself and the baseline's, since a busy machine may have found a smaller one;
  /// in the cell where the intervals then lie farthest apart, as one that itself reaches from one to two shows no doubling.
  private func doubleLatency() throws -> ExpectedCheck? {
    var clearest: (result: CellResult, ratio: Double, distance: Double)?
    for cell in cells {
      let result = try ResultFile.read(path(cell, in: results))
      let expected = try ResultFile.read(path(cell, in: baseline))
      guard let now = result.latency, let before = expected.latency else { continue }
      let ratio = 2 * max(now.ratio, before.ratio)
      let distance = ratio / now.ratio * now.lower / before.upper
      if distance > clearest?.distance ?? 0 { clearest = (result, ratio, distance) }
    }
    guard let clearest, var latency = clearest.result.latency else { return nil }
    var result = clearest.result
    let factor = clearest.ratio / latency.ratio
    latency.seconds *= factor
    latency.ratio = clearest.ratio
    latency.lower *= factor
    latency.upper *= factor
    result.latency = latency
    try ResultFile.write(result, to: path(result.cell, in: results))
    return ExpectedCheck(result.cell, "latency ratio", .regression)
  }
}
