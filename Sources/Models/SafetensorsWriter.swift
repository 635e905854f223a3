import Foundation
import Tensors

/// A tensor to be written.
package struct NamedTensor: Sendable {
  package let name: String
  package let shape: [Int]
  package let values: Matrix

  /// With the matrix's own two axes.
  package init(_ name: String, _ values: Matrix) {
    self.init(name, shape: [values.rowCount, values.columnCount], values)
  }

  package init(_ name: String, shape: [Int], _ values: Matrix) {
    precondition(shape.reduce(1, *) == values.count, "shape \(shape) of \(values.count) elements")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// Writes tensors as 32-bit floats to a safetensors file, in the reference writer's layout: in the order of their names,
/// the header padded with blanks to a multiple of eight bytes.
///
/// The file appears under its name only when it is whole.
package func writeSafetensors(
  _ tensors: [NamedTensor], metadata: [String: String] = ["format": "pt"], to path: String
) throws(CheckpointError) {
  let ordered = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  var members: [String] = []
  if !metadata.isEmpty {
    let entries = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
    members.append("\"__metadata__\":{\(entries.joined(separator: ","))}")
  }
  var offset = 0
  for tensor in ordered {
    let end = offset + tensor.values.count * 4
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    members.append(
      "\(quoted(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
    offset = end
  }
  var header = Array("{\(members.joined(separator: ","))}".utf8)
  while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }

  var content = Data(capacity: 8 + header.count + offset)
  withUnsafeBytes(of: UInt64(header.count).littleEndian) { content.append(contentsOf: $0) }
  content.append(contentsOf: header)
  for tensor in ordered {
    tensor.values.withElements { content.append(contentsOf: UnsafeRawBufferPointer($0)) }
  }
  do {
    try content.write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw .unwritable(file: path, reason: String(describing: error))
  }
}

/// `text` as a JSON string.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{0}"..."\u{1F}":
      result += "\\u" + String(repeating: "0", count: scalar.value < 16 ? 3 : 2) + String(scalar.value, radix: 16)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
