import Foundation
import Models

/// The lines of a file, a pipe or a terminal, one at a time, whatever the size of the whole.
struct LineReader: ~Copyable {
  /// What errors call it.
  let name: String
  /// Of the line read last, from one on.
  private(set) var number = 0
  private let descriptor: Int32
  private let isOwned: Bool
  private var buffer: [UInt8] = []
  /// Where the unread part of `buffer` begins.
  private var start = 0
  private var isAtEnd = false

  private static let chunkSize = 1 << 16

  init(path: String) throws(CheckpointError) {
    name = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    isOwned = true
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
  }

  /// Reads an open file, which stays open.
  init(descriptor: Int32, name: String) {
    self.name = name
    self.descriptor = descriptor
    isOwned = false
  }

  deinit { if isOwned && descriptor >= 0 { close(descriptor) } }

  /// The next line without its end; nil after the last one.
  ///
  /// - Parameter willWait: called before anything that may have to wait for whoever writes the lines.
  mutating func next(willWait: () throws -> Void = {}) throws -> ArraySlice<UInt8>? {
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
      try willWait()
      try fill()
    }
  }

  /// The line read last, which is to be JSON.
  func parse(_ line: ArraySlice<UInt8>) throws(CheckpointError) -> JSONValue {
    do {
      return try JSONValue(parsing: line)
    } catch {
      throw .malformedJSON(file: name, line: number, column: error.column, reason: error.reason)
    }
  }

  private mutating func fill() throws(CheckpointError) {
    let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { bytes, count in
      repeat { count = read(descriptor, bytes.baseAddress, Self.chunkSize) } while count < 0 && errno == EINTR
      if count < 0 { isAtEnd = true }
      count = max(0, count)
    }
    if isAtEnd { throw .unreadable(file: name, reason: String(cString: strerror(errno))) }
    if chunk.isEmpty { isAtEnd = true }
    buffer += chunk
  }
}
