/// One safetensors file, mapped; its header is checked by every rule of the format before any tensor is handed out.
///
/// Layout: eight bytes little-endian header length N, N bytes of JSON, then the tensors without holes or overlaps.
/// Source: huggingface/safetensors v0.7.0, safetensors/src/tensor.rs; `architectures.md` section 4.
package struct SafetensorsFile: Sendable {
  package let path: String
  /// In the order of their bytes in the file.
  package let tensors: [StoredTensor]
  package let metadata: [String: String]

  /// The longest header that the reference reader accepts, in bytes.
  static let longestHeader = 100_000_000

  /// - Throws: `.invalidHeader` saying which rule the file breaks.
  package init(path: String) throws(CheckpointError) {
    self.path = path
    let file = try MappedFile(path: path)
    func invalid(_ reason: String) -> CheckpointError { .invalidHeader(file: path, reason: reason) }

    guard file.bytes.count >= 8 else {
      throw invalid("\(file.bytes.count) bytes, shorter than the header's length field")
    }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard length <= Self.longestHeader else {
      throw invalid("a header of \(length) bytes is announced, more than the \(Self.longestHeader) allowed")
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= file.bytes.count else {
      throw invalid("a header of \(length) bytes is announced in a file of \(file.bytes.count)")
    }
    let header: JSONValue
    do {
      header = try JSONValue(parsing: file.bytes[8..<dataStart])
    } catch {
      throw .malformedJSON(file: path, line: error.line, column: error.column, reason: error.reason)
    }
    guard let members = header.object else { throw invalid("the header is no JSON object") }

    var metadata: [String: String] = [:]
    var found: [(tensor: StoredTensor, byteRange: Range<Int>)] = []
    for member in members {
      if member.name == "__metadata__" {
        guard let entries = member.value.object else { throw invalid("__metadata__ is no object") }
        for entry in entries {
          guard let value = entry.value.string else { throw invalid("__metadata__.\(entry.name) is no string") }
          metadata[entry.name] = value
        }
        continue
      }
      found.append(try Self.tensor(named: member.name, member.value, in: file, dataStart: dataStart))
    }

    found.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound) < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    var end = dataStart
    for (tensor, byteRange) in found {
      guard byteRange.lowerBound == end else {
        throw invalid(
          "“\(tensor.name)” begins at byte \(byteRange.lowerBound - dataStart), not at \(end - dataStart) where the tensor before it ends"
        )
      }
      end = byteRange.upperBound
    }
    guard end == file.bytes.count else {
      throw invalid("the tensors end at byte \(end) of a file of \(file.bytes.count)")
    }
    tensors = found.map(\.tensor)
    self.metadata = metadata
  }

  private static func tensor(named name: String, _ value: JSONValue, in file: MappedFile, dataStart: Int)
    throws(CheckpointError) -> (tensor: StoredTensor, byteRange: Range<Int>)
  {
    func invalid(_ reason: String) -> CheckpointError {
      .invalidHeader(file: file.path, reason: "“\(name)”: \(reason)")
    }
    func naturals(_ member: String) -> [Int]? {
      guard let array = value[member]?.array else { return nil }
      let numbers = array.compactMap(\.integer).filter { $0 >= 0 }
      return numbers.count == array.count ? numbers : nil
    }
    guard let typeName = value["dtype"]?.string else { throw invalid("no dtype") }
    guard let type = ElementType(rawValue: typeName) else {
      throw .unsupportedType(tensor: name, file: file.path, found: typeName)
    }
    guard let shape = naturals("shape") else { throw invalid("no shape of non-negative integers") }
    guard let offsets = naturals("data_offsets"), offsets.count == 2, offsets[0] <= offsets[1] else {
      throw invalid("no pair of data_offsets in ascending order")
    }
    guard offsets[1] <= file.bytes.count - dataStart else {
      throw invalid("ends at byte \(offsets[1]) of \(file.bytes.count - dataStart) bytes of data")
    }
    guard let size = type.byteCount(ofShape: shape) else { throw invalid("the shape \(shape) overflows") }
    guard size == offsets[1] - offsets[0] else {
      throw invalid("shape \(shape) of \(typeName) takes \(size) bytes, data_offsets give \(offsets[1] - offsets[0])")
    }
    let byteRange = dataStart + offsets[0]..<dataStart + offsets[1]
    let tensor = StoredTensor(
      name: name, type: type, shape: shape, path: file.path,
      bytes: UnsafeRawBufferPointer(rebasing: file.bytes[byteRange]), owner: file)
    return (tensor, byteRange)
  }

  /// The tensor of that name.
  package func tensor(named name: String) throws(CheckpointError) -> StoredTensor {
    guard let tensor = tensors.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
      throw .missingTensor(name: name, file: path)
    }
    return tensor
  }
}
