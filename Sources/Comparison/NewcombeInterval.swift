/// Where the difference of two shares of the same documents lies with the given confidence, from the Wilson intervals of
/// the two.
///
/// Source: Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions based on paired
/// data" (Statistics in Medicine 17:2635), method 10, with its correction of the correlation.
package struct NewcombeInterval: Equatable, Sendable {
  package let difference: Double
  package let low: Double
  package let high: Double

  /// Of documents that were scored twice: the share right the first time less the share right the second time.
  package init(pairs: PairedCounts, confidence: Double) {
    let first = pairs.bothRight + pairs.onlyFirstRight
    let second = pairs.bothRight + pairs.onlySecondRight
    self.init(
      Share(first, of: pairs.documents, confidence), Share(second, of: pairs.documents, confidence),
      correlation: pairs.correctedCorrelation)
  }

  private struct Share {
    let value: Double
    let below: Double
    let above: Double

    init(_ successes: Int, of trials: Int, _ confidence: Double) {
      let interval = WilsonInterval(successes: successes, trials: trials, confidence: confidence)
      value = Double(successes) / Double(trials)
      below = value - interval.low
      above = interval.high - value
    }
  }

  private init(_ first: Share, _ second: Share, correlation: Double) {
    difference = first.value - second.value
    low = difference - Self.combined(first.below, second.above, correlation)
    high = difference + Self.combined(first.above, second.below, correlation)
  }

  /// √(a² - 2φab + b²); the square may come out below zero by a rounding where a = b and φ = 1.
  private static func combined(_ a: Double, _ b: Double, _ correlation: Double) -> Double {
    max(0, a * a - 2 * correlation * a * b + b * b).squareRoot()
  }
}

/// How two scorings of the same documents agree.
package struct PairedCounts: Equatable, Sendable {
  package let bothRight: Int
  package let onlyFirstRight: Int
  package let onlySecondRight: Int
  package let bothWrong: Int

  package init(bothRight: Int, onlyFirstRight: Int, onlySecondRight: Int, bothWrong: Int) {
    self.bothRight = bothRight
    self.onlyFirstRight = onlyFirstRight
    self.onlySecondRight = onlySecondRight
    self.bothWrong = bothWrong
  }

  /// Compares two texts of `0` and `1` of the same length.
  package init(first: String, second: String) {
    let flips = Flips(expected: first, found: second)
    let right = first.utf8.count { $0 == UInt8(ascii: "1") }
    self.init(
      bothRight: right - flips.lost, onlyFirstRight: flips.lost, onlySecondRight: flips.gained,
      bothWrong: flips.documents - right - flips.gained)
  }

  package var documents: Int { bothRight + onlyFirstRight + onlySecondRight + bothWrong }

  package var test: McNemarTest { McNemarTest(onlyFirstRight: onlyFirstRight, onlySecondRight: onlySecondRight) }

  /// The correlation φ of the two scorings, half the number of documents taken off a positive numerator as Newcombe
  /// does; 0 where one of the two is always right or always wrong.
  var correctedCorrelation: Double {
    let (a, b, c, d) = (Double(bothRight), Double(onlyFirstRight), Double(onlySecondRight), Double(bothWrong))
    let product = (a + b) * (c + d) * (a + c) * (b + d)
    guard product > 0 else { return 0 }
    let numerator = a * d - b * c
    return (numerator > 0 ? max(0, numerator - (a + b + c + d) / 2) : numerator) / product.squareRoot()
  }
}
