import Tensors

/// Writes a safetensors file, byte for byte as the reference writer does: tensors of wide elements first, those of one
/// type in the order of their names, the header padded with blanks to a multiple of eight bytes.
///
/// The reference writes the metadata in an order that changes from run to run; here it is that of the names. Without
/// metadata there is no `__metadata__`. The tensors are written one after the other, without a copy of any of them, and
/// the file takes its name when it is whole.
///
/// Source: huggingface/safetensors v0.7.0, safetensors/src/tensor.rs, `prepare`; `architectures.md` section 4.
///
/// - Throws: `.overflow` for a finite number that the type it is to be stored as does not reach; `.unwritable`.
package func writeSafetensors(
  _ tensors: [NamedTensor], metadata: [String: String] = ["format": "pt"], to path: String
) throws(CheckpointError) {
  precondition(Set(tensors.map { Array($0.name.utf8) }).count == tensors.count, "two tensors of one name")
  let ordered = tensors.sorted {
    let (left, right) = ($0.type.writingRank, $1.type.writingRank)
    return left == right ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : left < right
  }
  let header = safetensorsHeader(ordered, metadata)
  try replaceFile(path) { file throws(CheckpointError) in
    try file.write([UInt64(header.count).littleEndian])
    try file.write(header)
    for tensor in ordered { try tensor.write(to: file) }
  }
}

private func safetensorsHeader(_ tensors: [NamedTensor], _ metadata: [String: String]) -> [UInt8] {
  var members: [String] = []
  if !metadata.isEmpty {
    let entries = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { "\(quoted($0.key)):\(quoted($0.value))" }
    members.append("\"__metadata__\":{\(entries.joined(separator: ","))}")
  }
  var offset = 0
  for tensor in tensors {
    let end = offset + tensor.shape.reduce(tensor.type.byteCount, *)
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    members.append(
      "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
    )
    offset = end
  }
  var header = Array("{\(members.joined(separator: ","))}".utf8)
  while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
  return header
}

/// `text` as a JSON string, with the escapes that the reference writer chooses.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{8}": result += "\\b"
    case "\t": result += "\\t"
    case "\n": result += "\\n"
    case "\u{C}": result += "\\f"
    case "\r": result += "\\r"
    case "\u{0}"..."\u{1F}":
      result += "\\u" + String(repeating: "0", count: scalar.value < 16 ? 3 : 2) + String(scalar.value, radix: 16)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

extension ElementType {
  /// The reference writer's order of the types, lowest first.
  fileprivate var writingRank: Int {
    switch self {
    case .uint64: 0
    case .int64: 1
    case .float64: 2
    case .float32: 3
    case .uint32: 4
    case .int32: 5
    case .bfloat16: 6
    case .float16: 7
    case .uint16: 8
    case .int16: 9
    case .int8: 10
    case .uint8: 11
    case .boolean: 12
    }
  }
}

// MARK: - The bytes of a tensor

extension NamedTensor {
  /// Elements that are converted at a time.
  private static let chunkLength = 1 << 16

  /// The bytes that stand for the tensor in the file of that name, all at once.
  func storedBytes(file: String) throws(CheckpointError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(shape.reduce(type.byteCount, *))
    try forEachPiece(file: file) { piece in bytes.append(contentsOf: piece) }
    return bytes
  }

  fileprivate func write(to file: FileUnderConstruction) throws(CheckpointError) {
    try forEachPiece(file: file.path) { piece throws(CheckpointError) in try file.write(piece) }
  }

  /// Shows the bytes that stand for the tensor in a file, piece after piece.
  private func forEachPiece(
    file: String, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    switch content {
    case .floats(let values, .float32):
      try values.withElements { elements throws(CheckpointError) in try body(UnsafeRawBufferPointer(elements)) }
    case .floats(let values, .float16):
      try forEachPiece(values, file: file, infinity: 0x7C00, FloatFormat.halfBits, body)
    case .floats(let values, .bfloat16):
      try forEachPiece(values, file: file, infinity: 0x7F80, FloatFormat.brainBits, body)
    case .stored(let tensor):
      try tensor.withBytes { bytes throws(CheckpointError) in try body(bytes) }
      tensor.releasePages()
    case .bytes(let bytes, _):
      try bytes.withUnsafeBufferPointer { bytes throws(CheckpointError) in try body(UnsafeRawBufferPointer(bytes)) }
    }
  }

  /// - Parameter infinity: what the bits of an infinity are but for the sign.
  private func forEachPiece(
    _ values: Matrix, file: String, infinity: UInt16, _ bits: (Float) -> UInt16,
    _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    try values.withElements { elements throws(CheckpointError) in
      var chunk: [UInt16] = []
      for start in stride(from: 0, to: elements.count, by: Self.chunkLength) {
        chunk.removeAll(keepingCapacity: true)
        for index in start..<min(start + Self.chunkLength, elements.count) {
          let converted = bits(elements[index])
          guard converted & 0x7FFF != infinity || elements[index].isInfinite else {
            throw .overflow(tensor: name, file: file, index: index, type: type.rawValue)
          }
          chunk.append(converted.littleEndian)
        }
        try chunk.withUnsafeBufferPointer { chunk throws(CheckpointError) in try body(UnsafeRawBufferPointer(chunk)) }
      }
    }
  }
}
