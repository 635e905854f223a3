import Compression

/// One column of the grid: a named way to compress.
package struct CompressionSetting: Equatable, Sendable {
  package var name: String
  package var method: CompressionMethod
  /// The suite's text that it is calibrated, and its recoveries are trained, on; nil for those of the suite itself.
  package var text: String?
  /// The names of the recoveries that are tried on it; nil for all.
  package var recoveries: [String]?

  package var canonical: CanonicalJSON {
    var members: [String: CanonicalJSON] = ["name": .string(name), "method": method.canonical]
    if let text { members["text"] = .string(text) }
    if let recoveries { members["recoveries"] = .strings(recoveries) }
    return .object(members)
  }
}

package enum CompressionMethod: Equatable, Sendable {
  /// Not compressed at all.
  case dense
  case layerwise(CompressionSettings)

  package var needsCalibration: Bool {
    switch self {
    case .dense: false
    case .layerwise(let settings): settings.needsCalibration
    }
  }

  package var canonical: CanonicalJSON {
    switch self {
    case .dense: ["method": "dense"]
    case .layerwise(let settings): settings.canonical
    }
  }
}

extension CompressionSettings {
  /// The options that are used; of GPTQ's, those that it always has, too.
  fileprivate var canonical: CanonicalJSON {
    var members: [String: CanonicalJSON] = ["method": .string(method.rawValue)]
    for option in options { members[option.rawValue] = value(of: option) }
    if method.options.contains(.blockSize) {
      members["blockSize"] = .integer(blockSize ?? Self.standardBlockSize)
      members["dampeningFraction"] = .number(dampeningFraction ?? Self.standardDampeningFraction)
    }
    if method == .gptq { members["groupSize"] = .optional(groupSize) }
    return .object(members)
  }

  private func value(of option: Option) -> CanonicalJSON {
    switch option {
    case .bits: .optional(bits)
    case .groupSize: .optional(groupSize)
    case .blockSize: .optional(blockSize)
    case .dampeningFraction: .optional(dampeningFraction)
    case .sparsity: .optional(sparsity)
    case .pattern: pattern.map { .string($0) } ?? .null
    // Those that are used are set.
    case .trits, .symmetric, .mse, .actOrder, .staticGroups, .trueSequential, .exactCount: .integer(1)
    }
  }
}
