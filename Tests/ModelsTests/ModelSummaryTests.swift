import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct ModelSummaryTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func summary() throws -> ModelSummary {
    try ModelSummary(loadModel(folder: folder.path), folder: CheckpointFolder(folder.path))
  }

  private func tensors(_ summary: ModelSummary) -> [String] {
    summary.storage.map { storage in
      let form =
        switch storage.form {
        case .numbers(let type): type.rawValue
        case .codes(let bits, let groupSize): "codes of \(bits) bits in groups of \(groupSize ?? -1)"
        }
      return "\(storage.tensorCount) \(form), \(storage.byteCount) bytes"
    }
  }

  // MARK: Parameters

  // V = 32, C = 16, four heads over two key-value heads of width 4, a feed-forward width of 24, two blocks.
  @Test func `a Llama is the sum of its parts`() throws {
    try TinyLlama().write(to: folder, shardCount: 3)
    let summary = try summary()
    #expect(summary.architecture == "Llama" && summary.norm == "root mean square" && summary.normalizesFirst)
    #expect(summary.feedForwardWidth == 24 && summary.shape.keyValueHeadCount == 2 && !summary.tiesHead)
    // Queries and output of 16 · 16 each, keys and values of 8 · 16 each.
    let attention = 2 * 16 * 16 + 2 * 8 * 16  // 768
    let feedForward = 3 * 24 * 16  // 1152
    #expect(
      summary.parameters == [
        .embedding: 32 * 16, .attention: 2 * attention, .feedForward: 2 * feedForward, .norms: (2 * 2 + 1) * 16,
        .head: 32 * 16,
      ])
    #expect(summary.parametersPerBlock == 768 + 1152 + 2 * 16)
    // 512 + 1536 + 2304 + 80 + 512
    #expect(summary.parameterCount == 4944)
  }

  @Test func `a tied head is counted once, even where it is stored`() throws {
    var tiny = TinyLlama(tiesHead: true)
    try tiny.write(to: folder)
    #expect(try summary().tiesHead)
    #expect(try summary().parameterCount == 4944 - 512)
    tiny.set("lm_head.weight", Matrix(rows: 32, columns: 16))
    tiny.setNorm("model.layers.0.self_attn.rotary_emb.inv_freq", [1, 0.1])
    try tiny.write(to: folder)
    let summary = try summary()
    #expect(summary.parameterCount == 4432 && summary.parameters[.head] == nil)
    // The files hold both all the same.
    #expect(tensors(summary) == ["22 F32, \(4 * (4944 + 2)) bytes"])
    #expect(summary.weights.mapped + summary.weights.copied == 4 * 4432)
  }

  // V = 32, C = 16, 320 positions behind two rows, a feed-forward width of 24, two blocks; everything has biases.
  @Test(arguments: [false, true])
  func `an OPT is the sum of its parts`(isProjected: Bool) throws {
    try RandomCheckpoint.opt(isProjected: isProjected).write(to: folder.path)
    let summary = try summary()
    #expect(summary.architecture == "OPT" && summary.norm == "layer" && summary.tiesHead)
    #expect(summary.normalizesFirst == !isProjected && summary.feedForwardWidth == 24)
    let attention = 4 * (16 * 16 + 16)  // 1088
    let feedForward = 2 * 24 * 16 + 24 + 16  // 808
    var expected: [ModelPart: Int] = [
      .embedding: 32 * 16, .positions: 322 * 16, .attention: 2 * attention, .feedForward: 2 * feedForward,
      .norms: (2 * 2 + 1) * 2 * 16,
    ]
    if isProjected {
      // Embeddings of width 12, projected in and out; no last norm.
      expected[.embedding] = 32 * 12
      expected[.projections] = 2 * 16 * 12
      expected[.norms] = 2 * 2 * 2 * 16
    }
    #expect(summary.parameters == expected)
    #expect(summary.parametersPerBlock == 1088 + 808 + 2 * 2 * 16)
  }

  // MARK: Files

  @Test func `the files are those of the folder, with their sizes`() throws {
    try TinyLlama().write(to: folder, shardCount: 3)
    let summary = try summary()
    #expect(summary.format == .safetensors)
    #expect(summary.files.map(\.path) == (1...3).map { "\(folder.path)/model-0000\($0)-of-00003.safetensors" })
    for file in summary.files {
      #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)).count == file.byteCount)
    }
    #expect(tensors(summary) == ["\(2 * 9 + 3) F32, \(4 * 4944) bytes"])
  }

  // MARK: Memory

  /// The tiny Llama with its matrices as halves.
  private func writeHalves() throws {
    let tiny = TinyLlama()
    try tiny.writeConfiguration(to: folder)
    let tensors = tiny.tensors.values.map { tensor in
      NamedTensor(
        tensor.name, shape: tensor.shape, tensor.values, storedAs: tensor.shape.count == 2 ? .float16 : .float32)
    }
    try writeSafetensors(tensors, to: folder.path + "/model.safetensors")
  }

  @Test func `matrices are used where they lie, and vectors are copied`() throws {
    try writeHalves()
    let summary = try summary()
    #expect(tensors(summary) == ["5 F32, \(4 * 80) bytes", "16 F16, \(2 * 4864) bytes"])
    #expect(summary.weights.mapped == 2 * 4864)
    #expect(summary.weights.copied == 4 * 80)
    // Small matrices are one panel each; the largest is the embedding's, or the head's, of 32 · 16.
    #expect(summary.weights.widenedPanel == 4 * 512)
    // gate_proj and its like: 24 · 16.
    #expect(summary.largestLayer == 4 * 384)
  }

  @Test func `of a large matrix only a panel is widened at once`() throws {
    // 2¹⁸ / 16 = 16384 rows a panel: 40000 rows are two panels, of which the last has the other 23616.
    var tiny = TinyLlama(tiesHead: true)
    tiny.set("model.embed_tokens.weight", Matrix(rows: 40_000, columns: 16))
    tiny.configuration["vocab_size"] = "40000"
    try tiny.writeConfiguration(to: folder)
    let tensors = tiny.tensors.values.map {
      NamedTensor($0.name, shape: $0.shape, $0.values, storedAs: .bfloat16)
    }
    try writeSafetensors(tensors, to: folder.path + "/model.safetensors")
    #expect(try summary().weights.widenedPanel == 4 * 23_616 * 16)
  }

  @Test func `floats are widened nowhere`() throws {
    try TinyLlama().write(to: folder)
    let weights = try summary().weights
    #expect(weights.widenedPanel == 0)
    #expect(weights.mapped == 4 * 4864 && weights.copied == 4 * 80)
  }

  @Test func `a sequence takes its keys and values, and its logits`() throws {
    let shape = try Llama.random().shape
    let memory = SequenceMemory(shape, length: 10)
    // Two blocks, two key-value heads of width 4, V = 32.
    #expect(memory.keyValueCache == 2 * 2 * 8 * 10 * 4)
    #expect(memory.logits == 32 * 10 * 4)
    let cache = try Llama.random().cache(capacity: 10)
    #expect(memory.keyValueCache == cache.blocks.reduce(0) { $0 + ($1.keys.count + $1.values.count) * 4 })
  }
}
