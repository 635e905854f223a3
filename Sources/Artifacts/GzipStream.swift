internal import CZlib

/// A gzip file (RFC 1952) that does not hold together, at that byte of the compressed file.
struct GzipError: Error, Equatable {
  let position: Int
  let reason: String
}

/// Inflates a gzip file piece by piece: any number of members one after another, and zeros behind the last.
///
/// Checksums and sizes of every member are compared by zlib; libarchive's own gzip filter does not look at them.
struct GzipStream: ~Copyable {
  private enum State { case beforeFirst, within, betweenMembers, padding }

  // zlib keeps a pointer to it: it may not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var state = State.beforeFirst
  /// How many compressed bytes were taken.
  private(set) var position = 0

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard inflateInitWithGzipHeader(stream) == Z_OK else { fatalError("inflateInit2: no memory") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Whether the file could end here: the last member that was begun is complete.
  var isComplete: Bool { state == .betweenMembers || state == .padding }

  /// Inflates from the front of `input`, which loses what was taken, into `output`; returns how many bytes are there.
  ///
  /// 0 says that all of `input` was taken, and nothing more can be had from it.
  mutating func inflate(
    _ input: inout UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(GzipError) -> Int {
    while true {
      if state != .within {
        guard let first = input.first else { return 0 }
        switch state {
        case .betweenMembers where first == 0: state = .padding
        case .beforeFirst, .betweenMembers:
          guard first == 0x1F else { throw GzipError(position: position, reason: "no gzip member begins here") }
          inflateReset(stream)
          state = .within
        case .within, .padding: break
        }
      }
      if state == .padding {
        let zeros = input.prefix { $0 == 0 }.count
        position += zeros
        input = UnsafeRawBufferPointer(rebasing: input[zeros...])
        guard input.isEmpty else {
          throw GzipError(position: position, reason: "something follows the zeros at the end")
        }
        return 0
      }
      let count = try inflateMember(&input, into: output)
      if count > 0 || input.isEmpty { return count }
    }
  }

  private mutating func inflateMember(
    _ input: inout UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(GzipError) -> Int {
    let available = min(input.count, Int(UInt32.max))
    let room = min(output.count, Int(UInt32.max))
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(available)
    stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(room)
    let status = CZlib.inflate(stream, Z_NO_FLUSH)
    let taken = available - Int(stream.pointee.avail_in)
    position += taken
    input = UnsafeRawBufferPointer(rebasing: input[taken...])
    switch status {
    case Z_STREAM_END: state = .betweenMembers
    // Z_BUF_ERROR: neither input left nor output pending.
    case Z_OK, Z_BUF_ERROR: break
    default:
      throw GzipError(position: position, reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib \(status)")
    }
    return room - Int(stream.pointee.avail_out)
  }
}
