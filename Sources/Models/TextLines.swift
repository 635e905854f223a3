internal import CZlib
import Foundation

/// The lines of a text file, one at a time, whatever its size; a file compressed by gzip is unpacked on the way.
///
/// The checksums that gzip keeps are compared; a file that breaks off is an error.
struct TextLines: ~Copyable {
  let path: String
  /// Of the line read last, from one on.
  private(set) var number = 0
  private let file: gzFile
  private var buffer: [UInt8] = []
  /// Where the unread part of `buffer` begins.
  private var start = 0
  private var isAtEnd = false

  private static let chunkSize = 1 << 18
  /// No honest line is longer; of a dishonest file no more is unpacked than this.
  private static let longestLine = 1 << 28

  init(path: String) throws(CheckpointError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(file: path, reason: "it is no regular file") }
    // `gzopen` reads files that are not compressed as they are.
    guard let file = gzopen(path, "rb") else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    gzbuffer(file, UInt32(Self.chunkSize))
    self.path = path
    self.file = file
  }

  deinit { gzclose_r(file) }

  /// The next line without its line feed; nil after the last one. A line feed at the end begins no further line.
  mutating func next() throws(CheckpointError) -> ArraySlice<UInt8>? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        number += 1
        return buffer[start..<end]
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        number += 1
        return buffer[start...]
      }
      buffer.removeSubrange(..<start)
      start = 0
      searched = buffer.count
      guard buffer.count < Self.longestLine else {
        throw .unreadable(file: path, reason: "line \(number + 1) is longer than \(Self.longestLine) bytes")
      }
      try fill()
    }
  }

  private mutating func fill() throws(CheckpointError) {
    var count: Int32 = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { bytes, used in
      count = gzread(file, bytes.baseAddress, UInt32(Self.chunkSize))
      used = max(0, Int(count))
    }
    var code: Int32 = Z_OK
    let message = gzerror(file, &code).map { String(cString: $0) } ?? ""
    // A stream that breaks off shows itself as Z_BUF_ERROR, after its last bytes.
    guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
      let reason =
        switch code {
        case Z_BUF_ERROR: "the compressed file breaks off behind line \(number)"
        case Z_ERRNO: String(cString: strerror(errno))
        default: "no valid gzip file behind line \(number): \(message)"
        }
      throw .unreadable(file: path, reason: reason)
    }
    if chunk.isEmpty { isAtEnd = true }
    buffer += chunk
  }
}
