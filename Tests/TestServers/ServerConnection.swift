import Foundation

/// A connection that a server has accepted. Nothing is sent after the other side has closed it.
struct ServerConnection {
  let descriptor: Int32
  let number: Int

  /// The next request, its first line apart; nil at the connection's end.
  func readRequest() -> ServedRequest? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard bytes.count < 64 << 10, recv(descriptor, &byte, 1, 0) == 1 else { return nil }
      bytes.append(byte)
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let words = lines.first?.split(separator: " "), words.count == 3 else { return nil }
    var request = ServedRequest(path: String(words[1]), connection: number, fields: [:])
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      request.fields[line[..<colon].lowercased()] = String(value)
    }
    return request
  }

  /// Returns whether all of it went out.
  func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = Foundation.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return true
  }

  func send(_ text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes { send($0) }
  }

  /// Sends a part of a file of the disk without a copy of it in this process.
  func sendFile(_ file: Int32, _ range: Range<Int>) -> Bool {
    var position = off_t(range.lowerBound)
    while position < range.upperBound {
      let count = sendfile(descriptor, file, &position, range.upperBound - Int(position))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
    }
    return true
  }

  /// Waits until the other side closes the connection, or `shutdown` does.
  func waitForEnd() {
    var byte: UInt8 = 0
    while recv(descriptor, &byte, 1, 0) > 0 {}
  }
}
