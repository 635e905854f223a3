/// What a check came to.
package enum Verdict: String, Codable, CaseIterable, Sendable {
  case pass
  case improvement
  /// Something moved, and this many documents cannot show whether that is more than chance.
  case inconclusive
  case regression
  /// There is no baseline to hold the result against, or it cannot be used.
  case baselineMissing
  /// The baseline answers another question: what went into it, or what the suite asks, has changed since.
  case baselineStale
  /// A stored baseline that no cell asks for: a renamed cell leaves one behind, and would seem covered.
  case baselineUnused
  /// The cell gave no result that could be compared.
  case cellFailed
}

extension Verdict {
  /// The status with which the program ends when this is the gravest verdict.
  package func exitStatus(strictImprovement: Bool = false) -> Int32 {
    switch self {
    case .pass: 0
    case .improvement: strictImprovement ? 4 : 0
    case .regression: 2
    case .cellFailed: 3
    case .baselineMissing, .baselineStale, .baselineUnused: 5
    case .inconclusive: 6
    }
  }

  /// The status for all of the verdicts: 3 wins over 2, then 5, then 4 (only when asked for), then 6; 0 when all held.
  ///
  /// A failed cell comes first because whatever else was found is then incomplete. No verdicts at all count as a failed
  /// cell: a gate that checked nothing must not open.
  package static func exitStatus(of verdicts: some Sequence<Verdict>, strictImprovement: Bool = false) -> Int32 {
    let statuses = Set(verdicts.map { $0.exitStatus(strictImprovement: strictImprovement) })
    guard !statuses.isEmpty else { return Verdict.cellFailed.exitStatus() }
    return [3, 2, 5, 4, 6].first(where: statuses.contains) ?? 0
  }
}
