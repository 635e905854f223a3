import Foundation

/// The bytes of a file URL, a piece at each step. libcurl would read all of the file in one call, in which no other
/// transfer moves.
final class LocalTransfer {
  private let request: TransferRequest
  private unowned let retrieval: Retrieval
  private let descriptor: Int32
  private let openingError: String?
  private let buffer: UnsafeMutableRawBufferPointer
  private var position: Int?
  private var size = 0

  init(_ request: TransferRequest, for retrieval: Retrieval, readSize: Int) {
    self.request = request
    self.retrieval = retrieval
    descriptor = open(request.url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    openingError = descriptor < 0 ? posixReason().lowercased() : nil
    buffer = .allocate(byteCount: readSize, alignment: 4096)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    buffer.deallocate()
  }

  /// Hands over the next piece; returns how the transfer ended, nil while there is more.
  func step() -> TransferEnd? {
    if let openingError { return .failed(reason: openingError, isWorthRetrying: false) }
    guard let position else { return begin() }
    guard position < size else { return .complete }
    let count = pread(descriptor, buffer.baseAddress, min(buffer.count, size - position), off_t(position))
    if count < 0, errno == EINTR { return nil }
    guard count >= 0 else { return .failed(reason: posixReason().lowercased(), isWorthRetrying: true) }
    guard count > 0 else { return .cut }
    switch retrieval.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
    case .all: self.position = position + count
    case .notYet: break
    case .refused: return .complete
    }
    return nil
  }

  /// Answers as a server would: with the rest, if the file is still the one that the first bytes are of.
  private func begin() -> TransferEnd? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      return .failed(reason: posixReason().lowercased(), isWorthRetrying: false)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return .failed(reason: "not a file", isWorthRetrying: false) }
    size = Int(status.st_size)
    let entityTag = "\"\(size)-\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)\""
    let continues = request.offset > 0 && request.offset <= size && request.validator.map { $0 == entityTag } ?? true
    let start = continues ? request.offset : 0
    let code = !continues ? 200 : start < size ? 206 : 416
    position = start
    let isWanted = retrieval.answerBegan(AnswerHead(status: code, start: start, total: size, entityTag: entityTag))
    return isWanted ? nil : .complete
  }
}
