import Foundation

/// A folder of its own for one test, which goes with it.
package final class ScratchFolder: Sendable {
  package let path: String

  package init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    // Not by Foundation, which waits until the disk has it: thousands of times in some tests.
    guard let stream = fopen(file, "wb") else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    let count = fwrite(bytes, 1, bytes.count, stream)
    guard fclose(stream) == 0, count == bytes.count else { throw POSIXError(.EIO) }
    return file
  }

  package func folder(_ name: String) throws -> String {
    let folder = path + "/" + name
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    return folder
  }
}
