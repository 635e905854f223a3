import Artifacts
import Experiments
import Foundation
import Testing

private let digest = String(repeating: "0a", count: 32)

/// A manifest of 21 lines with everything in it, which the tests then spoil line by line.
private let sound = """
  suites:
    small: [data]
    all: [data, model]
  artifacts:
    - name: data
      title: Data
      licence: CC0
      files:
        - {file: set.zip, urls: ["https://a.example/set.zip", "file:///mirror/set.zip"], size: 10, sha256: \(digest),
           expands: 100, members: [{member: a b/set.json, as: train/set.json, size: 9, sha256: unknown}]}
        - {file: part.jsonl, urls: ["http://a.example/part.json.gz"], size: 20, about: 5, sha256: unknown, first: 3}
    - name: model
      title: Model
      licence: custom
      terms: research only
      huggingface: {model: org/model, revision: main}
      files:
        - {file: config.json, size: unknown, about: 600, sha256: \(digest)}
        - {file: one.json, path: folder/one.json.gz, size: 30, sha256: unknown, expands: 90, stream: gzip,
           members: [{member: one.json, as: two.json, size: unknown, sha256: unknown}]}
        - {file: both.json, urls: ["https://b.example/both.json"], size: 0, sha256: unknown}
  """

private func manifest(replacing old: String = "", with new: String = "") throws -> Manifest {
  if !old.isEmpty { try #require(sound.contains(old), "the manifest does not hold “\(old)”") }
  let text = old.isEmpty ? sound : sound.replacingOccurrences(of: old, with: new)
  return try Manifest(yaml: text, file: "artifacts.yaml")
}

/// A change to the sound manifest, and the line that the error must name.
struct ManifestSpoiling: Sendable, CustomTestStringConvertible {
  let old: String
  let new: String
  let line: Int

  init(_ old: String, _ new: String, line: Int) {
    self.old = old
    self.new = new
    self.line = line
  }

  var testDescription: String { "“\(old)” → “\(new)”" }

  func error() throws -> SuiteError {
    try #require(#expect(throws: SuiteError.self) { try manifest(replacing: old, with: new) })
  }
}

@Suite struct ManifestFileTests {
  // MARK: What is read

  @Test func `every artifact is what the file says`() throws {
    let manifest = try manifest()
    #expect(manifest.suites == ["small": ["data"], "all": ["data", "model"]])
    #expect(manifest.artifacts.map(\.name) == ["data", "model"])
    let data = manifest.artifacts[0]
    #expect(data.title == "Data" && data.licence == "CC0" && data.terms == nil)
    let member = WantedMember(path: "a b/set.json", size: 9, sha256: nil)
    #expect(
      data.files[0]
        == ArtifactFile(
          name: "set.zip", sources: [.url("https://a.example/set.zip"), .url("file:///mirror/set.zip")], size: 10,
          approximateSize: nil, sha256: digest,
          content: .archive(
            ArchiveContent(
              members: [.init(name: "train/set.json", wanted: member)], largestTotal: 100, isSingleStream: false))))
    #expect(data.files[1].content == .slice(.first(3)))
    #expect(data.files[1].approximateSize == 5)
  }

  @Test func `a repository is a source of each file, after the file's own`() throws {
    let model = try manifest().artifacts[1]
    #expect(model.terms == "research only")
    func hub(_ path: String) -> ArtifactSource {
      .huggingFace(HuggingFaceFile(kind: .model, repository: "org/model", revision: "main", path: path))
    }
    #expect(model.files[0].sources == [hub("config.json")])
    #expect(model.files[1].sources == [hub("folder/one.json.gz")])
    #expect(model.files[2].sources == [.url("https://b.example/both.json"), hub("both.json")])
    #expect(model.files[2].size == 0)
    guard case .archive(let archive) = model.files[1].content else {
      Issue.record("\(model.files[1].content)")
      return
    }
    #expect(archive.isSingleStream)
  }

  @Test func `artifacts are asked for by name and by suite, each once, in the file's order`() throws {
    let manifest = try manifest()
    #expect(try manifest.artifacts(named: ["model"], suite: "small").map(\.name) == ["data", "model"])
    #expect(try manifest.artifacts(named: ["data", "data"], suite: "all").map(\.name) == ["data", "model"])
    let artifact = #expect(throws: UnknownArtifact.self) { try manifest.artifacts(named: ["modle"], suite: nil) }
    #expect(artifact?.kind == "artifact" && artifact?.nearest == "model" && artifact?.known == ["data", "model"])
    let suite = #expect(throws: UnknownArtifact.self) { try manifest.artifacts(named: [], suite: "smal") }
    #expect(suite?.kind == "suite" && suite?.nearest == "small" && suite?.known == ["all", "small"])
  }

  // MARK: What is refused

  @Test(arguments: [
    ManifestSpoiling("suites:", "suite:", line: 1),
    ManifestSpoiling("title: Data", "titel: Data", line: 6),
    ManifestSpoiling("size: 10,", "bytes: 10,", line: 9),
    ManifestSpoiling("as: train/set.json", "to: train/set.json", line: 10),
    ManifestSpoiling("revision: main", "commit: main", line: 16),
  ])
  func `an unknown key is refused`(spoiling: ManifestSpoiling) throws {
    let error = try spoiling.error()
    #expect(error.line == spoiling.line)
    guard case .unknownKey = error.problem else {
      Issue.record("\(error.problem)")
      return
    }
  }

  @Test(arguments: [
    ManifestSpoiling("    title: Data\n", "", line: 5),
    ManifestSpoiling("    licence: CC0\n", "", line: 5),
    ManifestSpoiling("sha256: unknown, first: 3", "first: 3", line: 11),
    ManifestSpoiling("size: unknown, about", "about", line: 18),
    ManifestSpoiling("urls: [\"http://a.example/part.json.gz\"], ", "", line: 11),
    ManifestSpoiling("expands: 100, ", "", line: 9),
    ManifestSpoiling(", revision: main", "", line: 16),
    ManifestSpoiling("size: 9, ", "", line: 10),
  ])
  func `a missing key is refused, also where the value is not known`(spoiling: ManifestSpoiling) throws {
    let error = try spoiling.error()
    #expect(error.line == spoiling.line)
    guard case .missingKey = error.problem else {
      Issue.record("\(error.problem)")
      return
    }
  }

  @Test(arguments: [
    ManifestSpoiling("sha256: \(digest),\n", "sha256: \(digest.dropLast()),\n", line: 9),
    ManifestSpoiling("sha256: \(digest),\n", "sha256: \(digest)0,\n", line: 9),
    ManifestSpoiling("sha256: \(digest),\n", "sha256: \(digest.dropLast())g,\n", line: 9),
    ManifestSpoiling("sha256: \(digest),\n", "sha256: \(digest.uppercased()),\n", line: 9),
    ManifestSpoiling("size: 10,", "size: -1,", line: 9),
    ManifestSpoiling("size: 10,", "size: 10.5,", line: 9),
    ManifestSpoiling("size: 10,", "size: 99999999999999999999,", line: 9),
    ManifestSpoiling("expands: 100,", "expands: 0,", line: 10),
    ManifestSpoiling("about: 5", "about: 0", line: 11),
    ManifestSpoiling("first: 3", "first: 0", line: 11),
    ManifestSpoiling("https://a.example", "ftp://a.example", line: 9),
    ManifestSpoiling("file:///mirror", "file://mirror", line: 9),
    ManifestSpoiling("https://a.example/set.zip", "set.zip", line: 9),
    ManifestSpoiling("as: train/set.json", "as: ../set.json", line: 10),
    ManifestSpoiling("as: train/set.json", "as: /set.json", line: 10),
    ManifestSpoiling("file: part.jsonl", "file: a//part.jsonl", line: 11),
    ManifestSpoiling("path: folder/one.json.gz", "path: folder/../../one.json.gz", line: 19),
    ManifestSpoiling("revision: main", "revision: refs/../main", line: 16),
    ManifestSpoiling("- name: data", "- name: ../data", line: 5),
    // Keys that would say nothing where they stand.
    ManifestSpoiling("first: 3", "first: 3, expands: 5", line: 11),
    ManifestSpoiling("about: 600", "about: 600, expands: 5", line: 18),
    ManifestSpoiling("about: 600", "about: 600, stream: gzip", line: 18),
    ManifestSpoiling(
      "two.json, size: unknown, sha256: unknown}",
      "two.json, size: unknown, sha256: unknown}, "
        + "{member: b, size: unknown, sha256: unknown}", line: 20),
  ])
  func `a value that cannot be meant is refused with its line`(spoiling: ManifestSpoiling) throws {
    #expect(try spoiling.error().line == spoiling.line)
  }

  @Test func `a name given twice is refused with both lines`() throws {
    let twice = ManifestSpoiling("- name: model", "- name: data", line: 12)
    #expect(try twice.error().problem == .duplicateName("data", firstLine: 5))
    #expect(try twice.error().line == 12)
    // Two files that would lie at one place, one of them a member.
    let placed = ManifestSpoiling("file: part.jsonl", "file: train/set.json", line: 11)
    #expect(try placed.error().problem == .duplicateName("train/set.json", firstLine: 9))
    let key = ManifestSpoiling("size: 10,", "size: 10, size: 11,", line: 9)
    #expect(try key.error().problem == .duplicateKey("size"))
  }

  @Test func `a suite of unknown artifacts is refused with the nearest one`() throws {
    let error = try ManifestSpoiling("small: [data]", "small: [dat]", line: 2).error()
    #expect(error.line == 2)
    #expect(
      error.problem == .unknownValue(key: "artifact", found: "dat", nearest: "data", known: ["data", "model"]))
  }

  @Test(arguments: ["", "artifacts: [", "- 3", "artifacts: {}", "artifacts: []"])
  func `what is no manifest is an error`(text: String) {
    #expect(throws: SuiteError.self) { try Manifest(yaml: text, file: "artifacts.yaml") }
  }
}

