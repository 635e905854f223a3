import Foundation

/// A web server on loopback that gives whole files to one client after another, by sendfile(2): quick enough not to be
/// what a benchmark measures.
///
/// It answers every request alike, and closes the connection behind each answer.
final class LoopbackFileServer: Sendable {
  let port: Int
  private let descriptor: Int32
  private let folder: String

  /// - Parameter folder: whose files are served, under their names.
  init(folder: String) throws {
    self.folder = folder
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { [descriptor] address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 8) == 0
          ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    port = Int(UInt16(bigEndian: address.sin_port))
    // A client that went away is noticed by what cannot be sent.
    signal(SIGPIPE, SIG_IGN)
    Thread.detachNewThread { [descriptor, folder] in Self.serve(descriptor, folder) }
  }

  /// Ends the thread too.
  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  func url(_ name: String) -> String { "http://127.0.0.1:\(port)/\(name)" }

  private static func serve(_ descriptor: Int32, _ folder: String) {
    while true {
      let connection = accept(descriptor, nil, nil)
      if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
      guard connection >= 0 else { return }
      answer(connection, folder)
      close(connection)
    }
  }

  private static func answer(_ connection: Int32, _ folder: String) {
    guard let name = requestedName(connection) else { return }
    let file = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
    defer { if file >= 0 { close(file) } }
    var status = stat()
    guard file >= 0, fstat(file, &status) == 0 else {
      send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to: connection)
      return
    }
    send("HTTP/1.1 200 OK\r\nContent-Length: \(status.st_size)\r\nConnection: close\r\n\r\n", to: connection)
    var offset: off_t = 0
    while offset < status.st_size {
      let count = sendfile(connection, file, &offset, 1 << 24)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
    }
  }

  /// The name in `GET /name HTTP/1.1`, once the request has ended with an empty line.
  private static func requestedName(_ connection: Int32) -> String? {
    var request: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      let count = read(connection, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0, request.count < 1 << 16 else { return nil }
      request += piece[..<count]
    }
    let parts = String(decoding: request, as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard parts.count == 3, parts[0] == "GET" else { return nil }
    return String(parts[1].dropFirst())
  }

  private static func send(_ text: String, to connection: Int32) {
    _ = Array(text.utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
  }
}
