import Artifacts
import Foundation
import TestServers

/// A server, a folder to download to, and settings that lose no time.
final class DownloadFixture: Sendable {
  let server: FaultyServer
  let folder: String

  init() throws {
    server = try FaultyServer()
    folder = FileManager.default.temporaryDirectory.path + "/recollect-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit {
    server.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  static var settings: TransferSettings {
    var settings = TransferSettings()
    settings.stallSeconds = 0.3
    settings.connectSeconds = 2
    settings.attemptsPerSource = 3
    settings.firstRetrySeconds = 0.02
    return settings
  }

  /// Bytes without a pattern that a shift or a swap would leave as it is.
  static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }

  func download(_ sources: String..., size: Int? = nil, sha256: String? = nil, to name: String = "file") -> Download {
    Download(name: name, sources: sources, size: size, sha256: sha256, partialFile: "\(folder)/\(name).part")
  }

  func download(_ path: String, of bytes: [UInt8], to name: String = "file") -> Download {
    download(server.url(path), size: bytes.count, sha256: sha256(bytes), to: name)
  }

  /// Runs one download, and returns how it ended.
  func run(_ download: Download, _ settings: TransferSettings = DownloadFixture.settings)
    -> Result<ArrivedFile, ArtifactError>?
  {
    var ends: [Result<ArrivedFile, ArtifactError>] = []
    Downloader(settings: settings).run([download], shouldStop: { false }, report: { _ in }) { _, end in ends.append(end)
    }
    return ends.count == 1 ? ends[0] : nil
  }

  /// Runs one download until so many bytes are there, and stops it then.
  func run(_ download: Download, until count: Int, _ settings: TransferSettings = DownloadFixture.settings)
    -> Result<ArrivedFile, ArtifactError>?
  {
    var end: Result<ArrivedFile, ArtifactError>?
    let path = download.partialFile
    Downloader(settings: settings).run(
      [download], shouldStop: { (Self.size(ofFile: path) ?? 0) >= count }, report: { _ in }, arrived: { end = $1 })
    return end
  }

  func partial(_ download: Download) -> [UInt8]? {
    FileManager.default.contents(atPath: download.partialFile).map { Array($0) }
  }

  /// The names of all files of the folder.
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

  static func size(ofFile path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int
  }

  @discardableResult func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    return "\(folder)/\(name)"
  }
}

extension Result<ArrivedFile, ArtifactError> {
  /// The reasons of the attempts, where no source gave the file.
  var reasons: [String]? {
    guard case .failure(.unreachable(_, let attempts)) = self else { return nil }
    return attempts.map(\.reason)
  }
}
