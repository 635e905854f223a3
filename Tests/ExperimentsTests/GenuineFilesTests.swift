import Artifacts
import Evaluation
import Experiments
import Foundation
import TestServers
import Testing

/// The data sets' genuine files, where they lie beside the project, packed as their publishers pack them.
private enum GenuineFiles {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appendingPathComponent("../shared/data").standardizedFileURL.path
  static let isPresent = FileManager.default.fileExists(atPath: folder)

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
  }
}

/// From the project's own manifest over a server on loopback into a store, and from there to the tasks' documents.
///
/// The archives are not the published ones, byte for byte: their digests and sizes, and the members that are not at hand,
/// are taken out of the manifest's entries. The members' digests are the published ones.
@Suite(.enabled(if: GenuineFiles.isPresent, "the published files are not beside the project"))
struct GenuineFilesTests {
  private let server: FaultyServer
  private let scratch: ScratchFolder
  private let manifest: Manifest

  init() throws {
    server = try FaultyServer()
    scratch = try ScratchFolder()
    manifest = try Manifest(contentsOf: GenuineFiles.root.appendingPathComponent("Baselines/artifacts.yaml").path)
  }

  private var store: ArtifactStore { ArtifactStore(folder: scratch.path + "/store") }

  /// The manifest's artifact, with nowhere to be had but on the mirror; of its archives, the members that are `kept`.
  private func artifact(_ name: String, keeping kept: Set<String>) throws -> Artifact {
    let published = try #require(manifest.artifacts.first { $0.name == name })
    let files = published.files.compactMap { file -> ArtifactFile? in
      guard case .archive(let archive) = file.content else {
        guard kept.contains(file.name) else { return nil }
        return ArtifactFile(
          name: file.name, sources: [], size: file.size, approximateSize: nil, sha256: file.sha256, content: .whole)
      }
      let members = archive.members.filter { kept.contains($0.name) }
      return ArtifactFile(
        name: file.name, sources: [], size: nil, approximateSize: nil, sha256: nil,
        content: .archive(
          ArchiveContent(members: members, largestTotal: archive.largestTotal, isSingleStream: archive.isSingleStream)))
    }
    #expect(files.flatMap(\.placedNames).count == kept.count)
    return Artifact(
      name: name, title: published.title, licence: published.licence, terms: published.terms, files: files)
  }

  private func serve(_ bytes: [UInt8], _ artifact: String, _ file: String) {
    server.serve(ServedFile(bytes), at: "/mirror/\(artifact)/\(file)")
  }

  /// Fetches an artifact by way of the mirror.
  private func outcome(of artifact: Artifact) throws -> FetchOutcome {
    let options = FetchOptions(
      mirrors: [server.url("/mirror")], hub: HuggingFaceSettings(environment: [:], homeFolder: scratch.path),
      transfer: TransferSettings(), recordFile: scratch.path + "/artifacts.lock.json")
    let digests = try RecordedDigests(contentsOf: options.recordFile)
    let plan = try FetchPlan([artifact], store: store, digests: digests, options: options)
    return try Fetcher(store: store, options: options, shouldStop: { false }, report: { _ in }).fetch(plan)
  }

  /// The folder of an artifact that can be fetched.
  private func fetch(_ artifact: Artifact) throws -> String {
    let outcome = try outcome(of: artifact)
    try #require(outcome.failures.isEmpty, "\(outcome.failures)")
    return store.folder(of: artifact)
  }

  private func zip(_ members: [(String, [UInt8])]) -> [UInt8] {
    let entries = members.map { name, bytes in
      var entry = HandMadeZipArchive.Entry(name, bytes)
      if name.hasSuffix("/") { entry.type = 0o040000 }
      return entry
    }
    return HandMadeZipArchive(entries).bytes
  }

  private func expectAllDocuments(_ task: any BenchmarkTask, _ documents: String, labels: String? = nil) throws {
    let read = try task.documents(from: TaskFiles(documents: documents, labels: labels))
    #expect(read.count == task.publishedDocumentCount, "\(task.name)")
  }

  @Test func `both sets of ARC come out of a zip archive whose folder has another name`() throws {
    let top = "ARC-V1-Feb2018-2"
    let (easy, challenge) = ("ARC-Easy-Test.jsonl", "ARC-Challenge-Test.jsonl")
    serve(
      zip([
        ("\(top)/", []), ("\(top)/ARC_Corpus.txt", [UInt8](repeating: 65, count: 100_000)),
        ("\(top)/ARC-Easy/\(easy)", try GenuineFiles.bytes("arc/\(easy)")),
        ("\(top)/ARC-Challenge/\(challenge)", try GenuineFiles.bytes("arc/\(challenge)")),
      ]), "arc", "ARC-V1-Feb2018.zip")
    let folder = try fetch(try artifact("arc", keeping: [easy, challenge]))
    try expectAllDocuments(ARC(.easy), "\(folder)/\(easy)")
    try expectAllDocuments(ARC(.challenge), "\(folder)/\(challenge)")
  }

