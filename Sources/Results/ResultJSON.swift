import Foundation

/// The file of a result: JSON with sorted keys, one member a line; numbers in the shortest form that reads back as they
/// are.
package func resultJSON(_ result: some Encodable, file: String) throws(ResultError) -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  do {
    return try encoder.encode(result) + Data("\n".utf8)
  } catch {
    throw .unwritable(file: file, reason: "\(error)")
  }
}

/// Writes a file of results, making the folders above it; whoever reads sees the whole old file or the whole new one.
package func writeResult(_ bytes: Data, to path: String) throws(ResultError) {
  do {
    try AtomicFile.write(bytes, to: path)
  } catch {
    throw .unwritable(file: path, reason: error.reason)
  }
}
