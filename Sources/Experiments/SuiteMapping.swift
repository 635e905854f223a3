import Yams

/// A mapping of a suite's file whose keys are all known, read key by key; every error names the line.
struct SuiteMapping {
  let file: String
  /// What the mapping describes, such as "compression".
  let subject: String
  let line: Int
  private let values: [String: Node]
  private let keyLines: [String: Int]

  /// - Parameter known: The keys that may occur; nil where all may.
  init(_ node: Node, _ subject: String, known: [String]?, file: String) throws(SuiteError) {
    self.file = file
    self.subject = subject
    self.line = node.mark?.line ?? 0
    guard case .mapping(let mapping) = node else {
      throw SuiteError(
        file: file, line: line,
        problem: .wrongKind(key: subject, expected: "a mapping of keys", found: Self.kind(of: node)))
    }
    var values: [String: Node] = [:]
    var keyLines: [String: Int] = [:]
    for (key, value) in mapping {
      let line = key.mark?.line ?? line
      guard case .scalar(let scalar) = key else {
        throw SuiteError(
          file: file, line: line,
          problem: .wrongKind(key: subject, expected: "a word as key", found: Self.kind(of: key)))
      }
      let name = scalar.string
      if let known, !known.contains(name) {
        throw SuiteError(
          file: file, line: line,
          problem: .unknownKey(name, in: subject, nearest: nearest(to: name, among: known), known: known))
      }
      values[name] = value
      keyLines[name] = line
    }
    self.values = values
    self.keyLines = keyLines
  }

  func error(_ key: String, _ problem: SuiteError.Problem) -> SuiteError {
    SuiteError(file: file, line: line(of: key), problem: problem)
  }

  /// The line of the key, or of the mapping where the key is absent.
  func line(of key: String) -> Int { keyLines[key] ?? line }

  var keys: [String] { values.keys.sorted() }

  func has(_ key: String) -> Bool { values[key] != nil }

  func node(_ key: String) throws(SuiteError) -> Node {
    guard let node = values[key] else { throw error(key, .missingKey(key, in: subject)) }
    return node
  }

  /// Whether the key is absent or stands before `null`.
  func isNull(_ key: String) -> Bool {
    guard let node = values[key] else { return true }
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null"].contains(scalar.string)
  }

  func text(_ key: String) throws(SuiteError) -> String {
    guard !isNull(key) || !has(key), case .scalar(let scalar) = try node(key) else {
      throw wrongKind(key, expected: "a text")
    }
    guard !scalar.string.isEmpty else { throw wrongKind(key, expected: "a text") }
    return scalar.string
  }

  func integer(_ key: String, in range: ClosedRange<Int>, default standard: Int? = nil) throws(SuiteError) -> Int {
    if !has(key), let standard { return standard }
    guard let integer = Int(try plain(key, expected: "a whole number")) else {
      throw wrongKind(key, expected: "a whole number")
    }
    guard range.contains(integer) else {
      let expected =
        range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw error(key, .outOfRange(key: key, expected: expected, found: "\(integer)"))
    }
    return integer
  }

  func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws(SuiteError) -> Int? {
    isNull(key) ? nil : try integer(key, in: range)
  }

  func seed(_ key: String) throws(SuiteError) -> UInt64 { UInt64(try integer(key, in: 0...Int.max)) }

  /// A finite number for which `isValid` holds; `expected` says that in words.
  func number(
    _ key: String, default standard: Double? = nil, expected: String, where isValid: (Double) -> Bool
  ) throws(SuiteError) -> Double {
    if !has(key), let standard { return standard }
    let text = try plain(key, expected: "a number")
    // Swift would also take "nan", "inf" and hexadecimal numbers.
    guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(text), number.isFinite
    else {
      throw wrongKind(key, expected: "a number")
    }
    guard isValid(number) else { throw error(key, .outOfRange(key: key, expected: expected, found: text)) }
    return number
  }

  /// A word of a closed set.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default standard: Choice? = nil
  ) throws(SuiteError) -> Choice where Choice.RawValue == String {
    if !has(key), let standard { return standard }
    return try choice(key, among: Choice.allCases.map(\.rawValue)) { Choice(rawValue: $0) }
  }

  func choice<Choice>(
    _ key: String, among known: [String], _ make: (String) -> Choice?
  ) throws(SuiteError) -> Choice {
    let word = try text(key)
    guard let choice = make(word) else {
      throw error(
        key, .unknownValue(key: key, found: word, nearest: nearest(to: word, among: known), known: known))
    }
    return choice
  }

  /// The elements of a list that is not empty.
  func list(_ key: String) throws(SuiteError) -> [Node] {
    guard case .sequence(let sequence) = try node(key), !sequence.isEmpty else {
      throw wrongKind(key, expected: "a list that is not empty")
    }
    return Array(sequence)
  }

  func texts(_ key: String) throws(SuiteError) -> [String] {
    var texts: [String] = []
    for node in try list(key) {
      guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
        throw SuiteError(
          file: file, line: node.mark?.line ?? line,
          problem: .wrongKind(key: key, expected: "a list of texts", found: Self.kind(of: node)))
      }
      texts.append(scalar.string)
    }
    return texts
  }

  func mapping(_ key: String, known: [String]?) throws(SuiteError) -> SuiteMapping {
    try SuiteMapping(try node(key), key, known: known, file: file)
  }

  func wrongKind(_ key: String, expected: String) -> SuiteError {
    error(key, .wrongKind(key: key, expected: expected, found: values[key].map(Self.kind(of:)) ?? "nothing"))
  }

  private func plain(_ key: String, expected: String) throws(SuiteError) -> String {
    guard case .scalar(let scalar) = try node(key), scalar.style == .plain else {
      throw wrongKind(key, expected: expected)
    }
    return scalar.string
  }

  /// The root of a YAML text.
  static func compose(_ yaml: String, file: String) throws(SuiteError) -> Node {
    do {
      guard let node = try Yams.compose(yaml: yaml, .default, .default, .utf8) else {
        throw SuiteError(file: file, line: 0, problem: .syntax(reason: "the file is empty"))
      }
      return node
    } catch let error as SuiteError {
      throw error
    } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
      throw SuiteError(file: file, line: context.mark.line, problem: .duplicateKey(keys.first ?? ""))
    } catch YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _)
    {
      throw SuiteError(file: file, line: mark.line, problem: .syntax(reason: problem))
    } catch {
      throw SuiteError(file: file, line: 0, problem: .syntax(reason: "\(error)"))
    }
  }

  static func kind(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.style == .plain ? scalar.string : "\"\(scalar.string)\""
    case .mapping: "a mapping"
    case .sequence(let sequence): sequence.isEmpty ? "an empty list" : "a list"
    case .alias: "an alias"
    }
  }
}
