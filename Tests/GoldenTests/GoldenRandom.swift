import Artifacts
import Models
import Tensors
import Testing

@Suite("GoldenRandom", .enabled(if: Golden.isPresent, Golden.absence)) struct GoldenRandom {
  @Test(arguments: Golden.cases(of: "random"))
  func `every draw is that of CPython`(golden: GoldenCase) throws {
    let seed = try golden.string("seed")
    guard let calls = golden.member("calls")?.array else { throw GoldenError(description: "\(golden.name): no calls") }
    for value in calls {
      let call = try Call(value, of: golden)
      guard let reference = value["expected"], !reference.isNull else { continue }
      let expected = try Golden.json(reference)
      if expected.isNull { continue }
      var generator = try MersenneTwister(decimalSeed: seed)
      let found = try call.results(from: &generator)
      if call.isRounded {
        guard let tolerance = try golden.numberTolerance("float") else { continue }
        try golden.compare(
          try JSONValue.array(found).numbers(call.place), with: try expected.numbers(call.place), tolerance, call.place)
      } else {
        try compare(found, with: expected, of: golden, call)
      }
    }
  }

  /// Exact results: as many differing items as `mismatches` allows, a null allowing all.
  private func compare(_ found: [JSONValue], with expected: JSONValue, of golden: GoldenCase, _ call: Call) throws {
    if let allowed = golden.value["tolerance"]?["mismatches"], allowed.isNull { return }
    let expected = expected.array ?? [expected]
    guard found.count == expected.count else {
      throw GoldenError(description: "\(call.place): \(found.count) results, expected \(expected.count)")
    }
    let wrong = found.indices.filter { !isSame(found[$0], expected[$0]) }
    let allowed = try golden.tolerance("mismatches")
    guard let first = wrong.first, Double(wrong.count) > allowed else { return }
    Issue.record(
      """
      \(call.place): \(wrong.count) of \(found.count) differ, tolerance \(allowed), at first number \(first): \
      \(found[first]), expected \(expected[first])
      """)
  }

  /// Equal as values: a file may write the number 1.0 as 1.
  private func isSame(_ found: JSONValue, _ expected: JSONValue) -> Bool {
    if case .number(let number) = found { return expected.double == number }
    if case .array(let found) = found, case .array(let expected) = expected {
      return found.count == expected.count && zip(found, expected).allSatisfy(isSame)
    }
    return found == expected
  }
}

/// One entry of `calls`.
private struct Call {
  let name: String
  let arguments: [JSONValue]
  let count: Int
  /// What an error is about.
  let place: String

  init(_ value: JSONValue, of golden: GoldenCase) throws {
    guard let name = value["call"]?.string, let arguments = value["arguments"]?.array else {
      throw GoldenError(description: "\(golden.name): not a call: \(value)")
    }
    self.name = name
    self.arguments = arguments
    let texts = arguments.map { $0.integer.map(String.init) ?? $0.double.map { String($0) } ?? "?" }
    place = "\(golden.name): \(name)(\(texts.joined(separator: ", ")))"
    guard let count = value["count"]?.integer, count >= 0 else { throw GoldenError(description: "\(place): no count") }
    self.count = count
  }

  /// Whether the results pass through functions that may round otherwise.
  var isRounded: Bool { name == "uniform" || name == "gauss" }

  /// The results as the reference file writes them; a single text as a list of one.
  func results(from generator: inout MersenneTwister) throws -> [JSONValue] {
    func repeated(_ draw: () throws -> JSONValue) rethrows -> [JSONValue] { try (0..<count).map { _ in try draw() } }
    switch name {
    case "getrandbits":
      let bitCount = try integer(0)
      return try repeated {
        let drawn = try generator.getrandbits(bitCount)
        // The reader of JSON has integers of 63 bits, and the nearest double beyond.
        return Int(exactly: drawn).map { .integer($0) } ?? .number(Double(drawn))
      }
    case "random":
      return repeated { .number(generator.random()) }
    case "randint":
      let (lower, upper) = (try integer(0), try integer(1))
      return try repeated { .integer(try generator.randint(lower, upper)) }
    case "uniform":
      let (lower, upper) = (try double(0), try double(1))
      return repeated { .number(generator.uniform(lower, upper)) }
    case "gauss":
      let (mean, standardDeviation) = (try double(0), try double(1))
      return repeated { .number(generator.gauss(mean: mean, standardDeviation: standardDeviation)) }
    case "choice":
      let population = try range(0)
      return try repeated { .integer(try generator.choice(population)) }
    case "choices":
      return try generator.choices(try range(0), k: try integer(1)).map { .integer($0) }
    case "choices_letters":
      let letters = try range(0)
      guard letters.count <= 26 else { throw GoldenError(description: "\(place): the alphabet has 26 letters") }
      let alphabet = Array("abcdefghijklmnopqrstuvwxyz")[letters]
      return try generator.choices(alphabet, k: try integer(1)).map { .string(String($0)) }
    case "sample":
      return try generator.sample(try range(0), k: try integer(1)).map { .integer($0) }
    case "shuffle":
      return try shuffled(&generator).map { .integer($0) }
    case "shuffle_first":
      return try shuffled(&generator).prefix(max(0, try integer(1))).map { .integer($0) }
    case "shuffle_sha256":
      let text = "[" + (try shuffled(&generator)).map(String.init).joined(separator: ", ") + "]"
      return [.string(sha256(text.utf8))]
    case "interleaved":
      let (last, least) = (try integer(0), try integer(1))
      return try repeated {
        var drawn = try generator.randint(0, last)
        while drawn < least { drawn = try generator.randint(0, last) }
        return .array([.integer(drawn), .integer(try generator.randint(0, drawn - least))])
      }
    default:
      throw GoldenError(description: "\(place): unknown call")
    }
  }

  private func shuffled(_ generator: inout MersenneTwister) throws -> [Int] {
    var numbers = Array(try range(0))
    generator.shuffle(&numbers)
    return numbers
  }

  private func integer(_ position: Int) throws -> Int {
    guard position < arguments.count, let integer = arguments[position].integer else {
      throw GoldenError(description: "\(place): argument \(position) is no integer")
    }
    return integer
  }

  private func double(_ position: Int) throws -> Double {
    guard position < arguments.count, let double = arguments[position].double else {
      throw GoldenError(description: "\(place): argument \(position) is no number")
    }
    return double
  }

  /// Python's `range(argument)`, empty for a negative one.
  private func range(_ position: Int) throws -> Range<Int> { 0..<max(0, try integer(position)) }
}
