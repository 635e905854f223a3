/// What a server sends in answer to one request, with whatever is wrong with it.
struct ServerAnswer {
  enum Framing {
    case length
    case chunks
    /// Up to the connection's end.
    case close
  }

  enum Ending {
    case proper
    case close
    case stall
  }

  var status = 200
  var fields: [String] = []
  var framing = Framing.length
  /// The part of the file that is sent.
  var range = 0..<0
  /// So many bytes after it.
  var surplus = 0
  var isInverted = false
  var bytesPerSecond: Int?
  /// The number of bytes of the body after which the ending comes; the head tells of all of them.
  var sentCount: Int?
  var ending = Ending.proper
  /// Instead of the file.
  var page: String?

  /// The honest answer to a request.
  init(to request: ServedRequest, for file: ServedFile) {
    let size = file.size
    range = 0..<size
    if let tag = file.entityTag { fields.append("ETag: \(tag)") }
    if let date = file.lastModified { fields.append("Last-Modified: \(date)") }
    fields.append("Accept-Ranges: bytes")
    let condition = request.fields["if-range"]
    let holds = condition == nil || condition == file.entityTag || condition == file.lastModified
    guard holds, let asked = request.range?.split(separator: "="), asked.count == 2 else { return }
    let ends = asked[1].split(separator: "-")
    guard let first = ends.first.flatMap({ Int($0) }) else { return }
    if first >= size {
      self = ServerAnswer(status: 416, fields: ["Content-Range: bytes */\(size)"])
    } else {
      range = first..<min(size, ends.count == 2 ? (Int(ends[1]) ?? size) + 1 : size)
      setRange(total: size)
    }
  }

  /// An answer that is a page for people.
  init(status: Int, fields: [String] = []) {
    self.status = status
    self.fields = fields
    page = "<html>This is not the file, but status \(status).</html>\n"
  }

  mutating func setRange(total: Int) {
    status = 206
    fields.removeAll { $0.hasPrefix("Content-Range") }
    fields.append("Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(total)")
  }

  /// Bends the answer.
  mutating func apply(_ behaviour: ServerBehaviour, to request: ServedRequest, for file: ServedFile) {
    switch behaviour {
    case .proper, .replace, .hangUp: break
    case .cut(let count): (sentCount, ending) = (count, .close)
    case .stall(let count): (sentCount, ending) = (count, .stall)
    case .ignoreRange: self = ServerAnswer(to: ServedRequest(path: request.path, connection: 0, fields: [:]), for: file)
    case .ignoreCondition:
      var unconditional = request
      unconditional.fields["if-range"] = nil
      self = ServerAnswer(to: unconditional, for: file)
    case .shiftRange(let places) where status == 206:
      range = range.lowerBound + places..<range.upperBound
      setRange(total: file.size)
    case .total(let total) where status == 206: setRange(total: total)
    case .shiftRange, .total: break
    case .status(let status, let fields): self = ServerAnswer(status: status, fields: fields)
    case .redirect(let url): self = ServerAnswer(status: 302, fields: ["Location: \(url)"])
    case .tooMuch(let count): (framing, surplus) = (.chunks, count)
    case .tooLittle(let count): range = range.lowerBound..<max(range.lowerBound, range.upperBound - count)
    case .wrongBytes: isInverted = true
    case .chunked: framing = .chunks
    case .withoutLength(let count): (framing, sentCount, ending) = (.close, count, .close)
    case .encoded(let encoding): fields.append("Content-Encoding: \(encoding)")
    case .slow(let rate): bytesPerSecond = rate
    }
  }

  var bodyLength: Int { page.map(\.utf8.count) ?? range.count + surplus }

  var head: String {
    var lines = ["HTTP/1.1 \(status) Something"] + fields
    switch framing {
    case .length: lines.append("Content-Length: \(bodyLength)")
    case .chunks: lines.append("Transfer-Encoding: chunked")
    case .close: lines.append("Connection: close")
    }
    return lines.joined(separator: "\r\n") + "\r\n\r\n"
  }
}
