import Foundation

/// A file while it is incomplete, and beside it what is known of where its bytes are from.
///
/// The two are kept so that a process killed at any moment leaves either bytes with their origin, or none: before a file
/// is begun anew it is emptied, and only then is the new origin written.
final class PartialFile {
  let path: String
  private let descriptor: Int32
  private(set) var received: Int
  private(set) var origin: Origin?
  private var digest: TrailingDigest

  private var originPath: String { path + ".json" }
  private var newOriginPath: String { path + ".json.new" }

  /// The names of a partial file and of those beside it.
  static func names(of path: String) -> [String] { [path, path + ".json", path + ".json.new"] }

  /// Opens what an earlier run left there; bytes of unknown origin are dropped.
  init(path: String) throws(ArtifactError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw ArtifactError.unwritable(file: path, reason: posixReason()) }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else {
      let reason = posixReason()
      close(descriptor)
      throw ArtifactError.unwritable(file: path, reason: reason)
    }
    received = Int(end)
    do {
      digest = try TrailingDigest(file: path)
    } catch {
      close(descriptor)
      throw error
    }
    origin = Self.origin(at: originPath)
    if origin == nil { try discard() }
    digest.advance(to: received)
  }

  deinit {
    digest.cancel()
    close(descriptor)
  }

  /// Begins the file anew, with the first bytes of an answer.
  func start(from origin: Origin) throws(ArtifactError) {
    try discard()
    try write(origin)
  }

  /// Goes on with bytes of that origin, where the earlier ones may be of another.
  func resume(from origin: Origin) throws(ArtifactError) {
    guard let earlier = self.origin, earlier != origin else { return }
    let isSameSource = earlier.source == origin.source && earlier.validator == origin.validator
    try write(isSameSource ? origin : Origin(size: origin.size ?? earlier.size))
  }

  /// - Throws: `.unwritable`; the bytes before the failing one are there and count.
  func append(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) {
    let before = received
    var rest = bytes
    while !rest.isEmpty {
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(received))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw ArtifactError.unwritable(file: path, reason: posixReason()) }
      received += count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    // The disk works while the rest is on its way.
    if before >> 24 != received >> 24 { beginWritingToDisk(descriptor) }
    digest.advance(to: received)
  }

  /// Empties the file.
  func discard() throws(ArtifactError) {
    digest.cancel()
    guard ftruncate(descriptor, 0) == 0 else { throw ArtifactError.unwritable(file: path, reason: posixReason()) }
    received = 0
    digest = try TrailingDigest(file: path)
  }

  /// Begins to finish the digest; see `TrailingDigest.finish`.
  func check(expected: String?, wake: @escaping @Sendable () -> Void) {
    digest.finish(at: received, expected: expected, wake: wake)
  }

  /// The digest once it is finished and the bytes are safe on the disk.
  var outcome: Result<String, ArtifactError>? { digest.outcome }

  /// Nil where there is none, or none that can be read: then nothing is known of the bytes.
  private static func origin(at path: String) -> Origin? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return try? JSONDecoder().decode(Origin.self, from: data)
  }

  /// Only the user may read the origin, as its URL may carry a secret.
  private func write(_ origin: Origin) throws(ArtifactError) {
    let newPath = newOriginPath
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(origin) else { preconditionFailure("\(origin) has no JSON") }
    let file = open(newPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw ArtifactError.unwritable(file: newPath, reason: posixReason()) }
    let written = data.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    let reason = posixReason()
    close(file)
    guard written == data.count, rename(newPath, originPath) == 0 else {
      unlink(newPath)
      throw ArtifactError.unwritable(file: originPath, reason: written == data.count ? posixReason() : reason)
    }
    self.origin = origin
  }
}
