import Evaluation
import Foundation
import Models
import Recovery
import Tensors

/// A folder of a model or an adapter, and the digests of all of its files that bear on scores.
package struct EvaluatedFolder: Sendable, Equatable {
  /// The folder's own name.
  package let name: String
  /// SHA-256 by the names of files.
  package let digests: [String: String]

  /// Reads every byte of the weights: what the digests name does not depend on times or places.
  package init(model folder: String, workers: Workers) throws {
    let weights = try CheckpointFolder(folder).files.map { URL(fileURLWithPath: $0).lastPathComponent }
    let others = (["config.json", "quantize_config.json"] + Tokenizer.fileNames).filter {
      FileManager.default.fileExists(atPath: folder + "/" + $0)
    }
    try self.init(folder, files: Set(weights + others).sorted(), workers: workers)
  }

  package init(adapter folder: String, workers: Workers) throws {
    try self.init(folder, files: AdapterFolder.files(of: folder), workers: workers)
  }

  private init(_ folder: String, files: [String], workers: Workers) throws {
    name = URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent
    let found = try workers.map(files.count) { try fileDigests([folder + "/" + files[$0]])[0] }
    digests = Dictionary(uniqueKeysWithValues: zip(files, found))
  }

  var canonical: CanonicalJSON { .object(digests.mapValues { .string($0) }) }
}
