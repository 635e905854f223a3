import Foundation
import Models
import Tensors

/// A Python process that measures a reference library when asked, by turns with this program: a line of JSON in, a line of
/// JSON out.
final class PythonPeer {
  /// The variable that names a Python with the libraries of reference.
  static let variable = "RECOLLECT_PYTHON"

  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var lines: LineReader

  /// nil where the variable names no Python.
  ///
  /// - Parameter program: reads requests from standard input until it ends, and answers each.
  static func started(program: String, environment: [String: String] = [:]) throws -> PythonPeer? {
    guard let python = ProcessInfo.processInfo.environment[variable], !python.isEmpty else { return nil }
    return try PythonPeer(python: python, program: program, environment: environment)
  }

  private init(python: String, program: String, environment: [String: String]) throws {
    lines = LineReader(descriptor: answers.fileHandleForReading.fileDescriptor, name: python)
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", program]
    process.environment = ProcessInfo.processInfo.environment
      .merging(["PYTHONIOENCODING": "utf-8"]) { $1 }.merging(environment) { $1 }
    process.standardInput = requests
    process.standardOutput = answers
    // A process that ended is noticed by its missing answer.
    signal(SIGPIPE, SIG_IGN)
    try process.run()
  }

  deinit {
    // Nothing is left to do for a process that ended already.
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// The answer to a request: an array of as many numbers.
  func ask(_ request: some Encodable, answerCount: Int) throws -> [Double] {
    try requests.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(request) + Data("\n".utf8))
    guard let line = try lines.next(), let answer = try JSONValue(parsing: line).array?.compactMap(\.double),
      answer.count == answerCount
    else {
      throw CheckpointError.unreadable(
        file: lines.name, reason: "the Python that \(Self.variable) names gave no answer")
    }
    return answer
  }
}

/// Times and middle values of benchmarks.
enum Measurement {
  static func timed<Value>(_ work: () throws -> Value) rethrows -> (seconds: Double, value: Value) {
    let clock = ContinuousClock()
    let begun = clock.now
    let value = try work()
    return ((clock.now - begun) / .seconds(1), value)
  }

  static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// GFLOP/s of large products, one for each thread.
  static func productRate(_ workers: Workers) throws -> Double {
    let size = 1024
    let matrix = Matrix(rows: size, columns: size, repeating: 0.5)
    let count = 4 * workers.threadCount
    let seconds = try timed { _ = try workers.map(count) { _ in matrix.times(matrix)[0, 0] } }.seconds
    return 2e-9 * Double(count) * Double(size * size * size) / seconds
  }
}
