import ArgumentParser
import Experiments
import Foundation

/// The suite that a command works on, and where its results lie.
struct SuiteArguments: ParsableArguments {
  @Argument(help: "A suite's name, as in Baselines/<name>/suite.yaml, or the path of a suite file.")
  var suite = "embedded"

  @Option(name: [.short, .long], help: "The folder of the results. (default: recollect-results/<suite>)")
  var output: String?

  /// The suite's file: the path given, or `Baselines/<name>/suite.yaml` here or in a folder above.
  func file() throws -> String { try Self.file(of: suite) }

  /// The same for a suite that is named otherwise than by the argument.
  static func file(of suite: String) throws -> String {
    let files = FileManager.default
    if suite.contains("/") || suite.hasSuffix(".yaml") {
      var isFolder: ObjCBool = false
      let exists = files.fileExists(atPath: suite, isDirectory: &isFolder)
      return exists && isFolder.boolValue ? suite + "/suite.yaml" : suite
    }
    var folder = URL(fileURLWithPath: files.currentDirectoryPath)
    var known: [String] = []
    while true {
      let baselines = folder.appendingPathComponent("Baselines").path
      let file = "\(baselines)/\(suite)/suite.yaml"
      if files.fileExists(atPath: file) { return file }
      known += ((try? files.contentsOfDirectory(atPath: baselines)) ?? []).filter {
        files.fileExists(atPath: "\(baselines)/\($0)/suite.yaml")
      }
      if folder.path == "/" { break }
      folder.deleteLastPathComponent()
    }
    let hint =
      known.isEmpty
      ? "There is no folder Baselines here or above: start recollect in its project's folder, or name a suite's file."
      : "The suites here are: \(known.sorted().joined(separator: ", "))."
    throw ValidationError("No suite “\(suite)”. \(hint)")
  }

  func resultsFolder(of suite: Suite) -> String { output ?? "recollect-results/\(suite.name)" }
}

/// Folders that environment variables choose.
enum Folders {
  /// `RECOLLECT_CACHE`, else `XDG_CACHE_HOME/recollect`, else `~/.cache/recollect`.
  static var cache: String {
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["RECOLLECT_CACHE"], !folder.isEmpty { return folder }
    if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") { return folder + "/recollect" }
    return FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/recollect"
  }

  static func baseline(ofSuiteFile file: String) -> String {
    URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("expected").path
  }
}
