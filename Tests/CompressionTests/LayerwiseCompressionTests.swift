import Compression
import Models
import Tensors
import TestModels
import Testing

@Suite struct LayerwiseCompressionTests {
  private let method = GPTQ(Quantizer(bits: 3, groupSize: 10), blockSize: 7)

  /// Eleven sequences: more than are held at once.
  private let calibration = (0..<11 as Range<UInt64>).map { number in
    let stream = RandomStream(seed: 5, purpose: "calibration", index: number)
    return (0..<(5 + number % 3)).map { stream.integer(below: 32, at: $0) }
  }

  private func compressed(
    _ model: some LanguageModel, grouping: LayerGrouping = .wholeBlock
  ) throws -> (model: any LanguageModel, reports: [LayerReport]) {
    try compressed(model, by: method, grouping: grouping)
  }

  private func compressed(
    _ model: some LanguageModel, by method: some LayerCompressor, grouping: LayerGrouping = .wholeBlock,
    threadCount: Int = 1
  ) throws -> (model: any LanguageModel, reports: [LayerReport]) {
    var model = model
    let reports = try model.compress(
      by: method, calibration: calibration, grouping: grouping, workers: Workers(threadCount: threadCount))
    return (model, reports)
  }

  /// The Hessian of each linear layer of a block, for these hidden states before it.
  private func hessians(_ model: some LanguageModel, block: Int, hidden: [Matrix]) -> [String: Hessian] {
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

  private func run(_ model: some LanguageModel, block: Int, _ hidden: [Matrix]) -> [Matrix] {
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
        let quantized = try method.compressed(base[name].weight.matrix, hessian: try #require(hessians[path]))
        expected[name].weight = Weight(quantized.weight)
        errors.append(try #require(quantized.error))
      }
      hidden = run(expected, block: block, hidden)
    }

    let found = try compressed(base)
    for name in base.linearNames { #expect(found.model[name].weight == expected[name].weight, "\(name)") }
    #expect(found.reports.map(\.error) == errors)

    // With the inputs that the uncompressed block 0 gives, block 1 would become another.
    let unchanged = run(base, block: 0, calibration.map { base.embedded($0) })
    let query = LinearName(block: 1, path: "self_attn.q_proj")
    let other = try method.compressed(
      base[query].weight.matrix, hessian: try #require(hessians(base, block: 1, hidden: unchanged)[query.path]))
    #expect(found.model[query].weight != Weight(other.weight))
  }

  @Test func `one group after the other, each sees what those before it have become`() throws {
    try expectTrueSequential(try Llama.random())
    try expectTrueSequential(try OPT.random())
    try expectTrueSequential(try OPT.random(isProjected: true))
  }

  private func expectTrueSequential<Model: LanguageModel>(_ base: Model) throws {
    var expected = base
    var hidden = calibration.map { base.hiddenStates(base.embedded($0), at: $0.indices) }
    for block in 0..<2 {
      for group in Model.linearGroups {
        let hessians = hessians(expected, block: block, hidden: hidden)
        for path in group {
          let name = LinearName(block: block, path: path)
          let quantized = try method.compressed(base[name].weight.matrix, hessian: try #require(hessians[path]))
          expected[name].weight = Weight(quantized.weight)
        }
      }
      hidden = run(expected, block: block, hidden)
    }
    let found = try compressed(base, grouping: .sameInput)
    let together = try compressed(base)
    for name in base.linearNames { #expect(found.model[name].weight == expected[name].weight, "\(name)") }
    let last = base.linearNames[base.linearNames.count - 1]
    #expect(together.model[last].weight != expected[last].weight)
    #expect(found.reports.map(\.layer) == base.linearNames.map { base.weightName(of: $0) })
  }

  @Test func `embedding, norms and head stay as they are`() throws {
    let base = try Llama.random()
    let found = try #require(try compressed(base).model as? Llama)
    #expect(
      found.embedding == base.embedding && found.separateHead == base.separateHead
        && found.norm.weight == base.norm.weight)
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
      #expect(report.dampeningFractions == [0.01] && report.seconds >= 0)
      // A row of 16 inputs has two groups, one of 24 three: 3 bits a weight, 19 a group.
      let width = weight.columnCount
      #expect(report.bitsPerWeight == 3 + Double((width + 9) / 10 * 19) / Double(width))
    }
    // 16·16 + 8·16 + 8·16 + 16·16 for the attention and 3 · 24·16 for the rest, twice.
    #expect(found.reports.weightCount == 2 * (768 + 1152))
    let zeros = found.reports.reduce(0) { $0 + $1.zeroCount }
    #expect(found.reports.zeroFraction == Double(zeros) / 3840)
  }

  @Test func `the output's error is that of the first tokens, before and after the correction`() throws {
    let base = try Llama.random()
    let report = try #require(compressed(base).reports.first)
    let name = LinearName(block: 0, path: "self_attn.q_proj")
    let weight = base[name].weight.matrix
    var input = Matrix(rows: 0, columns: 0)
    var pass = ForwardPass(observer: { observation in
      if case .linearInput(let paths, let seen) = observation, paths.contains(name.path) { input = seen }
    })
    let embedded = base.embedded(calibration[0])
    _ = base.runBlock(0, embedded, angles: base.angles(at: 0..<embedded.rowCount), &pass)
    func error(_ quantized: Matrix) -> Double {
      let output = input.times(transposed: weight)
      let difference = zip(output.elements, input.times(transposed: quantized).elements).map { Double($0 - $1) }
      return difference.reduce(0) { $0 + $1 * $1 }.squareRoot() / output.frobeniusNorm
    }
    let found = try compressed(base).model[name].weight.matrix
    let nearest = try RoundToNearest(method.quantizer)
      .compressed(weight, for: .nothing, workers: Workers(threadCount: 1))
    // Two products in floats, of numbers of size one.
    #expect(abs(try #require(report.outputError) - error(found)) < 1e-5)
    #expect(abs(try #require(report.uncorrectedOutputError) - error(nearest.weight)) < 1e-5)
  }

  @Test func `layers are shown as they are done`() throws {
    var model = try Llama.random()
    var shown: [LinearName] = []
    _ = try model.compress(by: method, calibration: calibration, workers: Workers(threadCount: 1)) { layer in
      shown.append(layer.name)
      #expect(layer.matrix.quantization != nil && layer.report.weightCount == layer.matrix.weight.count)
    }
    #expect(shown == model.linearNames)
  }

  @Test func `every method compresses every architecture, to the same bits with one thread and two`() throws {
    let methods: [any LayerCompressor] = [
      method, SparseGPT(.unstructured(0.5), blockSize: 8), SparseGPT(.ofEach(zeros: 2, of: 4), blockSize: 8),
      SparseGPT(.unstructured(0.3), quantizer: Quantizer(bits: 4), blockSize: 8), RoundToNearest(Quantizer(bits: 3)),
      MagnitudePruning(.unstructured(0.5)), Wanda(.unstructured(0.5)), Wanda(.ofEach(zeros: 2, of: 4)),
    ]
    let models: [any LanguageModel] = [try Llama.random(), try OPT.random(), try OPT.random(isProjected: true)]
    for method in methods { for model in models { try expectSameBits(method, model) } }
  }

  private func expectSameBits(_ method: any LayerCompressor, _ base: some LanguageModel) throws {
    let one = try compressed(base, by: method)
    let two = try compressed(base, by: method, threadCount: 2)
    for name in base.linearNames {
      #expect(one.model[name].weight == two.model[name].weight, "\(name) by \(method)")
      #expect(one.model[name].weight != base[name].weight, "\(name) by \(method)")
    }
    #expect(zip(one.reports, two.reports).allSatisfy { $0.isSame(as: $1) })
  }

  // MARK: What cannot be compressed

  @Test func `a NaN among a layer's inputs names the layer`() throws {
    for method: any LayerCompressor in [method, Wanda(.unstructured(0.5))] {
      var broken = try Llama.random()
      var embedding = broken.embedding.matrix
      embedding[calibration[10][2], 3] = .nan
      broken.embedding = Weight(embedding)
      #expect(throws: CompressionError.inputNotFinite(layer: "model.layers.0.self_attn.q_proj.weight")) {
        try compressed(broken, by: method, threadCount: 2)
      }

      broken = try Llama.random()
      broken.blocks[1].feedForwardNorm.weight[0] = .infinity
      #expect(throws: CompressionError.inputNotFinite(layer: "model.layers.1.mlp.gate_proj.weight")) {
        try compressed(broken, by: method)
      }
    }
  }

  @Test func `inputs that are always zero name the layer`() throws {
    for method: any LayerCompressor in [method, Wanda(.unstructured(0.5))] {
      var silent = try Llama.random()
      silent.blocks[1].attentionNorm.weight = silent.blocks[1].attentionNorm.weight.map { _ in 0 }
      #expect(throws: CompressionError.inputAlwaysZero(layer: "model.layers.1.self_attn.q_proj.weight")) {
        try compressed(silent, by: method)
      }
    }
  }

