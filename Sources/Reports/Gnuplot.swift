import Foundation

/// The program that draws figures, where the system has one.
package struct Gnuplot: Sendable {
  package static let howToGet = "apt-get install gnuplot-nox"

  package struct Failure: Error, Equatable {
    package let script: String
    package let reason: String
  }

  private let path: String

  /// Looks for it in the folders of a search path; nil where none has it.
  package init?(searchPath: String) {
    let folders = searchPath.split(separator: ":")
    guard let folder = folders.first(where: { access("\($0)/gnuplot", X_OK) == 0 }) else { return nil }
    path = "\(folder)/gnuplot"
  }

  /// Runs a script in its folder. What gnuplot says becomes the reason of a failure.
  package func run(_ script: String, in folder: String) throws(Failure) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = [script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw Failure(script: script, reason: error.localizedDescription)
    }
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(script: script, reason: String(decoding: said, as: UTF8.self))
    }
  }
}
