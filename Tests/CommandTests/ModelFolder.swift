import Foundation
import TestModels

/// A folder with a random model and no tokenizer.
struct ModelFolder: ~Copyable {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path

  init(_ checkpoint: RandomCheckpoint) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try checkpoint.write(to: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
