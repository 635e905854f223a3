/// A number as it was printed, kept exactly: `92.60` is 9260 units of 10⁻², `4.4M` is 44 units of 10⁵.
package struct PrintedNumber: Equatable, Sendable {
  package let text: String
  /// The printed digits as a whole number, with their sign.
  package let units: Int
  /// The power of ten that the last printed digit counts.
  package let exponent: Int

  private static let suffixes: [Character: Int] = ["K": 3, "M": 6, "B": 9]

  /// Reads a decimal number, which `K`, `M` or `B` (10³, 10⁶, 10⁹) may follow. Nil for anything else, `nan` and `1e3`
  /// among them, and for more than fifteen digits.
  package init?(_ text: String) {
    var rest = Substring(text)
    var scale = 0
    if let last = rest.last, let power = Self.suffixes[last] {
      scale = power
      rest.removeLast()
    }
    let isNegative = rest.hasPrefix("-")
    if isNegative { rest.removeFirst() }
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = parts.joined()
    guard parts.allSatisfy({ !$0.isEmpty }), digits.count <= 15,
      digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let units = Int(digits)
    else { return nil }
    self.text = text
    self.units = isNegative ? -units : units
    exponent = scale - (parts.count == 2 ? parts[1].count : 0)
  }

  package var value: Double {
    exponent >= 0 ? Double(units) * Double(powerOfTen(exponent)) : Double(units) / Double(powerOfTen(-exponent))
  }

  /// Half of the last printed place: how far the number may be from what was rounded to it.
  package var halfUnit: Double {
    0.5 * (exponent >= 0 ? Double(powerOfTen(exponent)) : 1 / Double(powerOfTen(-exponent)))
  }

  /// The number in units of 10^`exponent`, which must not be above the number's own.
  func units(of exponent: Int) -> Int { units * powerOfTen(self.exponent - exponent) }

  /// Whether `value` gives these digits when it is rounded, a tie either way, or cut.
  package func isPrint(of value: Double) -> Bool {
    // What arithmetic on doubles may be off by, where the value lies on the edge.
    let slack = 1e-9 * max(1, abs(value))
    let difference = units < 0 ? self.value - value : value - self.value
    return abs(difference) <= halfUnit + slack || (difference >= -slack && difference < 2 * halfUnit - slack)
  }

  /// Whether a whole number gives these digits when it is rounded, a tie either way, or cut.
  package func isPrint(of count: Int) -> Bool { isPrint(of: Double(count)) }
}

extension PrintedNumber: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

func powerOfTen(_ exponent: Int) -> Int {
  precondition((0...18).contains(exponent), "10 to the power of \(exponent)")
  return (0..<exponent).reduce(1) { power, _ in power * 10 }
}
