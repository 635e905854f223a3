/// What a machine did during one turn of a measurement, and whether that disturbed it.
package struct TurnLoad: Equatable, Sendable {
  package let wallSeconds: Double
  /// Of all processors together, by this process.
  package let ownSeconds: Double
  /// The same by everything on the machine, and what the machine below a virtual one took away; nil where that is not told.
  package let allSeconds: Double?
  package let processorCount: Int

  package init(wallSeconds: Double, ownSeconds: Double, allSeconds: Double?, processorCount: Int) {
    self.wallSeconds = wallSeconds
    self.ownSeconds = ownSeconds
    self.allSeconds = allSeconds
    self.processorCount = processorCount
  }

  /// The share of all processors' time that others had; 0 where that is not told.
  package var othersShare: Double {
    guard let allSeconds, wallSeconds > 0 else { return 0 }
    return max(0, allSeconds - ownSeconds) / (wallSeconds * Double(processorCount))
  }

  /// Processors that this process had, on average.
  package var ownProcessors: Double { wallSeconds > 0 ? ownSeconds / wallSeconds : 0 }

  /// Whether others had more than a tenth of the machine, or this process less than nine tenths of the processors that it
  /// had in the best turn of the same work: then others had them, whatever the machine tells.
  package func isDisturbed(besides turns: [TurnLoad]) -> Bool {
    let best = turns.map(\.ownProcessors).max() ?? 0
    return othersShare > Self.tolerated || ownProcessors < (1 - Self.tolerated) * best
  }

  private static let tolerated = 0.1
}
