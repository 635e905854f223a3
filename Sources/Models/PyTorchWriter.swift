import Tensors

/// Writes a `pytorch_model.bin`: a zip archive of stored entries with a pickle of protocol 2 that names the tensors, and a
/// storage of its own for each, all on 64-byte boundaries, as `torch.save` lays them out.
///
/// Source: PyTorch 2.1, torch/serialization.py and caffe2/serialize/inline_container.cc; `architectures.md` section 4.
///
/// - Throws: `.overflow` for a finite number that the type it is to be stored as does not reach; `.unwritable`.
package func writePyTorchCheckpoint(_ tensors: [NamedTensor], to path: String) throws(CheckpointError) {
  precondition(Set(tensors.map { Array($0.name.utf8) }).count == tensors.count, "two tensors of one name")
  var zip = StoredZip()
  zip.add("archive/data.pkl", pickle(of: tensors))
  for (index, tensor) in tensors.enumerated() {
    zip.add("archive/data/\(index)", try tensor.storedBytes(file: path))
  }
  zip.add("archive/version", Array("3\n".utf8))
  let bytes = zip.finished()
  try replaceFile(path) { file throws(CheckpointError) in try file.write(bytes) }
}

/// An OrderedDict of tensors, each rebuilt from the storage of its number.
private func pickle(of tensors: [NamedTensor]) -> [UInt8] {
  var pickle = PickleWriter()
  pickle.global("collections", "OrderedDict")
  pickle.tuple { _ in }
  pickle.call()
  pickle.mark()
  for (index, tensor) in tensors.enumerated() {
    pickle.text(tensor.name)
    pickle.global("torch._utils", "_rebuild_tensor_v2")
    pickle.tuple { pickle in
      pickle.tuple { pickle in
        pickle.text("storage")
        pickle.global("torch", tensor.type.torchStorage)
        pickle.text(String(index))
        pickle.text("cpu")
        pickle.integer(tensor.shape.reduce(1, *))
      }
      pickle.persistentLoad()
      pickle.integer(0)
      pickle.tuple { pickle in for count in tensor.shape { pickle.integer(count) } }
      var stride = 1
      let strides = tensor.shape.reversed().map { count in
        defer { stride *= count }
        return stride
      }
      pickle.tuple { pickle in for stride in strides.reversed() { pickle.integer(stride) } }
      pickle.no()
      pickle.global("collections", "OrderedDict")
      pickle.tuple { _ in }
      pickle.call()
    }
    pickle.call()
  }
  pickle.setItems()
  return pickle.finished()
}

/// A pickle of protocol 2, opcode by opcode; see CPython's Lib/pickletools.py.
private struct PickleWriter {
  private var bytes: [UInt8] = [0x80, 2]

  mutating func global(_ module: String, _ name: String) { bytes += Array("c\(module)\n\(name)\n".utf8) }

  mutating func mark() { bytes.append(UInt8(ascii: "(")) }

  mutating func tuple(_ elements: (inout PickleWriter) -> Void) {
    mark()
    elements(&self)
    bytes.append(UInt8(ascii: "t"))
  }

  mutating func call() { bytes.append(UInt8(ascii: "R")) }

  mutating func persistentLoad() { bytes.append(UInt8(ascii: "Q")) }

  mutating func setItems() { bytes.append(UInt8(ascii: "u")) }

  mutating func no() { bytes.append(0x89) }

  mutating func text(_ text: String) {
    bytes.append(UInt8(ascii: "X"))
    bytes.append(little: UInt32(text.utf8.count))
    bytes += Array(text.utf8)
  }

  mutating func integer(_ value: Int) {
    if let short = Int32(exactly: value) {
      bytes.append(UInt8(ascii: "J"))
      bytes.append(little: short)
    } else {
      bytes += [0x8A, 8]
      bytes.append(little: Int64(value))
    }
  }

  mutating func finished() -> [UInt8] {
    bytes.append(UInt8(ascii: "."))
    return bytes
  }
}

/// A zip archive of entries that are not compressed.
private struct StoredZip {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var entryCount = 0

  private static let alignment = 64

  mutating func add(_ name: String, _ content: [UInt8]) {
    precondition(bytes.count + content.count < Int(UInt32.max), "an archive above four gigabytes")
    let offset = bytes.count
    // Padding in a field that readers skip, of the kind that PyTorch marks "FB".
    let header = 30 + name.utf8.count + 4
    let padding = (Self.alignment - (offset + header) % Self.alignment) % Self.alignment
    let checksum = content.withUnsafeBytes { crc32(of: $0) }
    func common(_ target: inout [UInt8], extraCount: Int) {
      target.append(little: UInt16(20))
      target.append(little: UInt32(0))  // flags, method
      target.append(little: UInt32(0))  // time and date
      target.append(little: checksum)
      target.append(little: UInt32(content.count))
      target.append(little: UInt32(content.count))
      target.append(little: UInt16(name.utf8.count))
      target.append(little: UInt16(extraCount))
    }
    bytes.append(little: UInt32(0x0403_4B50))
    common(&bytes, extraCount: 4 + padding)
    bytes += Array(name.utf8) + Array("FB".utf8)
    bytes.append(little: UInt16(padding))
    bytes += [UInt8](repeating: UInt8(ascii: "Z"), count: padding) + content

    directory.append(little: UInt32(0x0201_4B50))
    directory.append(little: UInt16(20))
    common(&directory, extraCount: 0)
    directory += [UInt8](repeating: 0, count: 10)  // comment, disk, attributes
    directory.append(little: UInt32(offset))
    directory += Array(name.utf8)
    entryCount += 1
  }

  mutating func finished() -> [UInt8] {
    let start = bytes.count
    bytes += directory
    bytes.append(little: UInt32(0x0605_4B50))
    bytes.append(little: UInt32(0))
    bytes.append(little: UInt16(entryCount))
    bytes.append(little: UInt16(entryCount))
    bytes.append(little: UInt32(directory.count))
    bytes.append(little: UInt32(start))
    bytes.append(little: UInt16(0))
    return bytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(little value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}

extension ElementType {
  fileprivate var torchStorage: String {
    switch self {
    case .float32: "FloatStorage"
    case .float16: "HalfStorage"
    case .bfloat16: "BFloat16Storage"
    case .float64: "DoubleStorage"
    case .int64: "LongStorage"
    case .int32: "IntStorage"
    case .int16: "ShortStorage"
    case .int8: "CharStorage"
    case .uint8: "ByteStorage"
    case .boolean: "BoolStorage"
    case .uint16, .uint32, .uint64: preconditionFailure("\(self) has no storage in a PyTorch file")
    }
  }
}