  @Test func `a weight that is not finite names the layer`() throws {
    var broken = try Llama.random()
    let name = LinearName(block: 1, path: "mlp.down_proj")
    var weight = broken[name].weight.matrix
    weight[3, 4] = .infinity
    broken[name].weight = Weight(weight)
    #expect(throws: CompressionError.weightNotFinite(layer: "model.layers.1.mlp.down_proj.weight")) {
      try compressed(broken, by: RoundToNearest(Quantizer(bits: 3)))
    }
  }

  @Test func `too little text without dampening names the layer`() throws {
    var model = try Llama.random()
    let method = GPTQ(Quantizer(bits: 3), dampening: Dampening(0, upTo: 0))
    // Two tokens give the 16 inputs a Hessian of rank 2; which minor fails after that is up to rounding.
    let error = #expect(throws: CompressionError.self) {
      try model.compress(by: method, calibration: [[1, 2]], workers: Workers(threadCount: 1))
    }
    guard case .notPositiveDefinite(let layer, let minor, let dampeningFractions) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(layer == "model.layers.0.self_attn.q_proj.weight" && minor > 2 && dampeningFractions == [0])
  }

  @Test func `dampening that is raised is reported`() throws {
    var model = try Llama.random()
    let method = GPTQ(Quantizer(bits: 3), dampening: Dampening(0))
    let reports = try model.compress(by: method, calibration: [[1, 2]], workers: Workers(threadCount: 1))
    #expect(reports.allSatisfy { $0.dampeningFractions == [0, 0.01] })
  }
}
