import Artifacts
import Evaluation
import Experiments
import Foundation
import TestServers
import Testing

@Suite struct TaskFileFinderTests {
  private let scratch: ScratchFolder
  private let store: ArtifactStore

  init() throws {
    scratch = try ScratchFolder()
    store = ArtifactStore(folder: scratch.path + "/cache")
    try FileManager.default.createDirectory(atPath: scratch.path + "/data", withIntermediateDirectories: true)
  }

  private func make(_ paths: String...) throws {
    for path in paths {
      let file = URL(fileURLWithPath: "\(scratch.path)/\(path)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: file)
    }
  }

  private func files(of name: String, given: [String: TaskFiles] = [:]) throws -> TaskFiles {
    let task = try #require(Benchmark.named(name))
    return try TaskFileFinder(given: given, folder: scratch.path + "/data", store: store).files(of: task)
  }

  @Test func `a file that is given is taken, whether it is there or not`() throws {
    try make("data/ARC-Easy-Test.jsonl")
    let given = TaskFiles(documents: "nowhere.jsonl")
    #expect(try files(of: "arc_easy", given: ["arc_easy": given]) == given)
  }

  @Test func `files are found below a folder by the ends of their paths`() throws {
    try make(
      "data/x/ARC-Easy-Test.jsonl", "data/winogrande_1.1/dev.jsonl", "data/deep/physicaliqa-train-dev/dev.jsonl",
      "data/deep/physicaliqa-train-dev/dev-labels.lst", "data/NOT-ARC-Challenge-Test.jsonl")
    let data = scratch.path + "/data"
    #expect(try files(of: "arc_easy") == TaskFiles(documents: data + "/x/ARC-Easy-Test.jsonl"))
    #expect(try files(of: "winogrande@0.4") == TaskFiles(documents: data + "/winogrande_1.1/dev.jsonl"))
    let piqa = data + "/deep/physicaliqa-train-dev/"
    #expect(try files(of: "piqa") == TaskFiles(documents: piqa + "dev.jsonl", labels: piqa + "dev-labels.lst"))
    #expect(throws: TaskFileError.self) { try files(of: "arc_challenge") }
  }

  @Test func `the usual name goes before others, and two files of one name are no answer`() throws {
    try make("data/unfiltered-web-dev.jsonl", "data/unfiltered-web-dev.json")
    #expect(try files(of: "triviaqa").documents.hasSuffix(".json"))
    try make("data/more/unfiltered-web-dev.json")
    let both = ["more/unfiltered-web-dev.json", "unfiltered-web-dev.json"].map { scratch.path + "/data/" + $0 }
    #expect(throws: TaskFileError.ambiguous(task: "triviaqa", files: both)) { try files(of: "triviaqa") }
  }

  @Test func `what was fetched is found in the store, unless the folder has it`() throws {
    try make("cache/artifacts/hellaswag/hellaswag_val.jsonl", "cache/artifacts/piqa/dev.jsonl")
    let fetched = store.folder + "/artifacts/hellaswag/hellaswag_val.jsonl"
    #expect(try files(of: "hellaswag") == TaskFiles(documents: fetched))
    // Its labels are missing.
    #expect(throws: TaskFileError.self) { try files(of: "piqa") }
    try make("data/hellaswag_val.jsonl")
    #expect(try files(of: "hellaswag").documents == scratch.path + "/data/hellaswag_val.jsonl")
  }

  @Test func `what is nowhere is named with the artifact to fetch`() throws {
    #expect(
      throws: TaskFileError.absent(
        task: "lambada_openai", names: ["lambada_test.jsonl"],
        searched: [scratch.path + "/data", store.folder + "/artifacts/lambada-openai"], artifact: "lambada-openai")
    ) { try files(of: "lambada_openai") }
    #expect(
      throws: TaskFileError.absent(task: "triviaqa", names: [], searched: [scratch.path + "/data"], artifact: nil)
    ) { try files(of: "triviaqa@0.4") }
    #expect(throws: TaskFileError.noFolder("nowhere")) {
      try TaskFileFinder(given: [:], folder: "nowhere", store: store)
    }
  }

  @Test func `every benchmark is found where the manifest's artifacts are put`() throws {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let manifest = try Manifest(contentsOf: project.appendingPathComponent("Baselines/artifacts.yaml").path)
    for artifact in manifest.artifacts {
      for name in artifact.files.flatMap(\.placedNames) { try make("cache/artifacts/\(artifact.name)/\(name)") }
    }
    for name in Benchmark.names { #expect(throws: Never.self) { try files(of: name) } }
  }
}
