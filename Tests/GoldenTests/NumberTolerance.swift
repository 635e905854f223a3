import Models
import Testing

/// How far a number may be from the expected one: the larger of the two.
struct NumberTolerance: CustomStringConvertible {
  let absolute: Double
  let relative: Double

  /// True for equal infinities, false for any NaN.
  func allows(_ found: Double, for expected: Double) -> Bool {
    found == expected || abs(found - expected) <= max(absolute, relative * abs(expected))
  }

  var description: String { "tolerance \(absolute) absolute, \(relative) relative" }
}

extension GoldenCase {
  /// The tolerances `quantity`_abs and `quantity`_rel together; nil where what there is of them is null.
  ///
  /// - Throws: where the case has neither.
  func numberTolerance(_ quantity: String) throws -> NumberTolerance? {
    let absolute = value["tolerance"]?[quantity + "_abs"]
    let relative = value["tolerance"]?[quantity + "_rel"]
    guard absolute != nil || relative != nil else {
      throw GoldenError(description: "\(name): no tolerance \(quantity)_abs or \(quantity)_rel")
    }
    if (absolute ?? .null).isNull && (relative ?? .null).isNull { return nil }
    return NumberTolerance(absolute: absolute?.double ?? 0, relative: relative?.double ?? 0)
  }

  /// Records a failure unless `found` is the member of that name, within `value_abs` and `value_rel`; a member that is
  /// null or absent is not compared.
  func compare(_ found: Double?, with memberName: String) throws {
    guard let member = member(memberName), let tolerance = try numberTolerance("value") else { return }
    guard let expected = member.double else {
      throw GoldenError(description: "\(name): \(memberName) is no number")
    }
    try compare(found.map { [$0] } ?? [], with: [expected], tolerance, memberName)
  }

  /// Records one failure for the numbers of `quantity` that are too far off, with the worst of them.
  func compare(_ found: [Double], with expected: [Double], _ tolerance: NumberTolerance, _ quantity: String) throws {
    guard found.count == expected.count else {
      throw GoldenError(description: "\(name): \(found.count) numbers of \(quantity), expected \(expected.count)")
    }
    let wrong = found.indices.filter { !tolerance.allows(found[$0], for: expected[$0]) }
    func deviation(_ index: Int) -> Double {
      let deviation = abs(found[index] - expected[index])
      return deviation.isNaN ? .infinity : deviation
    }
    guard let worst = wrong.max(by: { deviation($0) < deviation($1) }) else { return }
    Issue.record(
      """
      \(name): \(quantity): \(wrong.count) of \(found.count) are off, number \(worst) the most: \(found[worst]), \
      expected \(expected[worst]), deviation \(deviation(worst)) (\(deviation(worst) / abs(expected[worst])) relative), \
      \(tolerance)
      """)
  }
}

extension JSONValue {
  /// A list of numbers as doubles; `place` is named in the error.
  func numbers(_ place: String) throws -> [Double] {
    guard let array, case let numbers = array.compactMap(\.double), numbers.count == array.count else {
      throw GoldenError(description: "\(place) is no list of numbers")
    }
    return numbers
  }
}
