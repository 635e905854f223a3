/// What a pickle describes: a root, and the containers below it.
///
/// Containers are handles into one table, so that a value is small, a container that stands in several places is there
/// once, and nothing (the release of memory neither) descends as deep as a file may nest them.
package struct Pickle: Sendable {
  package enum Value: Equatable, Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case text(String)
    case tuple(Container)
    case list(Container)
    case dictionary(Container)
    case emptySet
    case global(Global)
    /// A persistent id, which is a tuple.
    case persistent(Container)
    /// What a function would make of arguments; nothing is called.
    case call(Global, arguments: Container)
  }

  package struct Container: Equatable, Sendable {
    let index: Int
  }

  /// All that a pickle may name of Python's modules.
  package enum Global: Equatable, Sendable {
    case orderedDictionary
    case rebuildTensor
    case rebuildTensorV2
    case rebuildParameter
    case storage(ElementType)
  }

  package let root: Value
  let containers: [[Value]]

  /// The elements of a tuple, a list or a persistent id; keys and values by turns of a dictionary.
  package func elements(of container: Container) -> [Value] { containers[container.index] }
}

extension Pickle.Global {
  /// nil for any other name.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensorV2
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch.storage", "UntypedStorage"): self = .storage(.uint8)
    case ("torch", let name), ("torch.cuda", let name):
      guard let type = Self.storageTypes[name] else { return nil }
      self = .storage(type)
    default: return nil
    }
  }

  private static let storageTypes: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .boolean,
  ]
}

extension Pickle.Value {
  /// What kind of value it is, for messages.
  var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a truth value"
    case .integer: "an integer"
    case .real: "a number"
    case .text: "a text"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .emptySet: "a set"
    case .global: "a class or function"
    case .persistent: "a storage"
    case .call(.rebuildParameter, _): "a parameter"
    case .call: "a tensor"
    }
  }
}
