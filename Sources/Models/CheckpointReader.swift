import Tensors

/// Takes tensors out of a folder by name and shape, and keeps account of what was taken.
struct CheckpointReader {
  private let folder: CheckpointFolder
  private let packedFormat: PackedFormat?
  private var taken: Set<ExactText> = []

  init(_ folder: CheckpointFolder) throws(CheckpointError) {
    self.folder = folder
    packedFormat = try folder.packedFormat()
  }

  /// A matrix of weights (rows, columns), left in its file.
  mutating func weight(_ name: String, _ rows: Int, _ columns: Int) throws(CheckpointError) -> Weight {
    taken.insert(ExactText(name))
    return try Weight(folder.tensor(name, shape: [rows, columns]))
  }

  /// One number a channel, read now.
  mutating func vector(_ name: String, _ count: Int) throws(CheckpointError) -> [Float] {
    taken.insert(ExactText(name))
    return try folder.tensor(name, shape: [count]).matrix().elements
  }

  /// The linear layer whose tensors' names begin with `prefix` and its path, packed or not, from `columns` inputs to `rows`
  /// outputs.
  mutating func linear(
    _ prefix: String, _ path: String, _ rows: Int, _ columns: Int, hasBias: Bool = false
  ) throws(CheckpointError) -> Linear {
    let layer = prefix + path
    guard let packedFormat, folder.has("\(layer).\(PackedMatrix.Part.words.rawValue)") else {
      return Linear(
        path: path, weight: try weight(layer + ".weight", rows, columns),
        bias: hasBias ? try vector(layer + ".bias", rows) : nil)
    }
    for part in PackedMatrix.Part.allCases { taken.insert(ExactText("\(layer).\(part.rawValue)")) }
    let weight = Weight(try PackedMatrix(layer, rows, columns, of: folder, format: packedFormat))
    if hasBias { return Linear(path: path, weight: weight, bias: try vector(layer + ".bias", rows)) }
    // Older packers write biases for architectures that have none; of zeros they say nothing.
    if folder.has(layer + ".bias"), try folder.tensor(layer + ".bias", shape: [rows]).matrix().isZero {
      taken.insert(ExactText(layer + ".bias"))
    }
    return Linear(path: path, weight: weight)
  }

  /// A tensor that takes no part in the computation would mean that the model computes something else.
  ///
  /// - Throws: `.unexpectedTensor` for the first one that was not taken and is not `harmless`.
  func expectNothingElse(butHarmless harmless: (String) -> Bool) throws(CheckpointError) {
    for name in folder.names where !taken.contains(ExactText(name)) && !harmless(name) {
      throw .unexpectedTensor(name: name, file: folder.path)
    }
  }
}

extension Matrix {
  fileprivate var isZero: Bool { withElements { $0.allSatisfy { $0 == 0 } } }
}