  @Test func `PIQA comes out with its labels`() throws {
    let names = ["dev.jsonl", "dev-labels.lst"]
    let members = try names.map {
      ("physicaliqa-train-dev/\($0)", try GenuineFiles.bytes("piqa/physicaliqa-train-dev/\($0)"))
    }
    serve(zip(members), "piqa", "physicaliqa-train-dev.zip")
    let folder = try fetch(try artifact("piqa", keeping: Set(names)))
    try expectAllDocuments(PIQA(), "\(folder)/dev.jsonl", labels: "\(folder)/dev-labels.lst")
  }

  @Test func `WinoGrande comes out of among its other splits`() throws {
    let names = ["dev.jsonl", "dev-labels.lst", "test.jsonl", "train_xs.jsonl"]
    let members = try names.map { ("winogrande_1.1/\($0)", try GenuineFiles.bytes("winogrande/winogrande_1.1/\($0)")) }
    serve(zip(members), "winogrande", "winogrande_1.1.zip")
    let folder = try fetch(try artifact("winogrande", keeping: ["dev.jsonl", "dev-labels.lst"]))
    try expectAllDocuments(WinoGrande(), "\(folder)/dev.jsonl")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
  }

  @Test func `plain files are the published ones, unchanged entries and all`() throws {
    serve(try GenuineFiles.bytes("lambada_openai/lambada_test.jsonl"), "lambada-openai", "lambada_test.jsonl")
    let lambada = try fetch(try artifact("lambada-openai", keeping: ["lambada_test.jsonl"]))
    try expectAllDocuments(LAMBADA(), "\(lambada)/lambada_test.jsonl")
    for split in ["test", "train"] {
      serve(
        try GenuineFiles.bytes("web_questions/webquestions.examples.\(split).json"), "webqs",
        "webquestions-\(split).json")
    }
    let webQuestions = try fetch(
      try artifact("webqs", keeping: ["webquestions-test.json", "webquestions-train.json"]))
    try expectAllDocuments(WebQuestions(), "\(webQuestions)/webquestions-test.json")
    for (name, original) in [("vocab.json", "gpt2-vocab.json"), ("merges.txt", "gpt2-merges.txt")] {
      serve(try GenuineFiles.bytes("opt_tokenizer/\(original)"), "opt-6.7b", name)
    }
    let tokenizer = try fetch(try artifact("opt-6.7b", keeping: ["vocab.json", "merges.txt"]))
    #expect(FileManager.default.fileExists(atPath: tokenizer + "/merges.txt"))
  }

  @Test func `Wikitext's test pages come out byte for byte`() throws {
    let pages = try GenuineFiles.bytes("wikitext-2-raw/wiki.test.raw")
    serve(zip([("wikitext-2-raw/wiki.test.raw", pages)]), "wikitext-2", "wikitext-2-raw-v1.zip")
    let folder = try fetch(try artifact("wikitext-2", keeping: ["wiki.test.raw"]))
    #expect(FileManager.default.contents(atPath: folder + "/wiki.test.raw").map(Array.init) == pages)
  }

  @Test func `TriviaQA comes out of a compressed tar archive`() throws {
    let name = "triviaqa-unfiltered/unfiltered-web-dev.json"
    let tar = scratch.path + "/triviaqa.tar"
    var writer = try ArchiveWriter(tar)
    try writer.add(bytes: Array("read me\n".utf8), as: "triviaqa-unfiltered/README")
    try writer.add(file: "\(GenuineFiles.folder)/trivia_qa/hf_dummy_rows/\(name)", as: name)
    try writer.finish()
    let packed = HandMadeArchive.gzip(Array(try Data(contentsOf: URL(fileURLWithPath: tar))))
    serve(packed, "triviaqa", "triviaqa-unfiltered.tar.gz")
    let folder = try fetch(try artifact("triviaqa", keeping: ["unfiltered-web-dev.json"]))
    // A few rows in the true layout.
    let documents = try TriviaQA().documents(from: TaskFiles(documents: folder + "/unfiltered-web-dev.json"))
    #expect(documents.count == 3)
  }

  @Test func `a member that is not the published one is refused`() throws {
    let name = "SciQ dataset-2 3/test.json"
    serve(zip([(name, try GenuineFiles.bytes("sciq/hf_dummy_rows/\(name)"))]), "sciq", "SciQ.zip")
    // A few rows, where 1,000 are published.
    let failure = try outcome(of: try artifact("sciq", keeping: ["test.json"])).failures[0]
    guard case .otherSize(file: name, _, expected: 879_642, _)? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(!FileManager.default.fileExists(atPath: store.folder + "/artifacts/sciq"))
  }
}
