import Foundation

/// A file that exists for one test.
final class TemporaryFile: Sendable {
  let path: String

  init(_ content: String) throws { path = try Self.write(Data(content.utf8)) }
  init(bytes: [UInt8]) throws { path = try Self.write(Data(bytes)) }
  deinit { unlink(path) }

  private static func write(_ content: Data) throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
    try content.write(to: url)
    return url.path
  }
}
