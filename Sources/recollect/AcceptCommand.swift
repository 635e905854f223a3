import ArgumentParser
import Comparison
import Experiments
import Foundation
import Results

struct AcceptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept",
    abstract: "Review how results differ from the baseline, and take them as the new one.",
    discussion: """
      Shows each difference. Takes what --cell names, or everything with --all; without either it asks, cell by cell, on \
      a terminal, and otherwise only shows. Refused where CI is set, and from a work tree with uncommitted changes.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Flag(help: "Take all results.")
  var all = false

  @Option(name: .customLong("cell"), help: "Take this cell, as <model>/<compression>/<recovery>; may be repeated.")
  var chosen: [String] = []

  @Flag(help: "Record from a work tree with uncommitted changes.")
  var force = false

  func run() throws {
    try reportingErrors {
      if let ci = ProcessInfo.processInfo.environment["CI"], !ci.isEmpty, ci != "false" {
        throw ValidationError("CI is set: a baseline is recorded by a person, not by the gate that it serves.")
      }
      let file = try arguments.file()
      let suite = try Suite(contentsOf: file)
      let cells = try suite.cells()
      let names = cells.map { "\($0.model)/\($0.compression)/\($0.recovery)" }
      for name in chosen where !names.contains(name) {
        throw ValidationError(
          "No cell “\(name)” in the suite \(suite.name). Its cells: \(names.joined(separator: ", ")).")
      }
      let stored = StoredResults(folder: arguments.resultsFolder(of: suite), cells: cells)
      for (cell, reason) in stored.failures.sorted(by: { $0.key < $1.key }) { standardError("\(cell): \(reason)") }
      let acceptance = Acceptance(
        suite: suite.name, cells: cells, found: stored.results,
        baseline: Baseline(folder: Folders.baseline(ofSuiteFile: file), cells: cells))
      var taken: [Cell] = []
      for difference in acceptance.differences {
        let name = "\(difference.cell.model)/\(difference.cell.compression)/\(difference.cell.recovery)"
        show(difference)
        guard difference.change != .unchanged else { continue }
        if all || chosen.contains(name) || (chosen.isEmpty && asks(name)) { taken.append(difference.cell) }
      }
      guard !taken.isEmpty else {
        print("Nothing taken.")
        return
      }
      try refuseDirtyTree(near: file)
      for path in try acceptance.accept(taken) { print("written: \(path)") }
    }
  }

  private func show(_ difference: Acceptance.Difference) {
    switch difference.change {
    case .new: print("\(difference.cell): new")
    case .unchanged: print("\(difference.cell): unchanged")
    case .changed(let lines):
      print("\(difference.cell): changed")
      for line in lines { print("  \(line)") }
    case .refused(let reasons):
      print("\(difference.cell): cannot be a baseline")
      for reason in reasons { print("  \(reason)") }
    }
  }

  private func asks(_ name: String) -> Bool {
    guard isatty(STDIN_FILENO) == 1 else { return false }
    FileHandle.standardOutput.write(Data("Take \(name)? [y/N] ".utf8))
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  /// A baseline must be the work of a commit that others can check out. The baselines themselves may be changed.
  private func refuseDirtyTree(near file: String) throws {
    guard !force else { return }
    let git = Process()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git", "status", "--porcelain", "--", ":/", ":(exclude,top)Baselines/*/expected"]
    git.currentDirectoryURL = URL(fileURLWithPath: file).deletingLastPathComponent()
    let output = Pipe()
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    try git.run()
    let changes = output.fileHandleForReading.readDataToEndOfFile()
    git.waitUntilExit()
    // Outside of a repository, or without git, there is no tree to be dirty.
    if git.terminationStatus == 0, !changes.isEmpty {
      let files = String(decoding: changes, as: UTF8.self)
      throw ValidationError("The work tree has uncommitted changes; commit them, or use --force:\n\(files)")
    }
  }
}
