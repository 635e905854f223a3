import Foundation

/// The built program, which lies beside the tests.
enum Command {
  static let program: URL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("recollect")

  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  static func start(
    _ arguments: [String], input: URL? = nil, environment: [String: String] = [:], output: URL, errors: URL
  ) throws
    -> Process
  {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    for name in ["CI", "GITHUB_ACTIONS", "RECOLLECT_CACHE"] { variables[name] = nil }
    process.environment = variables.merging(environment) { $1 }
    for (file, keyPath) in [(output, \Process.standardOutput), (errors, \Process.standardError)] {
      try Data().write(to: file)
      process[keyPath: keyPath] = try FileHandle(forWritingTo: file)
    }
    process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
    try process.run()
    return process
  }

  /// - Parameter input: what the program reads from standard input.
  static func run(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws -> Outcome {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
    let (output, errors) = (base.appendingPathExtension("out"), base.appendingPathExtension("err"))
    let inputFile = base.appendingPathExtension("in")
    try Data(input.utf8).write(to: inputFile)
    defer { for file in [inputFile, output, errors] { try? FileManager.default.removeItem(at: file) } }
    let process = try start(
      arguments, input: inputFile, environment: environment, output: output, errors: errors)
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}

/// The result files below a folder, without their times, by their paths.
func resultsWithoutTimes(_ folder: String) throws -> [String: NSDictionary] {
  var results: [String: NSDictionary] = [:]
  for case let name as String in FileManager.default.enumerator(atPath: folder)! where name.hasSuffix(".json") {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
    let object = try JSONSerialization.jsonObject(with: data) as! NSDictionary
    let kept = object.mutableCopy() as! NSMutableDictionary
    kept.removeObject(forKey: "timing")
    results[name] = kept
  }
  return results
}
