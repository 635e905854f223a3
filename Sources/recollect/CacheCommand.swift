import ArgumentParser
import Artifacts
import Experiments
import Foundation
import Reports

struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Look after the fetched files.",
    subcommands: [
      CacheListCommand.self, CacheVerifyCommand.self, CacheCleanCommand.self, CacheExportCommand.self,
      CacheImportCommand.self,
    ])
}

struct CacheListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List what is in the cache.")

  @OptionGroup var location: ManifestLocation

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try reportingErrors {
      let file = try location.file()
      let manifest = try Manifest(contentsOf: file)
      let digests = try RecordedDigests(contentsOf: ManifestLocation.recordFile(of: file))
      let store = location.artifactStore
      struct Row: Encodable {
        let name: String
        let isComplete: Bool
        let files: Int
        let bytes: Int
        let folder: String
      }
      var rows: [Row] = []
      for artifact in manifest.artifacts {
        let objects = artifact.files.compactMap { store.objects(of: artifact, file: $0, digests: digests) }
        guard !objects.isEmpty else { continue }
        let names = objects.flatMap { $0 }
        rows.append(
          Row(
            name: artifact.name, isComplete: objects.count == artifact.files.count, files: names.count,
            bytes: names.reduce(0) { $0 + (store.size(ofObject: $1.value) ?? 0) }, folder: store.folder(of: artifact)))
      }
      if json {
        print(try encoded(rows), terminator: "")
        return
      }
      let all = try store.allObjects()
      if !rows.isEmpty {
        let table = TextTable(
          heading: ["artifact", "files", "size", "state"],
          rows: rows.map { [$0.name, "\($0.files)", bytes($0.bytes), $0.isComplete ? "complete" : "in part"] },
          headingWidth: 16, gap: 2, textColumns: [0, 3])
        print(table.text, terminator: "")
      }
      print("\(all.count) files, \(bytes(all.reduce(0) { $0 + $1.size })), in \(store.folder).")
      if rows.isEmpty { print("To begin: recollect fetch --suite opt-125m --dry-run") }
    }
  }
}

struct CacheVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compute the digest of every file in the cache.",
    discussion: "Damaged files are removed, so that the next fetch gets them again.")

  @OptionGroup var location: ManifestLocation

  @Flag(help: "Remove nothing.")
  var dryRun = false

  func run() throws {
    try reportingErrors {
      let store = location.artifactStore
      let objects = try store.allObjects()
      let total = objects.reduce(0) { $0 + $1.size }
      var done = 0
      var damaged = 0
      for object in objects {
        if Terminal.isLive { FileHandle.standardError.write(Data("\r\u{1B}[K\(bytes(done)) of \(bytes(total))".utf8)) }
        if try !store.isWhole(object) {
          if Terminal.isLive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
          damaged += 1
          standardError("\(store.path(ofObject: object.sha256)) is damaged\(dryRun ? "" : " and was removed")")
          if !dryRun { try store.remove(object.sha256) }
        }
        done += object.size
      }
      if Terminal.isLive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
      if damaged > 0, !dryRun { try store.removeDanglingLinks() }
      print("\(objects.count) files, \(bytes(total)): \(damaged == 0 ? "all whole" : "\(damaged) damaged").")
      if damaged > 0 { throw ExitCode(3) }
    }
  }
}

struct CacheCleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove what no artifact needs: archives, parts of downloads, old files.",
    discussion: "Artifacts that are named are removed too.")

  @Argument(help: "Artifacts to remove.")
  var names: [String] = []

  @OptionGroup var location: ManifestLocation

  @Flag(help: "Only say what would go.")
  var dryRun = false

  func run() throws {
    try reportingErrors {
      let file = try location.file()
      let manifest = try Manifest(contentsOf: file)
      _ = try manifest.artifacts(named: names, suite: nil)
      let leftovers = try location.artifactStore.removeLeftovers(
        of: manifest.artifacts, digests: RecordedDigests(contentsOf: ManifestLocation.recordFile(of: file)),
        removing: Set(names), isTrial: dryRun)
      print(
        "\(dryRun ? "Would remove" : "Removed") \(leftovers.objects.count) files and \(leftovers.partialCount) parts of downloads, \(bytes(leftovers.bytes))."
      )
    }
  }
}

struct CacheExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write artifacts into one tar file, for a machine without a network.")

  @OptionGroup var arguments: ArtifactArguments

  @Option(name: [.short, .long], help: "The tar file.")
  var output: String

  func run() throws {
    try reportingErrors {
      let file = try arguments.location.file()
      let manifest = try Manifest(contentsOf: file)
      let digests = try RecordedDigests(contentsOf: ManifestLocation.recordFile(of: file))
      let store = arguments.location.artifactStore
      var artifacts = try arguments.artifacts(of: manifest)
      // Where none is named, what there is.
      if arguments.names.isEmpty, arguments.suite == nil {
        artifacts = artifacts.filter { store.objects(of: $0, digests: digests) != nil }
      }
      try store.export(artifacts, digests: digests, to: output) { written, total in
        guard Terminal.isLive else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(bytes(written)) of \(bytes(total))".utf8))
      }
      if Terminal.isLive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
      print("\(output): \(artifacts.map(\.name).joined(separator: ", "))")
    }
  }
}

struct CacheImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take in a tar file that “recollect cache export” wrote.")

  @Argument(help: "The tar file.")
  var file: String

  @OptionGroup var location: ManifestLocation

  func run() throws {
    try reportingErrors {
      let path = try location.file()
      let manifest = try Manifest(contentsOf: path)
      let recordFile = ManifestLocation.recordFile(of: path)
      let store = location.artifactStore
      let signals = StopSignals()
      let imported = try store.importArchive(file, shouldStop: { signals.received != nil }) { read, total in
        guard Terminal.isLive else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(bytes(read)) of \(bytes(total))".utf8))
      }
      if Terminal.isLive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
      for artifact in manifest.artifacts {
        for file in artifact.files {
          guard let record = imported.records["\(artifact.name)/\(file.name)"] else { continue }
          try RecordedDigests.add(record, artifact, file, to: recordFile)
        }
      }
      let digests = try RecordedDigests(contentsOf: recordFile)
      var complete: [String] = []
      for artifact in manifest.artifacts {
        guard let objects = store.objects(of: artifact, digests: digests) else { continue }
        try store.place(objects, of: artifact)
        complete.append(artifact.name)
      }
      print("\(imported.objects) files, \(bytes(imported.bytes)). Complete now: \(complete.joined(separator: ", ")).")
    }
  }
}
