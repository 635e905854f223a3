import Foundation
import Models

/// Real files beside the made ones, where there are any.
struct Corpus {
  /// Files larger than this make slow inputs of which few bytes matter.
  static let largestFile = 40_000

  let files: [(path: String, bytes: [UInt8])]

  /// All small files in `folder` and below, in the order of their paths; none where there is no such folder.
  init(folder: String) {
    var files: [(path: String, bytes: [UInt8])] = []
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    for name in names.sorted()
    where ["json", "safetensors", "model", "txt", "bin"].contains((name as NSString).pathExtension) {
      let path = folder + "/" + name
      if (name as NSString).lastPathComponent == "pytorch_model.bin", let pickle = Self.pickle(ofCheckpoint: path) {
        files.append((path + "/data.pkl", pickle))
      }
      let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? nil
      guard let size, size > 0, size <= Self.largestFile, let data = FileManager.default.contents(atPath: path) else {
        continue
      }
      files.append((path, Array(data)))
    }
    self.files = files
  }

  /// The pickle of a checkpoint, which is small however large the checkpoint is; nil where there is none.
  private static func pickle(ofCheckpoint path: String) -> [UInt8]? {
    guard let archive = try? ZipArchive(path: path),
      let entry = archive.entries.first(where: { $0.name.hasSuffix("/data.pkl") }), entry.count <= largestFile,
      let contents = try? archive.contents(of: entry, verified: true)
    else { return nil }
    defer { withExtendedLifetime(contents.owner) {} }
    return Array(contents.bytes)
  }

  /// The corpus's files as inputs of a reader.
  func inputs(of reader: Reader) -> [FuzzInput] {
    files.compactMap { reader.input(($0.path as NSString).lastPathComponent, $0.bytes) }
  }
}
