import Foundation
import Synchronization

/// An HTTP/1.1 server on loopback that serves files well, and misbehaves on request.
///
/// Each connection has its own thread, so that one that stalls holds up no other.
package final class FaultyServer: Sendable {
  private let socket: ListeningSocket
  private let state = Mutex(State())

  private struct State {
    var files: [String: ServedFile] = [:]
    var scripts: [String: [ServerBehaviour]] = [:]
    var habits: [String: ServerBehaviour] = [:]
    var requests: [ServedRequest] = []
    var openConnections: Set<Int32> = []
    var connectionCount = 0
    var isStopped = false
  }

  package init() throws {
    socket = try ListeningSocket()
    Thread.detachNewThread { [self] in accept() }
  }

  package var port: Int { socket.port }

  /// The URL of a path, as `/file`; `localhost` is the same server under another name.
  package func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

  package func serve(_ file: ServedFile, at path: String) {
    state.withLock { $0.files[path] = file }
  }

  /// Sets what becomes of the next requests for a path, in order; those after them are all treated as `habit` says.
  package func script(_ path: String, _ behaviours: [ServerBehaviour] = [], after habit: ServerBehaviour = .proper) {
    state.withLock {
      $0.scripts[path] = behaviours
      $0.habits[path] = habit
    }
  }

  /// All requests so far, in order of their arrival.
  package var requests: [ServedRequest] { state.withLock { $0.requests } }

  package func requests(for path: String) -> [ServedRequest] { requests.filter { $0.path == path } }

  /// Closes the port and all connections. The server's threads end then, and not before.
  package func stop() {
    state.withLock { state in
      guard !state.isStopped else { return }
      state.isStopped = true
      shutdown(socket.descriptor, Int32(SHUT_RDWR))
      for connection in state.openConnections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  private func accept() {
    while true {
      let descriptor = Foundation.accept(socket.descriptor, nil, nil)
      if descriptor < 0, errno == EINTR || errno == ECONNABORTED { continue }
      guard descriptor >= 0 else { break }
      let number: Int? = state.withLock { state in
        guard !state.isStopped else { return nil }
        state.connectionCount += 1
        state.openConnections.insert(descriptor)
        return state.connectionCount
      }
      guard let number else {
        close(descriptor)
        break
      }
      Thread.detachNewThread { [self] in converse(ServerConnection(descriptor: descriptor, number: number)) }
    }
    close(socket.descriptor)
  }

  /// Answers the requests of one connection until it ends.
  private func converse(_ connection: ServerConnection) {
    // sendfile knows no MSG_NOSIGNAL.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    while let request = connection.readRequest(), answer(request, over: connection) {}
    state.withLock { state in
      state.openConnections.remove(connection.descriptor)
      close(connection.descriptor)
    }
  }

  /// Returns whether the connection may carry another request.
  private func answer(_ request: ServedRequest, over connection: ServerConnection) -> Bool {
    let (file, behaviour, number): (ServedFile?, ServerBehaviour, Int) = state.withLock { state in
      let path = request.path
      var behaviour = state.habits[path] ?? .proper
      if let script = state.scripts[path], let first = script.first {
        behaviour = first
        state.scripts[path] = Array(script.dropFirst())
      }
      if case .replace(let file) = behaviour { state.files[path] = file }
      state.requests.append(request)
      return (state.files[path], behaviour, state.requests.count - 1)
    }
    if case .hangUp = behaviour { return false }
    let none = ServedFile([])
    var answer = file.map { ServerAnswer(to: request, for: $0) } ?? ServerAnswer(status: 404)
    answer.apply(behaviour, to: request, for: file ?? none)
    state.withLock { $0.requests[number].status = answer.status }
    guard connection.send(answer.head), sendBody(answer, of: file ?? none, number, over: connection) else {
      return false
    }
    switch answer.ending {
    case .proper: return answer.framing != .close
    case .close: return false
    case .stall:
      connection.waitForEnd()
      return false
    }
  }

  private func sendBody(
    _ answer: ServerAnswer, of file: ServedFile, _ number: Int, over connection: ServerConnection
  ) -> Bool {
    let count = min(answer.bodyLength, answer.sentCount ?? .max)
    if case .file(let path, _) = file.content, answer.page == nil, !answer.isInverted, answer.bytesPerSecond == nil,
      answer.framing == .length
    {
      return sendFile(path, answer.range.prefix(count), number, over: connection)
    }
    var body: [UInt8]
    if let page = answer.page {
      body = Array(page.utf8)
    } else {
      switch file.content {
      case .bytes(let bytes): body = Array(bytes[answer.range])
      case .file(let path, _): body = FileManager.default.contents(atPath: path).map { Array($0[answer.range]) } ?? []
      }
      body += [UInt8](repeating: 0x55, count: answer.surplus)
    }
    if answer.isInverted { body = body.map { ~$0 } }
    let pieceSize = answer.bytesPerSecond.map { max(1, $0 / 50) } ?? (answer.framing == .chunks ? 1000 : 1 << 20)
    var position = 0
    while position < count {
      let end = min(count, position + pieceSize)
      if answer.framing == .chunks, !connection.send(String(end - position, radix: 16) + "\r\n") { return false }
      guard body[position..<end].withUnsafeBytes({ connection.send($0) }) else { return false }
      if answer.framing == .chunks, !connection.send("\r\n") { return false }
      state.withLock { $0.requests[number].bytesSent += end - position }
      position = end
      if answer.bytesPerSecond != nil { usleep(20_000) }
    }
    return answer.framing != .chunks || answer.ending != .proper || connection.send("0\r\n\r\n")
  }

  private func sendFile(_ path: String, _ range: Range<Int>, _ number: Int, over connection: ServerConnection) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 22) {
      let end = min(range.upperBound, start + (1 << 22))
      guard connection.sendFile(file, start..<end) else { return false }
      state.withLock { $0.requests[number].bytesSent += end - start }
    }
    return true
  }
}
