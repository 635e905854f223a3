import Artifacts
import Foundation
import Models

/// What a compression was asked to do, and of what: two with the same question give the same bits.
package struct CompressionQuestion: Sendable, Equatable, Codable {
  package let settings: CompressionSettings
  /// "packed", or the type of the numbers ("F16"); nil where that is the checkpoint's own.
  package let storedAs: String?
  package let activations: ActivationFormat
  /// nil for a method that needs no text.
  package let calibration: CalibrationRecord?
  /// SHA-256 of config.json and the weights, by file name.
  package let modelFiles: [String: String]
  /// OpenBLAS's kernel: others round differently.
  package let kernel: String

  package init(
    settings: CompressionSettings, form: StoredForm, activations: ActivationFormat, calibration: CalibrationRecord?,
    modelFiles: [String: String], kernel: String
  ) {
    self.settings = settings
    storedAs =
      switch form {
      case .packed: "packed"
      case .values(let format): format?.elementType.rawValue
      }
    self.activations = activations
    self.calibration = calibration
    self.modelFiles = modelFiles
    self.kernel = kernel
  }
}

/// Which text the calibration sequences are from.
package struct CalibrationRecord: Sendable, Equatable, Codable {
  /// The rule by which they were drawn: "c4", "wikitext" or "text".
  package let source: String
  package let file: String
  /// SHA-256 of the file.
  package let sha256: String
  package let samples: Int
  package let length: Int
  package let seed: Int
  /// SHA-256 of all tokens, as 32-bit integers.
  package let tokens: String

  package init(source: String, file: String, sha256: String, seed: Int, sequences: [[Int]]) {
    self.source = source
    self.file = file
    self.sha256 = sha256
    samples = sequences.count
    length = sequences.first?.count ?? 0
    self.seed = seed
    var hasher = SHA256Hasher()
    for sequence in sequences { sequence.map { Int32($0).littleEndian }.withUnsafeBytes { hasher.update($0) } }
    tokens = hasher.finalize()
  }
}

/// What a compression did: `compression.json` in its folder.
package struct CompressionRecord: Sendable, Codable {
  package static let fileName = "compression.json"

  package let question: CompressionQuestion
  package let bitsPerWeight: Double
  package let zeroFraction: Double
  package let layers: [Layer]
  /// SHA-256 of the files written, by name.
  package let files: [String: String]
  /// What another run would have otherwise.
  package let run: Run

  package struct Layer: Sendable, Codable, Equatable {
    package let name: String
    package let weights: Int
    package let zeros: Int
    package let bitsPerWeight: Double
    package let error: Double?
    package let outputError: Double?
    package let uncorrectedOutputError: Double?
    package let dampeningFractions: [Float]
  }

  package struct Run: Sendable, Codable {
    package let threads: Int
    package let memory: MemoryPlan
    package let predictedPeakBytes: Int
    /// Of each layer's compression, by its name; the passes through the blocks are not in it.
    package let seconds: [String: Double]
  }

  init(
    _ question: CompressionQuestion, reports: [LayerReport], files: [String: String], threads: Int,
    memory: (plan: MemoryPlan, memory: CompressionMemory)
  ) {
    self.question = question
    bitsPerWeight = reports.bitsPerWeight
    zeroFraction = reports.zeroFraction
    layers = reports.map {
      Layer(
        name: $0.layer, weights: $0.weightCount, zeros: $0.zeroCount, bitsPerWeight: $0.bitsPerWeight,
        error: $0.error, outputError: $0.outputError, uncorrectedOutputError: $0.uncorrectedOutputError,
        dampeningFractions: $0.dampeningFractions)
    }
    self.files = files
    run = Run(
      threads: threads, memory: memory.plan, predictedPeakBytes: memory.memory.peak,
      seconds: Dictionary(uniqueKeysWithValues: reports.map { ($0.layer, $0.seconds) }))
  }
}

/// What is done of a compression that is not finished, in a folder of its own within the output.
struct CompressionJournal: Codable {
  let question: CompressionQuestion
  /// In their order.
  var blocks: [Block] = []
  /// What enters the next block; nil where there is no calibration, and behind the last block.
  var activations: File?

  struct File: Codable {
    let name: String
    let sha256: String
  }

  struct Block: Codable {
    let weights: File
    let reports: [LayerReport]
  }
}

/// Reads and writes a JSON file of the output's folder.
enum RecordFile {
  /// nil where there is none.
  static func read<Content: Decodable>(_: Content.Type, _ path: String) throws -> Content? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      return try JSONDecoder().decode(Content.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw CheckpointError.unreadable(file: path, reason: "not a record of a compression: \(error)")
    }
  }

  static func write(_ content: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try writeText(String(decoding: try encoder.encode(content), as: UTF8.self) + "\n", to: path)
  }
}
