import Comparison
import Compression
import Foundation
import Results

/// Runs single cells of a suite with a fault in their computation, for `GateTest`.
///
/// Stages that the fault does not touch are taken from the store; what it touches goes into a temporary folder and is
/// removed with it.
package struct FaultRun {
  private let suite: Suite
  private let file: String
  private let options: RunOptions
  private let shouldStop: @Sendable () -> Bool
  private let report: @Sendable (RunEvent) -> Void

  /// - Parameter options: Those of the run whose results are sound.
  package init(
    suite: Suite, file: String, options: RunOptions, shouldStop: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.suite = suite
    self.file = file
    self.options = options
    self.shouldStop = shouldStop
    self.report = report
  }

  /// What the gate makes of the fault.
  ///
  /// - Parameter sound: The results without it, of the cells that are compared.
  package func outcome(
    of fault: InjectedFault, in gate: GateTest, sound: [Cell: CellResult]
  ) throws -> GateTest.Outcome {
    func notApplicable(_ reason: String) -> GateTest.Outcome {
      GateTest.Outcome(title: fault.title, verdict: .notApplicable, status: 0, reason: reason)
    }
    guard let cell = target(of: fault, among: gate.cells), let before = sound[cell] else {
      return notApplicable("no cell has what it could be injected into")
    }
    guard !gate.clean().checks.contains(where: { $0.cell == cell && $0.name == "bits" }) else {
      return notApplicable("the bits of \(cell) cannot be compared with its baseline's")
    }
    let expected = expectedChecks(of: fault, in: cell, before)
    guard !expected.isEmpty else { return notApplicable("no task asks to choose") }
    var result = try self.result(of: cell, with: fault)
    // What the mark keeps out of baselines is to be held against one here; times are none of the fault's.
    result.isComparable = true
    result.notComparableReason = nil
    result.latency = before.latency
    return gate.outcome(title: fault.title, result: result, expecting: expected)
  }

  private func result(of cell: Cell, with fault: InjectedFault) throws -> CellResult {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var options = options
    options.resultsFolder = folder + "/results"
    options.fault = fault
    options.faultStore = folder + "/stages"
    options.cells = [cell]
    let outcome = try Runner(suite: suite, file: file, options: options, shouldStop: shouldStop, report: report).run()
    if let error = outcome.failures[cell] { throw error }
    guard let result = outcome.results[cell] else { preconditionFailure("\(cell) has neither a result nor an error") }
    return result
  }

  /// The first cell that the fault can be injected into; of such, the first without a recovery, which is the quickest.
  private func target(of fault: InjectedFault, among cells: [Cell]) -> Cell? {
    let able = cells.filter { cell in
      guard let compression = suite.compressions.first(where: { $0.name == cell.compression }),
        let recovery = suite.recoveries.first(where: { $0.name == cell.recovery })
      else { return false }
      switch (fault, compression.method) {
      case (.scaleOff, .layerwise(let settings)): return settings.bits != nil || settings.trits
      case (.unpermutedColumns, .layerwise(let settings)): return settings.method == .gptq
      case (.scaleOff, .dense), (.unpermutedColumns, .dense): return false
      case (.shiftedGold, _): return true
      case (.swappedPrompts, _):
        if case .idp = recovery.method { return recovery.method.combinedPrompts.count > 1 }
        return false
      }
    }
    let plain = Set(suite.recoveries.filter { $0.method == .none }.map(\.name))
    return able.first { plain.contains($0.recovery) } ?? able.first
  }

  /// What one of the checks must say: other scores where weights are wrong, other documents right but for the same
  /// scores where the answers are, other choices where prompts are.
  private func expectedChecks(of fault: InjectedFault, in cell: Cell, _ sound: CellResult) -> [ExpectedCheck] {
    let (tasks, detail) =
      switch fault {
      case .scaleOff, .unpermutedColumns: (sound.tasks, "scores")
      case .shiftedGold: (sound.tasks.filter { $0.chance != nil }, "different bits: documents answered right")
      case .swappedPrompts: (sound.tasks, "choices of prompts")
      }
    return tasks.map { ExpectedCheck(cell, "\($0.name) answers", .regression, detail) }
  }
}
