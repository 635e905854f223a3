/// What became of the documents of many cells, pooled, and what that says: was what compression took away forgotten, or
/// only displaced?
///
/// Forgotten knowledge has to be learned anew: what was lost then comes back no more easily than what was never known is
/// learned. So of the documents that compression lost, the share that a recovery brings back is held against two
/// controls:
/// - **learning**: the share of those never right, neither before compression nor after it, that it gets right;
/// - **chance**: the share of those that compression gained (wrong before, right after) that it loses again. Documents on
///   the edge fall to either side, and whatever moves them moves these alike.
///
/// Displacement is *supported* where both differences lie above zero with their intervals, *contradicted* where one lies
/// below, and otherwise *undecidable at this n*.
package struct Displacement: Equatable, Sendable {
  package static let confidence = 0.95
  /// Fewer documents than this decide nothing, whatever their interval.
  package static let fewestDocuments = 10

  /// Of all trials: a document counts once for each cell.
  package let ledger: FlipLedger
  /// The shares brought back of the lost, learned of the never right, lost again of the gained; nil for none of them.
  package let broughtBack: ClusteredShare?
  package let learned: ClusteredShare?
  package let lostAgain: ClusteredShare?
  /// Brought back less learned; brought back less lost again.
  package let excess: NewcombeInterval?
  package let excessOverChance: NewcombeInterval?
  package let verdict: ClaimVerdict
  /// What decides, in words.
  package let reason: String

  init(
    ledger: FlipLedger, broughtBack: ClusteredShare?, learned: ClusteredShare?, lostAgain: ClusteredShare?
  ) {
    (self.ledger, self.broughtBack, self.learned, self.lostAgain) = (ledger, broughtBack, learned, lostAgain)
    func less(_ control: ClusteredShare?) -> NewcombeInterval? {
      guard let broughtBack, let control else { return nil }
      return NewcombeInterval(broughtBack, minus: control, confidence: Self.confidence)
    }
    excess = less(learned)
    excessOverChance = less(lostAgain)
    (verdict, reason) = Self.verdict(broughtBack, excess, excessOverChance)
  }

  private static func verdict(
    _ broughtBack: ClusteredShare?, _ excess: NewcombeInterval?, _ chance: NewcombeInterval?
  ) -> (ClaimVerdict, String) {
    guard let broughtBack else { return (.undecidable, "compression lost nothing") }
    guard broughtBack.clusters >= fewestDocuments else {
      return (.undecidable, "compression lost only \(broughtBack.clusters), fewer than \(fewestDocuments)")
    }
    guard let excess else { return (.undecidable, "every document was right at some time: there is no control") }
    if excess.high < 0 { return (.contradicted, "the lost come back less often than the never right are learned") }
    if let chance, chance.high < 0 {
      return (.contradicted, "the lost come back less often than chance moves the gained")
    }
    guard excess.low > 0 else { return (.undecidable, "the interval over learning contains zero") }
    guard let chance else {
      return (.supported, "compression gained nothing, so chance moved nothing; and more comes back than is learned")
    }
    guard chance.low > 0 else { return (.undecidable, "the interval over chance contains zero") }
    return (.supported, "the lost come back more often than learning and chance explain")
  }
}

/// How two families of methods differ in what they bring back of the same lost documents.
package struct FamilyDifference: Equatable, Sendable {
  package let difference: Double
  package let low: Double
  package let high: Double

  /// From the lost and brought back of each cluster under either family; nil where one of them lost nothing.
  ///
  /// The difference of the two ratios, its variance by linearization over clusters, so that both families' fortunes with
  /// the same document cancel.
  init?(_ first: ClusterCounts, minus second: ClusterCounts, confidence: Double) {
    let firstTrials = first.lost.reduce(0) { $0 + Double($1) }
    let secondTrials = second.lost.reduce(0) { $0 + Double($1) }
    guard firstTrials > 0, secondTrials > 0 else { return nil }
    let p = first.broughtBack.reduce(0) { $0 + Double($1) } / firstTrials
    let q = second.broughtBack.reduce(0) { $0 + Double($1) } / secondTrials
    var variance = 0.0
    for index in first.lost.indices {
      let own = (Double(first.broughtBack[index]) - p * Double(first.lost[index])) / firstTrials
      let other = (Double(second.broughtBack[index]) - q * Double(second.lost[index])) / secondTrials
      variance += (own - other) * (own - other)
    }
    let halfWidth = StandardNormal.quantile(confidence: confidence) * variance.squareRoot()
    difference = p - q
    low = difference - halfWidth
    high = difference + halfWidth
  }
}

/// For each cluster of documents, in how many cells they were lost, never right or gained, and what the recovery did.
struct ClusterCounts {
  private(set) var ledger = FlipLedger()
  private(set) var lost: [Int32]
  private(set) var broughtBack: [Int32]
  private(set) var neverRight: [Int32]
  private(set) var learned: [Int32]
  private(set) var gained: [Int32]
  private(set) var lostAgain: [Int32]

  init(clusters: Int) {
    let zeros = [Int32](repeating: 0, count: clusters)
    (lost, broughtBack, neverRight, learned, gained, lostAgain) = (zeros, zeros, zeros, zeros, zeros, zeros)
  }

  mutating func add(cluster: Int, before: Bool, compressed: Bool, recovered: Bool) {
    ledger.add(before: before, compressed: compressed, recovered: recovered)
    switch (before, compressed) {
    case (true, false):
      lost[cluster] += 1
      if recovered { broughtBack[cluster] += 1 }
    case (false, false):
      neverRight[cluster] += 1
      if recovered { learned[cluster] += 1 }
    case (false, true):
      gained[cluster] += 1
      if !recovered { lostAgain[cluster] += 1 }
    case (true, true): break
    }
  }

  var displacement: Displacement {
    Displacement(
      ledger: ledger, broughtBack: ClusteredShare(successes: broughtBack, trials: lost),
      learned: ClusteredShare(successes: learned, trials: neverRight),
      lostAgain: ClusteredShare(successes: lostAgain, trials: gained))
  }
}
