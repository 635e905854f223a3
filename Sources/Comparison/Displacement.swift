/// What became of the documents of many cells, pooled, and what that says: was what compression took away forgotten, or
/// only displaced?
///
/// Forgotten knowledge has to be learned anew: what was lost then comes back no more easily than what was never known is
/// learned. So of the documents that compression lost, the share that a recovery brings back is held against that of the
/// documents never right, neither before compression nor after it, that it gets right: the *displaced* share is what is
/// left. Two things would flatter it, and are taken out:
/// - **Chance.** Documents on the edge fall to either side. Compression loses by chance as many as it gains (wrong before,
///   right after), and whatever moves them back moves both alike. So the damage is what was lost less what was gained,
///   and what is *undone* of it is what was brought back less what was lost again of the gained.
/// - **Guessing.** One of two choices is met by chance more often than a free answer. So the learned share is that of each
///   model, compression and task, averaged as the lost documents are spread over these.
///
/// With n lost, b of them brought back, g gained, a of them lost again, and l of m never right learned in each stratum s:
/// `displaced = Σ (b - a) / Σ (n - g) - Σ (n · l / m) / Σ n`.
///
/// Displacement is *supported* where the interval of that share lies above zero, *contradicted* where it lies below
/// `negligibleShare`, and otherwise *undecidable at this n*.
package struct Displacement: Equatable, Sendable {
  package static let confidence = 0.95
  /// Fewer documents than this decide nothing, whatever their interval.
  package static let fewestDocuments = 10
  /// Of the damage: what is displaced of it at most, where nothing to speak of is.
  package static let negligibleShare = 0.05

  /// A share that may lie outside of 0...1, with its interval.
  package struct Share: Equatable, Sendable {
    package let value: Double
    package let low: Double
    package let high: Double
  }

  /// Of all trials: a document counts once for each cell.
  package let ledger: FlipLedger
  /// Of the lost, as they are counted; nil where compression lost nothing.
  package let broughtBack: ClusteredShare?
  /// Of the damage; nil where chance alone may lose so much more than it gains.
  package let undone: Double?
  /// Of the never right, where documents like them were lost; nil without any.
  package let learned: ClusteredShare?
  /// What is undone, less what is learned.
  package let displaced: Share?
  package let verdict: ClaimVerdict
  /// What decides, in words.
  package let reason: String

  init(_ counts: ClusterCounts) {
    ledger = counts.ledger
    broughtBack = counts.broughtBack
    let damage = ledger.lost - ledger.gained
    // A share of what may be nothing says nothing.
    let undone =
      counts.hasDamage ? Double(ledger.broughtBack - ledger.gainedAndLost) / Double(damage) : nil
    let learned = counts.learned
    displaced = undone.flatMap { undone in learned.map { counts.displaced(undone: undone, learned: $0) } }
    (self.undone, self.learned) = (undone, learned?.share)
    (verdict, reason) = Self.verdict(broughtBack, isDamaged: undone != nil, displaced)
  }

  private static func verdict(
    _ broughtBack: ClusteredShare?, isDamaged: Bool, _ displaced: Share?
  ) -> (ClaimVerdict, String) {
    guard let broughtBack else { return (.undecidable, "compression lost nothing") }
    guard broughtBack.clusters >= fewestDocuments else {
      return (.undecidable, "compression lost only \(broughtBack.clusters), fewer than \(fewestDocuments)")
    }
    guard isDamaged else {
      return (.undecidable, "compression gained nearly as much as it lost: chance may have done all of it")
    }
    guard let displaced else { return (.undecidable, "where it lost, nothing was never right: there is no control") }
    if displaced.low > 0 { return (.supported, "more comes back than chance and learning explain") }
    if displaced.high < negligibleShare {
      return (
        .contradicted,
        displaced.high > 0
          ? "at most \(decimal(100 * displaced.high, 1)) % of the damage can be displaced"
          : "no more comes back than chance and learning explain"
      )
    }
    return (.undecidable, "from nothing to \(decimal(100 * displaced.high, 0)) % of the damage may be displaced")
  }
}

/// For each document, in how many cells it was lost, never right or gained, and what the recovery did; apart for each
/// model, compression and task.
struct ClusterCounts {
  struct Stratum {
    /// Of each document of the task.
    let clusters: [Int]
    fileprivate(set) var lost: [Int]
    fileprivate(set) var broughtBack: [Int]
    fileprivate(set) var neverRight: [Int]
    fileprivate(set) var learned: [Int]
    /// Gained and, of these, lost again: taken off what was lost and brought back.
    fileprivate(set) var gained: [Int]
    fileprivate(set) var lostAgain: [Int]

    init(clusters: [Int]) {
      self.clusters = clusters
      let zeros = [Int](repeating: 0, count: clusters.count)
      (lost, broughtBack, neverRight, learned, gained, lostAgain) = (zeros, zeros, zeros, zeros, zeros, zeros)
    }

