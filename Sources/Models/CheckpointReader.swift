import Tensors

/// Takes tensors out of a folder by name and shape, and keeps account of what was taken.
struct CheckpointReader {
  private let folder: CheckpointFolder
  private var taken: Set<String> = []

  init(_ folder: CheckpointFolder) { self.folder = folder }

  /// A matrix of weights (rows, columns), left in its file.
  mutating func weight(_ name: String, _ rows: Int, _ columns: Int) throws(CheckpointError) -> Weight {
    taken.insert(name)
    return try Weight(folder.tensor(name, shape: [rows, columns]))
  }

  /// One number a channel, read now.
  mutating func vector(_ name: String, _ count: Int) throws(CheckpointError) -> [Float] {
    taken.insert(name)
    return try folder.tensor(name, shape: [count]).matrix().elements
  }

  /// A tensor that takes no part in the computation would mean that the model computes something else.
  ///
  /// - Throws: `.unexpectedTensor` for the first one that was not taken and is not `harmless`.
  func expectNothingElse(butHarmless harmless: (String) -> Bool) throws(CheckpointError) {
    for name in folder.names where !taken.contains(name) && !harmless(name) {
      throw .unexpectedTensor(name: name, file: folder.path)
    }
  }
}
