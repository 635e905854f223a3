import Comparison
import Foundation
import Results

/// What became of injected faults: a line each, with the check that showed it.
package struct GateTestReport: Sendable {
  private let suite: String
  private let outcomes: [GateTest.Outcome]

  package init(suite: String, outcomes: [GateTest.Outcome]) {
    self.suite = suite
    self.outcomes = outcomes
  }

  package func plainText() -> String {
    let width = outcomes.map(\.title.count).max() ?? 0
    let lines = outcomes.map { outcome in
      let title = outcome.title + String(repeating: " ", count: width - outcome.title.count)
      let status = outcome.verdict == .notApplicable ? "" : "  status \(outcome.status)"
      return "\(label(of: outcome.verdict))  \(title)\(status)\n          \(outcome.reason)\n"
    }
    return lines.joined() + summary + "\n"
  }

  package func json() throws(ResultError) -> String {
    struct Record: Encodable {
      let schema = "recollect-gate-test"
      let schemaVersion = 1
      let suite: String
      let faults: [Fault]
    }
    struct Fault: Encodable {
      let fault: String
      let outcome: GateTest.Outcome.Verdict
      let exitStatus: Int32
      let reason: String
    }
    let faults = outcomes.map {
      Fault(fault: $0.title, outcome: $0.verdict, exitStatus: $0.status, reason: $0.reason)
    }
    return String(
      decoding: try resultJSON(Record(suite: suite, faults: faults), file: "standard output"), as: UTF8.self)
  }

  private var summary: String {
    let applied = outcomes.filter { $0.verdict != .notApplicable }
    let caught = applied.count { $0.verdict == .caught }
    let left = outcomes.count - applied.count
    return
      "\(suite): \(caught) of \(applied.count) faults turn the gate red for the right reason; without one it is green"
      + (left == 0 ? "" : "; \(left) could not be injected")
  }

  private func label(of verdict: GateTest.Outcome.Verdict) -> String {
    switch verdict {
    case .caught: "caught  "
    case .missed: "MISSED  "
    case .notApplicable: "not here"
    }
  }
}
