/// One column of the grid: a named way to compress.
package struct CompressionSetting: Equatable, Sendable {
  package var name: String
  package var method: CompressionMethod

  package var canonical: CanonicalJSON { ["name": .string(name), "method": method.canonical] }
}

package enum CompressionMethod: Equatable, Sendable {
  /// Not compressed at all.
  case dense
  case gptq(GPTQSetting)

  package var needsCalibration: Bool { self != .dense }

  package var canonical: CanonicalJSON {
    switch self {
    case .dense: ["method": "dense"]
    case .gptq(let setting):
      [
        "method": "gptq", "bits": .integer(setting.bits), "groupSize": .optional(setting.groupSize),
        "blockSize": .integer(setting.blockSize), "dampeningFraction": .number(setting.dampeningFraction),
      ]
    }
  }
}

package struct GPTQSetting: Equatable, Sendable {
  package var bits: Int
  /// Columns that share a scale; nil for one scale a row, which is `groupsize -1` in IST-DASLab/gptq.
  package var groupSize: Int?
  package var blockSize: Int = 128  // blocksize in IST-DASLab/gptq
  package var dampeningFraction: Double = 0.01  // percdamp in IST-DASLab/gptq

  package init(
    bits: Int, groupSize: Int? = nil, blockSize: Int = 128, dampeningFraction: Double = 0.01
  ) {
    self.bits = bits
    self.groupSize = groupSize
    self.blockSize = blockSize
    self.dampeningFraction = dampeningFraction
  }
}
