import Artifacts
import Foundation
import Tensors

/// Files of random bytes, a server that gives them, and a folder in which they are fetched and unpacked; all of it goes
/// with the value.
final class FetchBenchmark {
  /// What holds the large file.
  enum Form: String, CaseIterable {
    case plain = "data"
    case tar = "data.tar"
    case zip = "data.zip"

    var title: String {
      switch self {
      case .plain: "file"
      case .tar: "tar of one file"
      case .zip: "zip of one file"
      }
    }
  }

  /// An archive of many small members.
  enum Collection: String, CaseIterable {
    case tar = "members.tar.gz"
    case zip = "members.zip"
  }

  private let folder: String
  private let server: LoopbackFileServer
  private let byteCount: Int
  private let memberCount: Int
  private var digests: [Form: String] = [:]
  private var folderCount = 0

  private static let member = "data"
  private static let memberSize = 4096

  init(megabytes: Int, members: Int) throws {
    byteCount = megabytes << 20
    memberCount = members
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder + "/served", withIntermediateDirectories: true)
    server = try LoopbackFileServer(folder: folder + "/served")
    // Neither curl nor this program is to ask a proxy for what lies on loopback.
    setenv("no_proxy", "*", 1)
  }

  // Nobody is left to tell of a folder that stays.
  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func served(_ name: String) -> String { "\(folder)/served/\(name)" }

  func size(_ form: Form) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: served(form.rawValue))[.size] as? Int ?? 0
  }

  // MARK: What is fetched

  func makeLargeFiles() throws {
    try writeRandomBytes(to: served(Form.plain.rawValue))
    for (form, format) in [(Form.tar, ArchiveFormat.tar), (.zip, .storedZip)] {
      var archive = try ArchiveWriter(served(form.rawValue), format: format)
      try archive.add(file: served(Form.plain.rawValue), as: Self.member)
      try archive.finish()
    }
    for form in Form.allCases { digests[form] = try sha256(ofFile: served(form.rawValue)) }
  }

  /// Blocks of 1 MiB that differ in their first bytes alone.
  private func writeRandomBytes(to path: String) throws {
    var stream = RandomStream(seed: 1, purpose: "benchmark file")
    var words = (0..<1 << 17).map { _ in stream.nextInteger(below: Int.max) }
    guard let file = fopen(path, "wb") else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    var isWritten = true
    for block in 0..<byteCount >> 20 {
      words[0] = block
      isWritten = isWritten && fwrite(words, 1 << 20, 1, file) == 1
    }
    guard fclose(file) == 0, isWritten else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  /// Members of random hexadecimal digits, which deflate makes about half as long.
  func makeCollections() throws {
    var stream = RandomStream(seed: 1, purpose: "benchmark members")
    let digits = Array("0123456789abcdef".utf8)
    let text = (0..<1 << 20).map { _ in digits[stream.nextInteger(below: 16)] }
    for (collection, format) in [(Collection.tar, ArchiveFormat.gzippedTar), (.zip, .deflatedZip)] {
      var archive = try ArchiveWriter(served(collection.rawValue), format: format)
      for index in 0..<memberCount {
        let start = index &* 997 % (text.count - Self.memberSize)
        try archive.add(
          bytes: Array(text[start..<start + Self.memberSize]), as: "folder-\(index / 100)/member-\(index)")
      }
      try archive.finish()
    }
  }

  // MARK: What is measured

  /// curl to a file.
  func curl(_ form: Form, by program: OtherProgram) throws -> Double {
    try inEmptyFolder { folder in
      try program.run(["--silent", "--fail", "--output", folder + "/file", server.url(form.rawValue)])
    }
  }

  func sha256sum(_ form: Form, by program: OtherProgram) throws -> Double {
    try Measurement.timed { try program.run([served(form.rawValue)]) }.seconds
  }

  /// Fetched into an empty store, until it lies there verified and unpacked, on the disk; and the most memory that the
  /// program had meanwhile, in bytes.
  func fetch(_ form: Form, shouldStop: @escaping () -> Bool) throws -> (seconds: Double, peakMemory: Int) {
    let content: ArtifactContent =
      form == .plain
      ? .whole
      : .archive(
        ArchiveContent(
          members: [.init(name: Self.member, wanted: WantedMember(path: Self.member, size: byteCount))],
          largestTotal: byteCount, isSingleStream: false))
    let file = ArtifactFile(
      name: form.rawValue, sources: [.url(server.url(form.rawValue))], size: try size(form), approximateSize: nil,
      sha256: digests[form], content: content)
    let artifact = Artifact(name: "benchmark", title: "", licence: "", terms: nil, files: [file])
    var peak = 0
    let seconds = try inEmptyFolder { folder in
      let store = ArtifactStore(folder: folder + "/store")
      let options = FetchOptions(
        hub: HuggingFaceSettings(environment: [:], homeFolder: folder), transfer: TransferSettings(),
        recordFile: folder + "/digests.json")
      let plan = try FetchPlan([artifact], store: store, digests: RecordedDigests(), options: options)
      PeakMemory.reset()
      let outcome = try Fetcher(store: store, options: options, shouldStop: shouldStop, report: { _ in }).fetch(plan)
      peak = PeakMemory.bytes ?? 0
      if let failure = outcome.failures.values.first { throw failure }
      if outcome.isStopped { throw ArtifactError.stopped(file: form.rawValue) }
    }
    return (seconds, peak)
  }

  /// Unpacked with the digest of each member, on the disk.
  func unpack(_ collection: Collection, shouldStop: @escaping () -> Bool) throws -> Double {
    try inEmptyFolder(isKept: true) { folder in
      let members = try Unpacker(largestTotal: memberCount * Self.memberSize).unpack(
        served(collection.rawValue), kind: .entries, members: .all, into: folder, shouldStop: shouldStop,
        report: { _, _ in })
      precondition(members.count == memberCount, "\(members.count) of \(memberCount) members")
    }
  }

  /// Unpacked by bsdtar, which computes no digests and leaves it to the system when to write to the disk.
  func unpack(_ collection: Collection, by bsdtar: OtherProgram, then sync: OtherProgram?) throws -> Double {
    try inEmptyFolder(isKept: true) { folder in
      try bsdtar.run(["-xf", served(collection.rawValue), "-C", folder])
      try sync?.run(["--file-system", folder])
    }
  }

  /// The time that work in a new folder takes. What others left to be written to the disk is written before.
  ///
  /// - Parameter isKept: leaves the folder to the end of all. ext4 gives no inode again in the seconds after it was freed,
  ///   and passes over each of them whenever it makes a file: who removes thousands of files slows down the next to make
  ///   some.
  private func inEmptyFolder(isKept: Bool = false, _ work: (String) throws -> Void) throws -> Double {
    let workFolder = "\(folder)/work-\(folderCount)"
    folderCount += 1
    try FileManager.default.createDirectory(atPath: workFolder, withIntermediateDirectories: false)
    defer {
      // Goes with all else if not now.
      if !isKept { try? FileManager.default.removeItem(atPath: workFolder) }
    }
    sync()
    return try Measurement.timed { try work(workFolder) }.seconds
  }
}
