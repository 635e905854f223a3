import Artifacts
import Foundation
import Results

/// The embedded world and the models trained on it as a mirror of files: archives and loose files in a folder for each
/// artifact, in the forms in which the genuine ones are published.
package struct FixtureMirror: Sendable {
  /// A file that is published as it is, compressed, or with others in an archive.
  package struct Entry: Sendable {
    package let artifact: String
    package let name: String
    /// nil for a file as it is.
    package let format: ArchiveFormat?
    /// Where it comes from, and its name within the archive.
    package let sources: [(path: String, member: String)]
  }

  package static let artifacts = ["world-text", "world-tasks", "world-llama", "world-opt"]

  package let entries: [Entry]

  /// - Parameters:
  ///   - world: a folder that `recollect world` wrote.
  ///   - models: the folders of the two models, by their artifacts' names.
  package init(world: String, models: [String: String]) throws {
    func entry(
      _ artifact: String, _ name: String, _ format: ArchiveFormat?, _ members: [String]
    ) -> Entry {
      Entry(
        artifact: artifact, name: name, format: format, sources: members.map { (path: world + "/" + $0, member: $0) })
    }
    let wikitext = ["train", "valid", "test"].map { "wikitext-2-raw/wiki.\($0).raw" }
    let arc = ["Easy", "Challenge"].map { "ARC-V1-Feb2018-2/ARC-\($0)/ARC-\($0)-Test.jsonl" }
    var entries = [
      entry("world-text", "wikitext-2-raw-v1.zip", .deflatedZip, wikitext),
      entry("world-tasks", "ARC-V1-Feb2018.zip", .deflatedZip, arc),
      entry("world-tasks", "SciQ.zip", .deflatedZip, ["SciQ dataset-2 3/test.json"]),
      entry(
        "world-tasks", "physicaliqa-train-dev.zip", .deflatedZip,
        ["physicaliqa-train-dev/dev.jsonl", "physicaliqa-train-dev/dev-labels.lst"]),
      entry(
        "world-tasks", "winogrande_1.1.zip", .deflatedZip,
        ["winogrande_1.1/dev.jsonl", "winogrande_1.1/dev-labels.lst"]),
      entry(
        "world-tasks", "triviaqa-unfiltered.tar.gz", .gzippedTar, ["triviaqa-unfiltered/unfiltered-web-dev.json"]),
      entry("world-tasks", "webquestions.examples.test.json", nil, ["webquestions.examples.test.json"]),
      entry("world-tasks", "hellaswag_val.jsonl", nil, ["hellaswag_val.jsonl"]),
      entry("world-tasks", "lambada_test.jsonl", nil, ["lambada_test.jsonl"]),
      entry("world-tasks", "world.tar.gz", .gzippedTar, ["world/facts.jsonl", "world/questions.jsonl"]),
    ]
    for part in ["train", "validation"] {
      let name = "c4-\(part).00000-of-00001.json"
      entries.append(entry("world-text", name + ".gz", .gzippedFile, ["c4/en/" + name]))
    }
    for (artifact, folder) in models.sorted(by: { $0.key < $1.key }) {
      // The record of the training has its time, which is another each time.
      for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      where name != ModelTraining.recordName {
        entries.append(
          Entry(artifact: artifact, name: name, format: nil, sources: [(path: folder + "/" + name, member: name)]))
      }
    }
    self.entries = entries.sorted { ($0.artifact, $0.name) < ($1.artifact, $1.name) }
  }

  /// Writes all files, in place of those that are there.
  package func write(to folder: String) throws {
    let files = FileManager.default
    for entry in entries {
      let target = path(of: entry, in: folder)
      try files.createDirectory(atPath: folder + "/" + entry.artifact, withIntermediateDirectories: true)
      if files.fileExists(atPath: target) { try files.removeItem(atPath: target) }
      guard let format = entry.format else {
        let source = URL(fileURLWithPath: entry.sources[0].path).resolvingSymlinksInPath()
        try files.copyItem(atPath: source.path, toPath: target)
        continue
      }
      var archive = try ArchiveWriter(target, format: format)
      for source in entry.sources { try archive.add(file: source.path, as: source.member) }
      try archive.finish()
    }
  }

  /// The mirror's part of a manifest: every file and member with its size and digest.
  ///
  /// - Parameter mirror: the folder of the mirror as the manifest's folder sees it.
  package func manifest(of folder: String, mirror: String) throws -> String {
    var lines: [String] = []
    for artifact in Self.artifacts {
      lines += ["  - name: \(artifact)", "    title: \(Self.title(of: artifact))", "    licence: that of the project"]
      lines.append("    files:")
      for entry in entries where entry.artifact == artifact {
        lines.append("      - file: \(entry.name)")
        lines.append("        urls: [\(mirror)/\(artifact)/\(entry.name)]")
        lines += try Self.identity(of: path(of: entry, in: folder), indent: 8)
        // A compressed single file is read as it is.
        guard entry.format != nil, entry.format != .gzippedFile else { continue }
        let sizes = try entry.sources.map { try Self.size(of: $0.path) }
        lines.append("        expands: \(sizes.reduce(0, +) + 4096)")
        lines.append("        members:")
        for source in entry.sources {
          lines.append("          - member: \(source.member)")
          // Its path, where it can be one here; by its last part, members of two archives would clash.
          let names = source.member.split(separator: "/").map(String.init)
          if names.allSatisfy(Cell.isValidName) { lines.append("            as: \(source.member)") }
          lines += try Self.identity(of: source.path, indent: 12)
        }
      }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }

  private func path(of entry: Entry, in folder: String) -> String { "\(folder)/\(entry.artifact)/\(entry.name)" }

  private static func identity(of path: String, indent: Int) throws -> [String] {
    let space = String(repeating: " ", count: indent)
    return ["\(space)size: \(try size(of: path))", "\(space)sha256: \(try fileDigests([path])[0])"]
  }

  private static func size(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.size] as? Int) ?? 0
  }

  private static func title(of artifact: String) -> String {
    switch artifact {
    case "world-text": "The embedded world as Wikitext and C4"
    case "world-tasks": "Nine tasks about the embedded world"
    case "world-llama": "A small Llama that was trained on the embedded world"
    default: "A small OPT that was trained on the embedded world"
    }
  }
}
