internal import CCurl
import Foundation

/// One request over HTTP and its answer, by a libcurl easy handle. It runs from its making on, whenever its `CurlMulti`
/// does; it follows no redirect by itself, so that each hop is judged.
final class CurlTransfer {
  private let handle: UnsafeMutableRawPointer
  private let multi: CurlMulti
  private unowned let retrieval: Retrieval
  private let connectSeconds: Double
  private var fields: UnsafeMutablePointer<curl_slist>?
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var head: AnswerHead?
  private var bodyUse = BodyUse.undecided
  private(set) var isPaused = false

  private enum BodyUse {
    case undecided
    case wanted
    /// Read all the same as long as it is short, so that the connection can be used again.
    case unwanted(bytes: Int)
  }

  private static let longestUnwantedBody = 64 << 10

  init(
    _ request: TransferRequest, for retrieval: Retrieval, settings: TransferSettings, readSize: Int, multi: CurlMulti
  ) {
    guard let handle = curl_easy_init() else { fatalError("curl_easy_init failed") }
    self.handle = handle
    self.multi = multi
    self.retrieval = retrieval
    connectSeconds = settings.connectSeconds
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    setUp(request, settings, readSize: readSize)
    multi.add(handle)
  }

  deinit {
    multi.remove(handle)
    curl_easy_cleanup(handle)
    curl_slist_free_all(fields)
    errorText.deallocate()
  }

  /// The transfer whose handle it is.
  static func of(_ easy: UnsafeMutableRawPointer) -> CurlTransfer {
    var context: UnsafeMutableRawPointer?
    guard curlGetPointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK, let context else {
      fatalError("a transfer of someone else")
    }
    return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
  }

