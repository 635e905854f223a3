import Compression
import Models
import Tensors
import TestModels
import Testing

@Suite struct LayerwiseCompressionTests {
  private let method = GPTQ(bits: 3, groupSize: 10, blockSize: 7)

  /// Eleven sequences: more than are held at once.
  private let calibration = (0..<11 as Range<UInt64>).map { number in
    let stream = RandomStream(seed: 5, purpose: "calibration", index: number)
    return (0..<(5 + number % 3)).map { stream.integer(below: 32, at: $0) }
  }

  private func compressed(_ model: Llama, threadCount: Int = 1) throws -> (model: Llama, reports: [LayerReport]) {
    var model = model
    let reports = try model.compress(by: method, calibration: calibration, workers: Workers(threadCount: threadCount))
    return (model, reports)
  }

  /// The Hessian of each linear layer of a block, for these hidden states before it.
  private func hessians(_ model: Llama, block: Int, hidden: [Matrix]) -> [String: Hessian] {
    var hessians: [String: Hessian] = [:]
    for sequence in hidden {
      var pass = ForwardPass(observer: { observation in
        guard case .linearInput(let paths, let input) = observation else { return }
        for path in paths { hessians[path, default: Hessian(width: input.columnCount)].add(input) }
      })
      _ = model.runBlock(block, sequence, angles: model.angles(at: 0..<sequence.rowCount), &pass)
    }
    return hessians
  }

  private func run(_ model: Llama, block: Int, _ hidden: [Matrix]) -> [Matrix] {
    hidden.map { sequence in
      var pass = ForwardPass()
      return model.runBlock(block, sequence, angles: model.angles(at: 0..<sequence.rowCount), &pass)
    }
  }

  @Test func `a block's inputs come through the compressed blocks before it, and its own Hessians before it changes`()
    throws
  {
    let base = try Llama.random()
    var expected = base
    var errors: [Double] = []
    var hidden = calibration.map { base.embedded($0) }
    for block in 0..<2 {
      let hessians = hessians(expected, block: block, hidden: hidden)
      for path in Llama.linearPaths {
        let name = LinearName(block: block, path: path)
        let quantized = try method.quantized(
          base[name].weight.matrix, hessian: try #require(hessians[path]), workers: Workers(threadCount: 1))
        expected[name].weight = Weight(quantized.weight)
        errors.append(quantized.error)
      }
      hidden = run(expected, block: block, hidden)
    }

    let found = try compressed(base)
    for name in base.linearNames { #expect(found.model[name].weight == expected[name].weight, "\(name)") }
    #expect(found.reports.map(\.error) == errors)

    // With the inputs that the uncompressed block 0 gives, block 1 would become another.
    let unchanged = run(base, block: 0, calibration.map { base.embedded($0) })
    let query = LinearName(block: 1, path: "self_attn.q_proj")
    let other = try method.quantized(
      base[query].weight.matrix, hessian: try #require(hessians(base, block: 1, hidden: unchanged)[query.path]),
      workers: Workers(threadCount: 1))
    #expect(found.model[query].weight != Weight(other.weight))
  }

  @Test func `embedding, norms and head stay as they are`() throws {
    let base = try Llama.random()
    let found = try compressed(base).model
    #expect(found.embedding == base.embedding && found.separateHead == base.separateHead && found.norm.weight == base.norm.weight)
    #expect(found.blocks.map(\.attentionNorm.weight) == base.blocks.map(\.attentionNorm.weight))
    #expect(found.blocks.map(\.feedForwardNorm.weight) == base.blocks.map(\.feedForwardNorm.weight))
  }

  @Test func `every linear layer is reported once, in the order of the model`() throws {
    let base = try Llama.random()
    let found = try compressed(base)
    #expect(found.reports.map(\.layer) == base.linearNames.map { base.weightName(of: $0) })
    #expect(found.reports.first?.layer == "model.layers.0.self_attn.q_proj.weight")
    #expect(found.reports.count == 14)
    for (name, report) in zip(base.linearNames, found.reports) {
      let weight = found.model[name].weight.matrix
      #expect(report.weightCount == weight.count)
      #expect(report.zeroCount == weight.elements.filter { $0 == 0 }.count)
    }
    // 16·16 + 8·16 + 8·16 + 16·16 for the attention and 3 · 24·16 for the rest, twice.
    #expect(found.reports.reduce(0) { $0 + $1.weightCount } == 2 * (768 + 1152))
  }

  @Test func `progress is told of each block`() throws {
    var model = try Llama.random()
    var told: [Int] = []
    _ = try model.compress(by: method, calibration: calibration, workers: Workers(threadCount: 1)) { told.append($0) }
    #expect(told == [1, 2])
  }

  @Test func `one thread and two give the same bits`() throws {
    let base = try Llama.random()
    let one = try compressed(base)
    let two = try compressed(base, threadCount: 2)
    for name in base.linearNames { #expect(one.model[name].weight == two.model[name].weight, "\(name)") }
    #expect(one.reports == two.reports)
  }

  @Test func `a NaN among a layer's inputs names the layer`() throws {
    var broken = try Llama.random()
    var embedding = broken.embedding.matrix
    embedding[calibration[10][2], 3] = .nan
    broken.embedding = Weight(embedding)
    #expect(throws: CompressionError.inputNotFinite(layer: "model.layers.0.self_attn.q_proj.weight")) {
      try compressed(broken, threadCount: 2)
    }

    broken = try Llama.random()
    broken.blocks[1].feedForwardNorm.weight[0] = .infinity
    #expect(throws: CompressionError.inputNotFinite(layer: "model.layers.1.mlp.gate_proj.weight")) {
      try compressed(broken)
    }
  }

  @Test func `too little text without dampening names the layer`() throws {
    var model = try Llama.random()
    let method = GPTQ(bits: 3, dampeningFraction: 0)
    // Two tokens give the 16 inputs a Hessian of rank 2; which minor fails after that is up to rounding.
    let error = #expect(throws: CompressionError.self) {
      try model.compress(by: method, calibration: [[1, 2]], workers: Workers(threadCount: 1))
    }
    guard case .notPositiveDefinite(let layer, let minor, let dampeningFraction) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(layer == "model.layers.0.self_attn.q_proj.weight" && minor > 2 && dampeningFraction == 0)
  }
}
