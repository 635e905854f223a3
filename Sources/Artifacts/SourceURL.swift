internal import CCurl
import Foundation

/// A URL taken apart by libcurl's own parser, so that what is decided about a host holds for the host that is asked.
struct SourceURL: Equatable {
  let text: String
  let scheme: String
  /// Scheme, host and port: what a token is bound to.
  let origin: String
  /// The decoded path of a file URL.
  let path: String

  /// Nil where libcurl can make nothing of it.
  init?(_ text: String) {
    guard let parts = curl_url() else { return nil }
    defer { curl_url_cleanup(parts) }
    guard curl_url_set(parts, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK else { return nil }
    func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
      var text: UnsafeMutablePointer<CChar>?
      guard curl_url_get(parts, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
      defer { curl_free(text) }
      return String(cString: text)
    }
    guard let scheme = part(CURLUPART_SCHEME)?.lowercased() else { return nil }
    self.text = text
    self.scheme = scheme
    let host = (part(CURLUPART_HOST) ?? "").lowercased()
    origin = "\(scheme)://\(host):\(part(CURLUPART_PORT, CURLU_DEFAULT_PORT) ?? "")"
    path = part(CURLUPART_PATH, CURLU_URLDECODE) ?? ""
  }

  var isWeb: Bool { scheme == "http" || scheme == "https" }

  /// The URL as people may see it: without credentials, query and fragment, which may be secret.
  static func shown(_ text: String) -> String {
    let bare = String(text.prefix { $0 != "?" && $0 != "#" })
    guard let schemeEnd = bare.range(of: "://") else { return bare }
    let rest = bare[schemeEnd.upperBound...]
    let host = rest.prefix { $0 != "/" }
    let hostOnly = host.lastIndex(of: "@").map { host[host.index(after: $0)...] } ?? host
    return String(bare[..<schemeEnd.upperBound] + hostOnly + rest.dropFirst(host.count))
  }
}