  private func setUp(_ request: TransferRequest, _ settings: TransferSettings, readSize: Int) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    check(curlSetPointer(handle, CURLOPT_PRIVATE, context))
    check(curlSetString(handle, CURLOPT_URL, request.url.text))
    check(curlAllowOnlyHTTP(handle))
    check(curlSetLong(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)))
    // What libcurl does unasked; said here so that nobody looks for where it is turned off.
    check(curlSetLong(handle, CURLOPT_SSL_VERIFYPEER, 1))
    check(curlSetLong(handle, CURLOPT_SSL_VERIFYHOST, 2))
    check(curlSetLong(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectSeconds * 1000)))
    check(curlSetLong(handle, CURLOPT_BUFFERSIZE, readSize))
    check(curlSetLong(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1))
    check(curlSetString(handle, CURLOPT_USERAGENT, settings.userAgent))
    check(curlSetPointer(handle, CURLOPT_ERRORBUFFER, errorText))
    if request.offset > 0 {
      check(curlSetString(handle, CURLOPT_RANGE, "\(request.offset)-"))
      if let validator = request.validator { add(field: "If-Range: \(validator)") }
    }
    if let token = request.token, token.origin == request.url.origin {
      add(field: "Authorization: Bearer \(token.value)")
    }
    check(curlSetList(handle, CURLOPT_HTTPHEADER, fields))
    check(curlSetPointer(handle, CURLOPT_HEADERDATA, context))
    check(curlSetPointer(handle, CURLOPT_WRITEDATA, context))
    check(
      curlSetBytesFunction(handle, CURLOPT_HEADERFUNCTION) { bytes, _, count, context in
        guard let bytes, let context else { return 0 }
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().take(headLine: line)
        return count
      })
    check(
      curlSetBytesFunction(handle, CURLOPT_WRITEFUNCTION) { bytes, _, count, context in
        guard let bytes, let context else { return 0 }
        let body = UnsafeRawBufferPointer(start: bytes, count: count)
        switch Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().take(body: body) {
        case .all: return count
        case .notYet: return Int(CURL_WRITEFUNC_PAUSE)
        case .refused: return 0
        }
      })
  }

  private func add(field: String) {
    guard let longer = curl_slist_append(fields, field) else { fatalError("curl_slist_append failed") }
    fields = longer
  }

  /// Setting an option fails only where libcurl lacks what this program needs of it.
  private func check(_ code: CURLcode, line: Int = #line) {
    guard code == CURLE_OK else { fatalError("line \(line): \(String(cString: curl_easy_strerror(code)))") }
  }

  private func take(headLine bytes: UnsafeRawBufferPointer) {
    // What comes after the body is not of the head.
    guard case .undecided = bodyUse else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    let line = text.prefix { !$0.isNewline }
    if let begun = AnswerHead(statusLine: line) {
      head = begun
    } else if !line.isEmpty {
      head?.read(fieldLine: line)
    } else if let head, head.status >= 200 {
      bodyUse = redirection == nil && retrieval.answerBegan(head) ? .wanted : .unwanted(bytes: 0)
    }
  }

  private func take(body: UnsafeRawBufferPointer) -> BytesTaken {
    switch bodyUse {
    case .wanted:
      let taken = retrieval.take(body)
      if taken == .notYet { isPaused = true }
      return taken
    case .unwanted(let count):
      bodyUse = .unwanted(bytes: count + body.count)
      return count + body.count > Self.longestUnwantedBody ? .refused : .all
    case .undecided:
      // HTTP/0.9: a body without a head.
      return .refused
    }
  }

  /// Goes on after bytes were not taken.
  func resume() {
    guard isPaused else { return }
    isPaused = false
    // An error ends the transfer, and is then told of there.
    _ = curl_easy_pause(handle, CURLPAUSE_CONT)
  }

  /// Whether the request is on its way.
  var isConnected: Bool {
    var microseconds: curl_off_t = 0
    return curlGetOffset(handle, CURLINFO_PRETRANSFER_TIME_T, &microseconds) == CURLE_OK && microseconds > 0
  }

  /// Where the answer sends the request on to.
  private var redirection: String? {
    guard let status = head?.status, [301, 302, 303, 307, 308].contains(status) else { return nil }
    return "HTTP \(status)"
  }

  /// What the server wants to be waited before it is asked again.
  private var retryAfterSeconds: Double? {
    var seconds: curl_off_t = 0
    guard curlGetOffset(handle, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK, seconds > 0 else { return nil }
    return Double(seconds)
  }

  private func reason(of code: CURLcode) -> String {
    switch code {
    case CURLE_COULDNT_CONNECT:
      var number = 0
      guard curlGetLong(handle, CURLINFO_OS_ERRNO, &number) == CURLE_OK, number > 0 else { return "no connection" }
      return String(cString: strerror(Int32(number))).lowercased()
    case CURLE_OPERATION_TIMEDOUT: return "no connection within \(connectSeconds.shortText) s"
    default:
      let detail = String(cString: errorText).split(whereSeparator: \.isNewline).joined(separator: " ")
      return detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    }
  }

  /// Tells the retrieval of the end. This transfer may be gone when it returns.
  func ended(_ status: CURLcode) {
    retrieval.transferEnded(end(status), retryAfterSeconds: retryAfterSeconds)
  }

  /// How the transfer ended, by libcurl's verdict.
  private func end(_ status: CURLcode) -> TransferEnd {
    if let redirection {
      var url: UnsafeMutablePointer<CChar>?
      guard curlGetString(handle, CURLINFO_REDIRECT_URL, &url) == CURLE_OK, let url else {
        return .failed(reason: "\(redirection) to nowhere", isWorthRetrying: false)
      }
      return .redirected(to: String(cString: url))
    }
    switch status {
    case CURLE_OK: return .complete
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR: return .cut
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return .failed(reason: reason(of: status), isWorthRetrying: false)
    default: return .failed(reason: reason(of: status), isWorthRetrying: true)
    }
  }
}

extension Double {
  /// With at most two decimals, and none where they are zero.
  var shortText: String {
    let text = String(format: "%.2f", self)
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
  }
}
