/// Makes tensors of what a PyTorch file's pickle says about them: views, by offset and strides, of storages.
struct TorchTensorReader {
  private struct Storage {
    let type: ElementType
    let elementCount: Int
    let contents: ZipArchive.Contents
  }

  private let archive: TorchArchive
  private let pickle: Pickle
  private var storages: [String: Storage] = [:]
  /// How many bytes views may still take that cannot be read in place. Many views of one storage could take more than
  /// any file justifies.
  private var copyBudget: Int

  init(archive: TorchArchive, pickle: Pickle) {
    self.archive = archive
    self.pickle = pickle
    copyBudget = archive.byteCount
  }

  /// - Throws: `.invalidArchive` naming the tensor.
  mutating func tensor(named name: String, _ value: Pickle.Value) throws(CheckpointError) -> StoredTensor {
    let path = archive.archive.path
    func invalid(_ reason: String) -> CheckpointError { .invalidArchive(file: path, reason: "“\(name)” \(reason)") }
    let (view, storageIdentifier) = try viewOfParameterOrTensor(value, invalid)
    let storage = try storage(storageIdentifier, invalid)

    guard let byteCount = storage.type.byteCount(ofShape: view.shape) else {
      throw invalid("has a shape that overflows: \(view.shape)")
    }
    guard let end = view.end, end <= storage.elementCount else {
      throw invalid(
        "reaches beyond its storage of \(storage.elementCount) elements: shape \(view.shape), strides \(view.strides), offset \(view.offset)"
      )
    }
    let width = storage.type.byteCount
    if view.isContiguous {
      let start = view.offset * width
      return StoredTensor(
        name: name, type: storage.type, shape: view.shape, path: path,
        bytes: UnsafeRawBufferPointer(rebasing: storage.contents.bytes[start..<start + byteCount]),
        owner: storage.contents.owner)
    }
    guard byteCount / width <= storage.elementCount, byteCount <= copyBudget else {
      throw invalid(
        "has \(byteCount / width) elements by its strides \(view.strides), more than what is stored justifies")
    }
    guard let copy = OwnedBytes(count: byteCount) else { throw invalid("takes more memory than there is") }
    copyBudget -= byteCount
    view.copyElements(of: width, from: storage.contents.bytes, to: copy.buffer)
    return StoredTensor(
      name: name, type: storage.type, shape: view.shape, path: path, bytes: copy.bytes, owner: copy)
  }

  // MARK: Views

  private func viewOfParameterOrTensor(
    _ value: Pickle.Value, _ invalid: (String) -> CheckpointError
  ) throws(CheckpointError) -> (StridedView, storage: Pickle.Container) {
    guard case .call(.rebuildParameter, let arguments) = value else { return try viewOfTensor(value, invalid) }
    let elements = pickle.elements(of: arguments)
    guard elements.count == 3 else { throw invalid("is a parameter of \(elements.count) arguments, expected 3") }
    return try viewOfTensor(elements[0], invalid)
  }

  /// From `_rebuild_tensor(storage, offset, shape, strides)` or `_rebuild_tensor_v2`, which has two or three
  /// arguments more.
  private func viewOfTensor(
    _ value: Pickle.Value, _ invalid: (String) -> CheckpointError
  ) throws(CheckpointError) -> (StridedView, storage: Pickle.Container) {
    guard case .call(let function, let arguments) = value, function != .rebuildParameter else {
      throw invalid("is \(value.kind), not a tensor")
    }
    let elements = pickle.elements(of: arguments)
    let expected = function == .rebuildTensor ? 4...4 : 6...7
    guard expected.contains(elements.count) else { throw invalid("is a tensor of \(elements.count) arguments") }
    if elements.count == 7 {
      // Says that the numbers are to be negated or conjugated when read.
      guard case .dictionary(let metadata) = elements[6], pickle.elements(of: metadata).isEmpty else {
        throw invalid("has metadata, which are not understood")
      }
    }
    guard case .persistent(let storage) = elements[0] else { throw invalid("has no storage") }
    guard case .integer(let offset) = elements[1], offset >= 0 else {
      throw invalid("has an offset that is no non-negative integer")
    }
    guard let shape = naturals(elements[2]), let strides = naturals(elements[3]), shape.count == strides.count else {
      throw invalid("has a shape and strides that are no tuples of equally many (64 at most) non-negative integers")
    }
    return (StridedView(offset: offset, shape: shape, strides: strides), storage)
  }

  private func naturals(_ value: Pickle.Value) -> [Int]? {
    // As many axes as PyTorch can iterate over. All tensors can share one tuple, which must not be long then.
    let mostAxes = 64
    guard case .tuple(let container) = value else { return nil }
    let elements = pickle.elements(of: container)
    guard elements.count <= mostAxes else { return nil }
    let numbers = elements.compactMap { element -> Int? in
      if case .integer(let number) = element, number >= 0 { return number }
      return nil
    }
    return numbers.count == elements.count ? numbers : nil
  }

  // MARK: Storages

  /// The storage of a persistent id ("storage", class, key, location, number of elements). Where tensors are tied,
  /// the same one comes again, and is unpacked no second time.
  private mutating func storage(
    _ identifier: Pickle.Container, _ invalid: (String) -> CheckpointError
  ) throws(CheckpointError) -> Storage {
    let elements = pickle.elements(of: identifier)
    // A key is a short number. It is looked up for every tensor, and all of them can share one text.
    let longestKey = 64
    guard elements.count == 5, elements[0] == .text("storage"), case .global(.storage(let type)) = elements[1],
      case .text(let key) = elements[2], key.utf8.count <= longestKey, case .text = elements[3],
      case .integer(let count) = elements[4], count >= 0
    else { throw invalid("has a storage that is not given by class, key, location and number of elements") }

    if let known = storages[key] {
      guard known.type == type, known.elementCount == count else {
        throw invalid(
          "takes storage \(key) for \(count) elements of \(type.rawValue), and another tensor for \(known.elementCount) of \(known.type.rawValue)"
        )
      }
      return known
    }
    guard let entry = archive.storage(key) else { throw invalid("has its numbers in storage \(key), which is missing") }
    guard let byteCount = type.byteCount(ofShape: [count]), byteCount == entry.count else {
      throw invalid("has a storage \(key) of \(count) elements of \(type.rawValue), stored in \(entry.count) bytes")
    }
    let storage = Storage(
      type: type, elementCount: count, contents: try archive.archive.contents(of: entry, verified: false))
    storages[key] = storage
    return storage
  }
}
