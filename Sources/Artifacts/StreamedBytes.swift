/// The bytes of one file on their way to someone who reads them in order and does not keep them.
///
/// A byte that was handed over cannot be taken back. An answer that begins at the first byte once more is therefore
/// skipped up to where the reader is, and goes on only if what was skipped has the digest of what was handed over.
final class StreamedBytes {
  /// The bytes of the current file that arrived, handed over or about to be.
  private(set) var received = 0
  private(set) var origin: Origin?
  private var hasher = SHA256Hasher()
  private var skipped = SHA256Hasher()
  private(set) var bytesToSkip = 0
  private(set) var waiting: [UInt8] = []

  private static let mostWaiting = 4 << 20

  /// Whether the reader should take what waits before more is asked for.
  var isFull: Bool { waiting.count >= Self.mostWaiting }

  func start(from origin: Origin) {
    self.origin = origin
    bytesToSkip = received
    skipped = SHA256Hasher()
  }

  func resume(from origin: Origin) {
    self.origin = origin
    bytesToSkip = 0
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(AttemptFailure) {
    var rest = bytes
    if bytesToSkip > 0 {
      let count = min(bytesToSkip, rest.count)
      skipped.update(UnsafeRawBufferPointer(rebasing: rest[..<count]))
      bytesToSkip -= count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if bytesToSkip == 0, skipped.current != hasher.current {
        throw AttemptFailure("another file than the one that was begun", .nextSource)
      }
    }
    hasher.update(rest)
    waiting.append(contentsOf: rest)
    received += rest.count
  }

  /// Empties what waits, and returns it.
  func take() -> [UInt8] {
    defer { waiting = [] }
    return waiting
  }

  var digest: String { hasher.current }
}
