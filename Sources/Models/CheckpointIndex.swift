import Foundation

/// Writes what a folder of several safetensors files has beside them: which tensor is in which of them.
///
/// Source: `model.safetensors.index.json` as transformers writes it.
package func writeSafetensorsIndex(_ files: [String], in folder: String) throws(CheckpointError) {
  var members: [(name: String, file: String)] = []
  var byteCount = 0
  for file in files {
    for tensor in try SafetensorsFile(path: folder + "/" + file).tensors {
      members.append((tensor.name, file))
      byteCount += tensor.byteCount
    }
  }
  members.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  let index = JSONValue.object([
    .init(name: "metadata", value: .object([.init(name: "total_size", value: .integer(byteCount))])),
    .init(name: "weight_map", value: .object(members.map { .init(name: $0.name, value: .string($0.file)) })),
  ])
  try writeText(index.text + "\n", to: folder + "/model.safetensors.index.json")
}

/// Puts a text in the place of a file, which is never seen half written.
package func writeText(_ text: String, to path: String) throws(CheckpointError) {
  try replaceFile(path) { file throws(CheckpointError) in try file.write(Array(text.utf8)) }
}

/// The checkpoint's `config.json` for a folder whose linear layers are stored in another way: what it says of packed
/// weights is taken out or set, and the type of the numbers is.
///
/// - Parameter type: as PyTorch calls it, such as "float16"; nil leaves what stands there.
package func writeConfiguration(
  of folder: String, type: String?, packedFormat: PackedFormat?, to path: String
) throws(CheckpointError) {
  var json = try JSONValue(contentsOf: folder + "/config.json")
  if let type {
    // The newer name is kept where it stands.
    json = json.setting(json["dtype"] == nil ? "torch_dtype" : "dtype", to: .string(type))
  }
  var section: JSONValue?
  if let packedFormat {
    do {
      section = try JSONValue(parsing: packedFormat.json)
    } catch {
      preconditionFailure("\(packedFormat.json): \(error)")
    }
  }
  json = json.setting(PackedFormat.configurationMember, to: section)
  try writeText(json.text + "\n", to: path)
}
