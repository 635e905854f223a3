import Compression
import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct CompressionMemoryTests {
  private func memory(
    _ plan: MemoryPlan, grouping: LayerGrouping = .wholeBlock, format: ActivationFormat = .float32
  ) throws -> CompressionMemory {
    CompressionMemory(
      of: try Llama.random(), by: GPTQ(Quantizer(bits: 3)), sequenceCount: 10, length: 5, grouping: grouping,
      form: .values(nil), bits: 3, activations: format, plan: plan, threadCount: 2)
  }

  @Test func `what is predicted follows from the shapes`() throws {
    let memory = try memory(MemoryPlan())
    // Ten sequences of five tokens of 16 channels.
    #expect(memory.activations == 10 * 5 * 16 * 4)
    #expect(try self.memory(MemoryPlan(), format: .float16).activations == 10 * 5 * 16 * 2)
    // 768 weights of the attention and 1152 of the rest, as they were and as they are to be.
    #expect(memory.block == 2 * (768 + 1152) * 4)
    // Hessians of three inputs of 16 and one of 24; eight sequences of them; two that run, each with 32 hidden channels,
    // and 48 outputs beside 16 inputs (gate and up).
    let hessians = (3 * 256 + 576) * 4
    #expect(memory.gathering == hessians + 8 * 5 * 72 * 4 + 2 * 5 * (32 + 48 + 16) * 4)
    // The Hessian and the triangle of the last group, and its 24 · 16 weights of 22 bytes.
    #expect(memory.compressing == 2 * 576 * 4 + 24 * 16 * 22)
  }

  @Test func `less memory is taken in the order of what it costs`() throws {
    let full = try memory(MemoryPlan())
    func plan(_ limit: Int?) throws -> MemoryPlan {
      try CompressionMemory.plan(within: limit, threadCount: 2) { try! memory($0) }.plan
    }
    #expect(try plan(nil) == MemoryPlan() && plan(full.peak) == MemoryPlan())
    let less = try plan(full.peak - 1)
    #expect(less.sequencesHeld == 2 && less.holdsActivations && less.gathersTogether)
    let least = try #require(
      #expect(throws: CompressionError.self) { try plan(1) })
    guard case .memoryTooSmall(let needed, 1) = least else {
      Issue.record("\(least)")
      return
    }
    let sparing = try plan(needed)
    #expect(!sparing.holdsActivations)
    #expect(try memory(sparing).peak == needed)
  }

  /// In a process of its own, as the other tests take memory too.
  @Test func `the peak of a compression is within a fifth of what was predicted`() async {
    await #expect(processExitsWith: .success) { try Self.measure(isSparing: false) }
    await #expect(processExitsWith: .success) { try Self.measure(isSparing: true) }
  }

  private static func measure(isSparing: Bool) throws {
    FreedMemory.returnAtOnce()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try writeModel(to: folder + "/model")
    var settings = CompressionSettings(.gptq)
    settings.bits = 3
    var compression = FolderCompression(
      source: folder + "/model", output: folder + "/out", settings: settings, form: .values(nil),
      workers: Workers(threadCount: 2))
    let stream = RandomStream(seed: 5, purpose: "calibration")
    let sequences = (0..<8).map { number in (0..<512).map { stream.integer(below: 64, at: UInt64(number * 512 + $0)) }
    }
    let record = CalibrationRecord(source: "text", file: "text", sha256: "0", seed: 0, sequences: sequences)
    if isSparing {
      compression.memoryLimit = 1
      do {
        _ = try compression.run(calibration: (sequences, record))
      } catch CompressionError.memoryTooSmall(let needed, _) {
        compression.memoryLimit = needed
      }
    }
    try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    let before = try status("VmRSS")
    let predicted = try compression.run(calibration: (sequences, record)).record.run.predictedPeakBytes
    let share = Double(try status("VmHWM") - before) / Double(predicted)
    #expect(share > 0.8 && share < 1.2, "\(share) of the predicted \(predicted) bytes")
  }

  /// Five blocks of 768 channels in half precision: those that are done must not stay in memory.
  private static func writeModel(to folder: String) throws {
    let shape = ModelShape(
      vocabularySize: 64, width: 768, embeddingWidth: 768, blockCount: 5, headCount: 12, keyValueHeadCount: 12,
      headWidth: 64, maximumPositions: 2048, hasPositionTable: false)
    let model = ModelForm.llama(shape, feedForwardWidth: 2048, tiesHead: false).initialized(seed: 1)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try writeSafetensors(
      model.checkpointTensors.map { NamedTensor($0.name, shape: $0.shape, $0.values, storedAs: .float16) },
      to: folder + "/model.safetensors")
    let configuration = """
      {"model_type": "llama", "vocab_size": 64, "hidden_size": 768, "intermediate_size": 2048, \
      "num_hidden_layers": 5, "num_attention_heads": 12, "max_position_embeddings": 2048}
      """
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
  }

  /// A line of the process's status, in bytes.
  private static func status(_ name: String) throws -> Int {
    let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix(name) })
    return try #require(line.split { !$0.isNumber }.first.flatMap { Int($0) }) * 1024
  }
}
