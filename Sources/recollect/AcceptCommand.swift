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
      a terminal, and otherwise only shows. The commit of the work tree is recorded with them. Refused where CI is set, \
      and from a work tree with uncommitted changes.
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
      let names = cells.map(\.name)
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
        let name = difference.cell.name
        show(difference)
        guard difference.change != .unchanged else { continue }
        if all || chosen.contains(name) || (chosen.isEmpty && asks(name)) { taken.append(difference.cell) }
      }
      guard !taken.isEmpty else {
        print("Nothing taken.")
        return
      }
      let commit = try commit(near: file)
      for path in try acceptance.accept(taken, commit: commit) { print("written: \(path)") }
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

  /// The commit that is recorded with the baseline: it must be one that others can check out. The baselines themselves
  /// may be changed.
  ///
  /// - Returns: nil outside of a repository, or without git: there is no tree to be dirty.
  private func commit(near file: String) throws -> String? {
    guard let head = try git(["rev-parse", "HEAD"], near: file) else { return nil }
    let changes = try git(
      ["status", "--porcelain", "--", ":/", ":(exclude,top)Baselines/*/expected"], near: file)
    guard let changes, !changes.isEmpty else { return head }
    guard force else {
      throw ValidationError("The work tree has uncommitted changes; commit them, or use --force:\n\(changes)")
    }
    return head + "-dirty"
  }

  /// What git prints; nil where it fails.
  private func git(_ arguments: [String], near file: String) throws -> String? {
    let git = Process()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git"] + arguments
    git.currentDirectoryURL = URL(fileURLWithPath: file).deletingLastPathComponent()
    let output = Pipe()
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    try git.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    git.waitUntilExit()
    guard git.terminationStatus == 0 else { return nil }
    return String(decoding: printed, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}