/// The manifest of the project itself.
@Suite struct PaperManifestTests {
  private let manifest: Manifest

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    manifest = try Manifest(contentsOf: root.appendingPathComponent("Baselines/artifacts.yaml").path)
  }

  private func file(_ artifact: String, _ name: String) throws -> ArtifactFile {
    let artifact = try #require(manifest.artifacts.first { $0.name == artifact })
    return try #require(artifact.files.first { $0.name == name })
  }

  @Test func `it has every file of the paper`() throws {
    let paper = try manifest.artifacts(named: [], suite: "paper")
    let taskSets = ["arc", "sciq", "webqs", "triviaqa", "piqa", "hellaswag", "lambada-openai", "winogrande"]
    let texts = ["wikitext-2", "wikitext-103", "c4"]
    #expect(Set(paper.map(\.name)) == Set(taskSets + texts + ["llama-7b", "opt-6.7b"]))
    let ladder = try manifest.artifacts(named: [], suite: "ladder")
    #expect(Set(ladder.map(\.name)) == ["opt-125m", "opt-350m", "opt-1.3b", "tinyllama", "open-llama-3b"])
  }

  @Test func `every file has a size for plans, and every data set but the slice a digest`() {
    for artifact in manifest.artifacts {
      for file in artifact.files {
        #expect(file.size != nil || file.approximateSize != nil, "\(artifact.name)/\(file.name)")
        let isOfCheckpoint = artifact.name.contains("llama") || artifact.name.hasPrefix("opt-")
        #expect(file.sha256 != nil || isOfCheckpoint || file.content == .slice(.first(4000)), "\(artifact.name)")
      }
    }
  }

  @Test func `what is under terms says so`() {
    let open = ["tinyllama", "open-llama-3b", "world-llama"]
    for artifact in manifest.artifacts where artifact.name.contains("llama") || artifact.name.hasPrefix("opt-") {
      #expect((artifact.terms == nil) == open.contains(artifact.name), "\(artifact.name)")
    }
  }

  @Test func `the archives are those whose digests are on record`() throws {
    #expect(
      try file("winogrande", "winogrande_1.1.zip").sha256
        == "3619ab104d8be2977b25c90ff420cb42d491707dcc75362a1e5d22bc082b7318")
    #expect(
      try file("triviaqa", "triviaqa-unfiltered.tar.gz").sha256
        == "7f0c94207fd0a1eb7bba3d52cdfe0735c98de850b9e5aa4e75f2776ef9a531d0")
    #expect(try file("arc", "ARC-V1-Feb2018.zip").size == 680_841_265)
  }
}
