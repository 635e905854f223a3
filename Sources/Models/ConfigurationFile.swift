/// A checkpoint's `config.json`, in which numbers, flags and names are looked up with their defaults.
///
/// A member that is null counts as absent, as in transformers.
struct ConfigurationFile {
  let path: String
  private let json: JSONValue
  /// What stands before a member's name in an error: where in the file it is looked up.
  private let prefix: String

  init(_ path: String) throws(CheckpointError) {
    self.path = path
    json = try JSONValue(contentsOf: path)
    prefix = ""
  }

  private init(path: String, json: JSONValue, prefix: String) {
    self.path = path
    self.json = json
    self.prefix = prefix
  }

  /// The object that is the member's value, as a configuration; nil where the member is absent.
  func section(_ member: String) throws(CheckpointError) -> ConfigurationFile? {
    guard let value = self[member] else { return nil }
    guard value.object != nil else { throw invalid(member, "an object") }
    return ConfigurationFile(path: path, json: value, prefix: "\(prefix)\(member).")
  }

  /// The largest number that a size in a configuration may have: far above any real model, and low enough that no
  /// product of three of them overflows.
  static let largestSize = 1 << 20

  /// What the file calls its architecture: "llama", or the name of a class where it names that alone.
  var architecture: String {
    json["model_type"]?.string ?? json["architectures"]?.array?.first?.string ?? "none"
  }

  subscript(member: String) -> JSONValue? {
    guard let value = json[member], !value.isNull else { return nil }
    return value
  }

  func invalid(_ member: String, _ expected: String) -> CheckpointError {
    .invalidMember(file: path, member: prefix + member, expected: expected, found: json[member].kindDescription)
  }

  /// A whole number from 1 to the largest size.
  func size(_ member: String, or fallback: Int? = nil) throws(CheckpointError) -> Int {
    guard let value = self[member] else {
      if let fallback { return fallback }
      throw invalid(member, "a size")
    }
    guard let size = value.integer, size > 0, size <= Self.largestSize else {
      throw invalid(member, "a whole number from 1 to \(Self.largestSize)")
    }
    return size
  }

  func flag(_ member: String, or fallback: Bool = false) throws(CheckpointError) -> Bool {
    guard let value = self[member] else { return fallback }
    guard let flag = value.boolean else { throw invalid(member, "true or false") }
    return flag
  }

  /// `value`, or the fallback where there is none; the name of its member is for the error.
  func positive(_ value: JSONValue?, _ member: String, or fallback: Double) throws(CheckpointError) -> Double {
    guard let value, !value.isNull else { return fallback }
    guard let number = value.double, number > 0 else { throw invalid(member, "a positive number") }
    return number
  }

  /// The same as a float, in which it must be neither zero nor infinite.
  func positiveFloat(_ member: String, or fallback: Double) throws(CheckpointError) -> Float {
    let number = Float(try positive(self[member], member, or: fallback))
    guard number > 0, number.isFinite else { throw invalid(member, "a positive number in single precision") }
    return number
  }
}
