internal import CCurl

/// Several transfers by libcurl in one thread, which share their connections.
///
/// Sendable because `wake` alone is called on other threads, and curl_multi_wakeup may be called on any.
final class CurlMulti: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init() {
    guard Self.isInitialized, let handle = curl_multi_init() else { fatalError("libcurl does not start") }
    self.handle = handle
  }

  deinit { curl_multi_cleanup(handle) }

  func add(_ easy: UnsafeMutableRawPointer) { check(curl_multi_add_handle(handle, easy), "curl_multi_add_handle") }

  func remove(_ easy: UnsafeMutableRawPointer) {
    check(curl_multi_remove_handle(handle, easy), "curl_multi_remove_handle")
  }

  /// Moves what can be moved without waiting.
  func perform() {
    var running: Int32 = 0
    check(curl_multi_perform(handle, &running), "curl_multi_perform")
  }

  /// Tells the transfers that have ended that they have; returns whether any has.
  func tellEnded() -> Bool {
    var ended: [(transfer: CurlTransfer, status: CURLcode)] = []
    var queued: Int32 = 0
    while let message = curl_multi_info_read(handle, &queued)?.pointee {
      guard message.msg == CURLMSG_DONE else { continue }
      ended.append((CurlTransfer.of(message.easy_handle), message.data.result))
    }
    for (transfer, status) in ended { transfer.ended(status) }
    return !ended.isEmpty
  }

  /// Returns when a connection has something to do, after `wake`, or after `seconds`.
  func wait(seconds: Double) {
    let milliseconds = Int32(max(0, min(seconds, 3600)) * 1000)
    check(curl_multi_poll(handle, nil, 0, milliseconds, nil), "curl_multi_poll")
  }

  func wake() { check(curl_multi_wakeup(handle), "curl_multi_wakeup") }

  /// These calls fail only where the program misuses them, or has no memory.
  private func check(_ code: CURLMcode, _ call: String) {
    guard code == CURLM_OK else { fatalError("\(call): \(String(cString: curl_multi_strerror(code)))") }
  }
}