    /// A document that was right before and after compression belongs to none of the three.
    mutating func add(_ place: Int, before: Bool, compressed: Bool, recovered: Bool) {
      switch (before, compressed) {
      case (true, false):
        lost[place] += 1
        if recovered { broughtBack[place] += 1 }
      case (false, false):
        neverRight[place] += 1
        if recovered { learned[place] += 1 }
      case (false, true):
        gained[place] += 1
        if !recovered { lostAgain[place] += 1 }
      case (true, true): break
      }
    }
  }

  /// What makes two documents comparable.
  struct Key: Hashable {
    let model: String
    let compression: String
    let task: String
  }

  let clusters: Int
  var ledger = FlipLedger()
  var strata: [Key: Stratum] = [:]

  /// In a fixed order, since sums of doubles depend on it.
  private var sortedStrata: [Stratum] {
    strata.sorted { left, right in
      (left.key.model, left.key.compression, left.key.task) < (right.key.model, right.key.compression, right.key.task)
    }.map(\.value)
  }

  var broughtBack: ClusteredShare? {
    var sums = ClusterSums(clusters: clusters)
    for stratum in strata.values {
      for (place, cluster) in stratum.clusters.enumerated() where stratum.lost[place] > 0 {
        sums.add(successes: stratum.broughtBack[place], trials: stratum.lost[place], to: cluster)
      }
    }
    return sums.share
  }

  /// Whether more was lost than gained, beyond what chance does with as many documents.
  var hasDamage: Bool {
    var damage = [Double](repeating: 0, count: clusters)
    for stratum in strata.values {
      for (place, cluster) in stratum.clusters.enumerated() {
        damage[cluster] += Double(stratum.lost[place] - stratum.gained[place])
      }
    }
    let z = StandardNormal.quantile(confidence: Displacement.confidence)
    return damage.reduce(0, +) > z * damage.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// A share with the sums that it is of.
  struct Learned {
    let share: ClusteredShare
    let sums: ClusterSums
  }

  /// Each stratum's learned share, weighted by what it lost: a trial counts as n/m of the n lost among m never right.
  var learned: Learned? {
    var sums = ClusterSums(clusters: clusters)
    for stratum in sortedStrata {
      let lost = stratum.lost.reduce(0, +)
      let neverRight = stratum.neverRight.reduce(0, +)
      guard lost > 0, neverRight > 0 else { continue }
      let weight = Double(lost) / Double(neverRight)
      for (place, cluster) in stratum.clusters.enumerated() where stratum.neverRight[place] > 0 {
        sums.add(
          successes: stratum.learned[place], trials: stratum.neverRight[place], to: cluster, weight: weight)
      }
    }
    return sums.share.map { Learned(share: $0, sums: sums) }
  }

  /// The difference of the two shares, its variance by linearization over clusters; the interval is never narrower than
  /// that of as many independent documents as were lost.
  ///
  /// Source: Woodruff 1971, "A simple method for approximating the variance of a complicated estimate" (Journal of the
  /// American Statistical Association 66:411); Agresti & Coull 1998 for the least width, which a share of 0 or 1 keeps.
  func displaced(undone: Double, learned: Learned) -> Displacement.Share {
    var residuals = learned.sums.residuals(from: learned.share.value).map { -$0 }
    let damage = Double(ledger.lost - ledger.gained)
    var documents = Set<Int>()
    for stratum in sortedStrata {
      for (place, cluster) in stratum.clusters.enumerated() {
        if stratum.lost[place] > 0 { documents.insert(cluster) }
        let back = Double(stratum.broughtBack[place] - stratum.lostAgain[place])
        residuals[cluster] += (back - undone * Double(stratum.lost[place] - stratum.gained[place])) / damage
      }
    }
    let z = StandardNormal.quantile(confidence: Displacement.confidence)
    let count = Double(documents.count) + z * z
    let share = (min(1, max(0, undone)) * Double(documents.count) + z * z / 2) / count
    let variance = max(residuals.reduce(0) { $0 + $1 * $1 }, share * (1 - share) / count)
    let value = undone - learned.share.value
    let halfWidth = z * variance.squareRoot()
    return Displacement.Share(value: value, low: value - halfWidth, high: value + halfWidth)
  }

  /// What this family brings back of the lost, less what another brings back of the same; nil where one of the two lost
  /// nothing. Both families' fortunes with the same document cancel.
  func broughtBack(less other: ClusterCounts) -> Displacement.Share? {
    guard let own = broughtBack, let others = other.broughtBack else { return nil }
    var residuals = [Double](repeating: 0, count: clusters)
    for (counts, share, sign) in [(self, own, 1.0), (other, others, -1.0)] {
      for stratum in counts.sortedStrata {
        for (place, cluster) in stratum.clusters.enumerated() where stratum.lost[place] > 0 {
          let residual = Double(stratum.broughtBack[place]) - share.value * Double(stratum.lost[place])
          residuals[cluster] += sign * residual / Double(share.trials)
        }
      }
    }
    let z = StandardNormal.quantile(confidence: Displacement.confidence)
    let halfWidth = z * residuals.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let value = own.value - others.value
    return Displacement.Share(value: value, low: value - halfWidth, high: value + halfWidth)
  }
}
