import Foundation

package func decimal(_ value: Double, _ places: Int) -> String {
  let text = String(format: "%.\(places)f", value)
  // Rounding can leave a zero with a sign.
  return text.hasPrefix("-") && !text.contains(where: { ("1"..."9").contains($0) }) ? String(text.dropFirst()) : text
}

/// With its sign, also where it is positive, such as "+0.7" and "-27.2". The minus is that of a keyboard, as in every
/// other text here: what a report says can be searched for, and read by programs.
package func signed(_ value: Double, _ places: Int) -> String {
  let text = decimal(value, places)
  return text.hasPrefix("-") ? text : "+" + text
}

/// With commas between groups of three digits.
package func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  for place in stride(from: digits.count - 3, to: 0, by: -3) {
    digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
  }
  return (number < 0 ? "-" : "") + digits
}

/// With two digits that count, such as 25 or 0.0047.
func shortest(_ value: Double) -> String { String(format: "%.2g", value) }
