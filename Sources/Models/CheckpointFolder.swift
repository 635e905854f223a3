import Foundation
import Tensors

/// The weights of a Hugging Face style folder: one file, or several and an index, of safetensors or else of PyTorch.
package struct CheckpointFolder: Sendable {
  package let path: String
  private let tensors: [ExactText: StoredTensor]
  package let format: Format
  /// The weight files, in the order of their names.
  package let files: [String]

  /// In the order in which a folder is searched for them.
  package enum Format: String, Sendable, CaseIterable {
    case safetensors
    case pyTorch

    fileprivate var fileName: String {
      switch self {
      case .safetensors: "model.safetensors"
      case .pyTorch: "pytorch_model.bin"
      }
    }

    fileprivate var indexName: String { fileName + ".index.json" }

    fileprivate func tensors(ofFile path: String) throws(CheckpointError) -> [StoredTensor] {
      switch self {
      case .safetensors: try SafetensorsFile(path: path).tensors
      case .pyTorch: try PyTorchCheckpoint(path: path).tensors
      }
    }
  }

  /// - Throws: `.noWeights` where the folder has none; the reader's errors; `.tensorStoredElsewhere` where the index
  ///   names another file than the one that holds a tensor.
  package init(_ path: String) throws(CheckpointError) {
    self.path = path
    func isThere(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }
    guard let format = Format.allCases.first(where: { isThere($0.fileName) || isThere($0.indexName) }) else {
      throw .noWeights(folder: path, expected: Format.allCases.flatMap { [$0.fileName, $0.indexName] })
    }
    self.format = format
    let index = path + "/" + format.indexName
    var placed: [ExactText: ExactText] = [:]
    if isThere(format.fileName) {
      files = [path + "/" + format.fileName]
    } else {
      placed = try Self.places(ofIndex: index)
      files = Set(placed.values).sorted().map { path + "/" + $0.text }
    }

    var tensors: [ExactText: StoredTensor] = [:]
    for file in files {
      for tensor in try format.tensors(ofFile: file) {
        let name = ExactText(tensor.name)
        if files.count > 1 || !placed.isEmpty, placed[name].map({ ExactText(path + "/" + $0.text) }) != ExactText(file)
        {
          throw .tensorStoredElsewhere(name: tensor.name, file: file, index: index)
        }
        tensors[name] = tensor
      }
    }
    for (name, file) in placed.sorted(by: { $0.key < $1.key }) where tensors[name] == nil {
      throw .missingTensor(name: name.text, file: path + "/" + file.text)
    }
    self.tensors = tensors
  }

  /// The names of files in the folder by the names of the tensors that an index places in them.
  private static func places(ofIndex index: String) throws(CheckpointError) -> [ExactText: ExactText] {
    guard let map = try JSONValue(contentsOf: index)["weight_map"]?.object else {
      throw .invalidMember(file: index, member: "weight_map", expected: "an object", found: "something else")
    }
    var places: [ExactText: ExactText] = [:]
    for member in map {
      // Byte by byte: to a string, a slash and a combining mark are one character, and another one than a slash.
      guard let file = member.value.string, !file.isEmpty, !file.utf8.contains(UInt8(ascii: "/")),
        !file.utf8.contains(0)
      else {
        throw .invalidMember(
          file: index, member: "weight_map.\(member.name)", expected: "the name of a file in this folder",
          found: Optional(member.value).kindDescription)
      }
      places[ExactText(member.name)] = ExactText(file)
    }
    return places
  }

  /// In the order of their bytes.
  package var names: [String] { tensors.keys.sorted().map(\.text) }

  func has(_ name: String) -> Bool { tensors[ExactText(name)] != nil }

  /// How linear layers are packed; nil where none are.
  ///
  /// - Throws: `.invalidMember` where layers are packed, and the folder does not say how or in a way that is not read here.
  package func packedFormat() throws(CheckpointError) -> PackedFormat? {
    let ending = ".\(PackedMatrix.Part.words.rawValue)"
    return tensors.keys.contains { $0.text.hasSuffix(ending) } ? try PackedFormat(folder: path) : nil
  }

  package func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
    guard let tensor = tensors[ExactText(name)] else {
      throw .missingTensor(name: name, file: files.count == 1 ? files[0] : path)
    }
    return tensor
  }

  /// The tensor of that name, which must have that shape.
  package func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredTensor {
    let tensor = try tensor(name)
    guard tensor.shape == shape else {
      throw .unexpectedShape(tensor: name, file: tensor.path, expected: shape, found: tensor.shape)
    }
    return tensor
  }

  /// How a tensor is stored; nil where the folder has none of that name.
  package func type(of name: String) -> ElementType? { tensors[ExactText(name)]?.type }

  /// Looks at every number of every tensor.
  ///
  /// - Throws: `.notFinite` for the first NaN or infinity, in the order of the names.
  package func checkFinite(workers: Workers) throws {
    let names = names
    _ = try workers.map(names.count) { index in
      let name = names[index]
      guard let tensor = tensors[ExactText(name)] else { return }
      // A checkpoint may be larger than the memory.
      defer { tensor.releasePages() }
      if let place = tensor.firstNonFinite() {
        throw CheckpointError.notFinite(tensor: name, file: tensor.path, index: place)
      }
    }
  }
}
