import ArgumentParser
import Foundation
import Models

/// Collects what goes to standard output, and writes it in large pieces.
struct OutputBuffer {
  private var bytes: [UInt8] = []
  private static let size = 1 << 16

  /// From here on, a reader that goes away ends the program quietly, with status 0, at the next `flush()`.
  init() { signal(SIGPIPE, SIG_IGN) }

  mutating func write(_ text: String) { bytes += text.utf8 }

  /// Writes `[1,2,3]`.
  mutating func writeJSON(_ numbers: [Int]) {
    write("[")
    for (index, number) in numbers.enumerated() {
      if index > 0 { write(",") }
      write(String(number))
    }
    write("]")
  }

  /// Writes `text` as a JSON string.
  mutating func writeJSON(_ text: String) {
    write("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): write("\\n")
      case 0..<0x20: write("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    write("\"")
  }

  mutating func endLine() throws {
    write("\n")
    if bytes.count >= Self.size { try flush() }
  }

  mutating func flush() throws {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { throw ExitCode.success }
        throw CheckpointError.unwritable(file: "standard output", reason: String(cString: strerror(errno)))
      }
      written += count
    }
    bytes.removeAll(keepingCapacity: true)
  }
}
