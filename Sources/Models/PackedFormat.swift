import Foundation

/// How the weights of a folder's linear layers are packed: what `quantization_config` in its config.json says.
///
/// Source: `QuantizeConfig` and `BaseQuantizeConfig` of GPTQModel and AutoGPTQ; transformers' `GPTQConfig`.
package struct PackedFormat: Sendable, Equatable {
  /// Of a code: 2, 3, 4 or 8.
  package let bits: Int
  /// Inputs that share a scale and a zero; nil where all of an output's do.
  package let groupSize: Int?
  /// Whether every zero is the middle code. The zeros are stored all the same, and the stored ones count.
  package let isSymmetric: Bool
  /// Whether groups were formed in the order of the inputs' importance ("act-order"), so that which input is in which
  /// group has to be stored.
  package let ordersByActivation: Bool
  package let zeroStorage: ZeroStorage

  /// How zeros are stored, by the name of the checkpoint format.
  package enum ZeroStorage: String, Sendable, CaseIterable {
    /// As zero - 1, and as the largest code where the zero is 0.
    ///
    /// AutoGPTQ's kernels take a stored largest code for the zero 2^bits instead, which no quantizer gives, and its writer
    /// spoils the zeros beside a zero of 0.
    case lessOne = "gptq"
    case asItIs = "gptq_v2"
  }

  package init(
    bits: Int, groupSize: Int?, isSymmetric: Bool, ordersByActivation: Bool, zeroStorage: ZeroStorage
  ) {
    precondition(PackedCodes.supportedBits.contains(bits), "codes of \(bits) bits")
    precondition(groupSize.map { $0 > 0 } ?? true, "groups of \(groupSize ?? 0)")
    self.bits = bits
    self.groupSize = groupSize
    self.isSymmetric = isSymmetric
    self.ordersByActivation = ordersByActivation
    self.zeroStorage = zeroStorage
  }

  func groupCount(inputs: Int) -> Int {
    guard let groupSize else { return 1 }
    return (inputs + groupSize - 1) / groupSize
  }

  /// The value of the member `quantization_config` that tells of this format, as JSON.
  package var json: String {
    """
    {"bits": \(bits), "checkpoint_format": "\(zeroStorage.rawValue)", "desc_act": \(ordersByActivation), \
    "group_size": \(groupSize ?? -1), "quant_method": "gptq", "sym": \(isSymmetric)}
    """
  }
}

extension PackedFormat {
  static let configurationMember = "quantization_config"

  /// The format of a folder with packed tensors. Older folders have it in a file of its own, `quantize_config.json`.
  ///
  /// - Throws: `.invalidMember` for a folder that does not say, and for what is not read here.
  init(folder: String) throws(CheckpointError) {
    let configuration = try ConfigurationFile(folder + "/config.json")
    let older = folder + "/quantize_config.json"
    if let section = try configuration.section(Self.configurationMember) {
      try self.init(section)
    } else if FileManager.default.fileExists(atPath: older) {
      try self.init(ConfigurationFile(older))
    } else {
      throw configuration.invalid(Self.configurationMember, "an object, as the folder has packed weights")
    }
  }

  private init(_ json: ConfigurationFile) throws(CheckpointError) {
    func expect(_ member: String, _ supported: [String], or fallback: String) throws(CheckpointError) -> String {
      guard let value = json[member] else { return fallback }
      guard let text = value.string, supported.contains(text) else {
        throw json.invalid(member, supported.map { "\"\($0)\"" }.joined(separator: " or "))
      }
      return text
    }
    _ = try expect("quant_method", ["gptq"], or: "gptq")
    _ = try expect("pack_dtype", ["int32"], or: "int32")
    let storage = try expect(
      "checkpoint_format", ZeroStorage.allCases.map(\.rawValue), or: ZeroStorage.lessOne.rawValue)
    guard let bits = json["bits"]?.integer, PackedCodes.supportedBits.contains(bits) else {
      throw json.invalid("bits", "2, 3, 4 or 8")
    }
    guard let groupSize = json["group_size"]?.integer,
      groupSize == -1 || (1...ConfigurationFile.largestSize).contains(groupSize)
    else { throw json.invalid("group_size", "-1, or a whole number from 1 to \(ConfigurationFile.largestSize)") }
    self.init(
      bits: bits, groupSize: groupSize == -1 ? nil : groupSize, isSymmetric: try json.flag("sym", or: true),
      ordersByActivation: try json.flag("desc_act"),
      zeroStorage: ZeroStorage(rawValue: storage) ?? .lessOne)
  }
}
