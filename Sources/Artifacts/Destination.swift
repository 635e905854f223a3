/// Where the bytes of a download go to.
enum Destination {
  case file(PartialFile)
  case stream(StreamedBytes)

  /// Whether the bytes are kept until the end, so that they can be dropped and got again.
  var isKept: Bool {
    switch self {
    case .file: true
    case .stream: false
    }
  }

  var received: Int {
    switch self {
    case .file(let file): file.received
    case .stream(let stream): stream.received
    }
  }

  var origin: Origin? {
    switch self {
    case .file(let file): file.origin
    case .stream(let stream): stream.origin
    }
  }

  /// Whether nothing should come before what waits is taken.
  var isFull: Bool {
    switch self {
    case .file: false
    case .stream(let stream): stream.isFull
    }
  }

  /// Bytes of the answer that are there already, and are next to arrive.
  var bytesToSkip: Int {
    switch self {
    case .file: 0
    case .stream(let stream): stream.bytesToSkip
    }
  }

  /// Begins with the first byte of the file.
  func start(from origin: Origin) throws(AttemptFailure) {
    try file { file throws(ArtifactError) in try file.start(from: origin) }
    if case .stream(let stream) = self { stream.start(from: origin) }
  }

  /// Goes on with the byte after those that are there.
  func resume(from origin: Origin) throws(AttemptFailure) {
    try file { file throws(ArtifactError) in try file.resume(from: origin) }
    if case .stream(let stream) = self { stream.resume(from: origin) }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(AttemptFailure) {
    switch self {
    case .file(let file):
      do { try file.append(bytes) } catch { throw AttemptFailure(error) }
    case .stream(let stream): try stream.append(bytes)
    }
  }

  private func file(_ body: (PartialFile) throws(ArtifactError) -> Void) throws(AttemptFailure) {
    guard case .file(let file) = self else { return }
    do { try body(file) } catch { throw AttemptFailure(error) }
  }

  /// Drops the bytes that are there, where that is possible.
  func discard() throws(ArtifactError) {
    if case .file(let file) = self { try file.discard() }
  }

  /// Begins to finish the digest; `wake` is called, on any thread, once there is an `outcome`.
  func check(expected: String?, wake: @escaping @Sendable () -> Void) {
    switch self {
    case .file(let file): file.check(expected: expected, wake: wake)
    case .stream: wake()
    }
  }

  var outcome: Result<String, ArtifactError>? {
    switch self {
    case .file(let file): file.outcome
    case .stream(let stream): .success(stream.digest)
    }
  }
}
