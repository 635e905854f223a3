import Artifacts
import Foundation
import TestServers

/// A server, a store, and what tests fetch from the one into the other.
struct FetchFixture {
  static let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

  /// Where the file that is wanted stands within an archive.
  let member = "folder name/text.txt"
  let server: FaultyServer
  let scratch: ScratchFolder

  init() throws {
    server = try FaultyServer()
    scratch = try ScratchFolder()
  }

  var store: ArtifactStore { ArtifactStore(folder: scratch.path + "/store") }
  var recordFile: String { scratch.path + "/artifacts.lock.json" }

  /// What stands about of work that is not done.
  var traces: [String] {
    ["partial", "locks", "unfinished"].flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(store.folder)/\(folder)").sorted()) ?? []
      return names.map { "\(folder)/\($0)" }
    }
  }

  /// What stands in a folder of the store.
  func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(store.folder)/\(folder)")
  }

  func artifact(_ name: String, _ files: [ArtifactFile]) -> Artifact {
    Artifact(name: name, title: name, licence: "none", terms: nil, files: files)
  }

  func file(_ name: String, sha256: String? = nil, size: Int? = nil) -> ArtifactFile {
    ArtifactFile(
      name: name, sources: [.url(server.url("/" + name))], size: size, approximateSize: nil, sha256: sha256,
      content: .whole)
  }

  /// An artifact of one file within a served zip archive.
  func archived(member bytes: [UInt8], known: [UInt8]? = nil, isKnown: Bool = true) throws -> Artifact {
    let zip = HandMadeZipArchive([.init(member, bytes), .init("folder name/rest.txt", [1])]).bytes
    server.serve(ServedFile(zip), at: "/archive.zip")
    return archive(
      zip.count, digest: sha256(zip), paths: ["/archive.zip"], memberDigest: isKnown ? sha256(known ?? bytes) : nil)
  }

  func archive(
    _ size: Int, digest: String?, paths: [String], memberDigest: String? = nil, name: String = "archive"
  ) -> Artifact {
    let content = ArchiveContent(
      members: [.init(name: "text.txt", wanted: WantedMember(path: member, size: nil, sha256: memberDigest))],
      largestTotal: 1 << 22, isSingleStream: false)
    return artifact(
      name,
      [
        ArtifactFile(
          name: "archive.zip", sources: paths.map { .url(server.url($0)) }, size: size, approximateSize: nil,
          sha256: digest, content: .archive(content))
      ])
  }

  func options() throws -> FetchOptions {
    var transfer = TransferSettings()
    transfer.firstRetrySeconds = 0.01
    transfer.attemptsPerSource = 2
    return FetchOptions(
      hub: HuggingFaceSettings(environment: [:], homeFolder: scratch.path), transfer: transfer, recordFile: recordFile)
  }

  func fetch(
    _ artifacts: [Artifact], store: ArtifactStore? = nil, options: FetchOptions? = nil
  ) throws -> FetchOutcome {
    let store = store ?? self.store
    let options = try options ?? self.options()
    let plan = try FetchPlan(
      artifacts, store: store, digests: RecordedDigests(contentsOf: options.recordFile), options: options)
    return try Fetcher(store: store, options: options, shouldStop: { false }, report: { _ in }).fetch(plan)
  }

  func content(of artifact: Artifact, _ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(store.folder(of: artifact))/\(name)").map(Array.init)
  }
}
