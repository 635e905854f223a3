import Models
import Training

/// How many numbers an adapter has, counted in three ways.
package struct ParameterCounts: Sendable, Equatable {
  /// By the formula of the paper's appendix A.
  package let formula: Int
  /// From the shapes of the architecture: the numbers that the adapted model computes with.
  package let exact: Int
  /// Of the tensors that were trained.
  package let trained: Int
  /// Why they differ; nil where they do not.
  package let explanation: String?

  package init(formula: Int, exact: Int, trained: Int, explanation: String?) {
    self.formula = formula
    self.exact = exact
    self.trained = trained
    self.explanation = explanation
  }
}

/// The sizes that an adapter's parameters depend on, which are known without any weights.
package struct AdaptedShape: Sendable {
  /// A linear layer of a block.
  package struct Layer: Sendable {
    package let path: String
    package let inputs: Int
    package let outputs: Int
  }

  package let shape: ModelShape
  package let feedForwardWidth: Int
  /// Those of one block.
  package let layers: [Layer]

  package init<Model: LanguageModel>(_ model: Model) {
    shape = model.shape
    let linears = model.blocks[0].linears
    layers = linears.map { Layer(path: $0.path, inputs: $0.weight.columnCount, outputs: $0.weight.rowCount) }
    feedForwardWidth = model.blocks[0].feedForward.linears.last?.weight.columnCount ?? 0
  }

  package init(_ form: ModelForm) {
    func layer(_ path: String, _ outputs: Int, _ inputs: Int) -> Layer {
      Layer(path: path, inputs: inputs, outputs: outputs)
    }
    let attention: (ModelShape, String) -> [Layer] = { shape, output in
      let queryWidth = shape.headCount * shape.headWidth
      return [
        layer("self_attn.q_proj", queryWidth, shape.width), layer("self_attn.k_proj", shape.keyValueWidth, shape.width),
        layer("self_attn.v_proj", shape.keyValueWidth, shape.width),
        layer("self_attn.\(output)", shape.width, queryWidth),
      ]
    }
    switch form {
    case .llama(let shape, let inner, _):
      self.shape = shape
      feedForwardWidth = inner
      layers =
        attention(shape, "o_proj") + [
          layer("mlp.gate_proj", inner, shape.width), layer("mlp.up_proj", inner, shape.width),
          layer("mlp.down_proj", shape.width, inner),
        ]
    case .opt(let shape, let inner):
      self.shape = shape
      feedForwardWidth = inner
      layers = attention(shape, "out_proj") + [layer("fc1", inner, shape.width), layer("fc2", shape.width, inner)]
    }
  }
}

extension AdapterMethod {
  /// The counts for a model of that shape.
  package func parameterCounts(of adapted: AdaptedShape) -> ParameterCounts {
    let shape = adapted.shape
    let blockCount = shape.blockCount
    switch self {
    case .lowRank(let method):
      let layers = adapted.layers.filter { method.adapts($0.path) }
      let formula = blockCount * method.rank * (8 * shape.width + 4 * adapted.feedForwardWidth)
      let exact = blockCount * method.rank * layers.reduce(0) { $0 + $1.inputs + $1.outputs }
      let names = layers.map { $0.path.split(separator: ".").last.map(String.init) ?? $0.path }
      return ParameterCounts(
        formula: formula, exact: exact, trained: exact,
        because: formula == exact
          ? nil
          : """
          the formula has r · 8 d for attention and r · 4 d_inter for the feed-forward layer, where each adapted layer \
          (\(names.joined(separator: ", "))) has r (in + out)
          """)
    case .prompt(let method):
      let (formula, exact) = (method.tokenCount * shape.width, method.tokenCount * shape.embeddingWidth)
      return ParameterCounts(
        formula: formula, exact: exact, trained: exact,
        because: formula == exact ? nil : "the formula has d for a token, where the model's embeddings are narrower")
    case .prefix(let method):
      let tableWidth = 2 * blockCount * shape.keyValueWidth
      let (formula, exact) = (blockCount * method.tokenCount * shape.width, method.tokenCount * tableWidth)
      return ParameterCounts(
        formula: formula, exact: exact,
        trained: method.projectionWidth(shape).map { width in
          method.tokenCount * shape.keyValueWidth + width * (shape.keyValueWidth + 1) + tableWidth * (width + 1)
        } ?? exact,
        because: formula == exact
          ? nil : "the formula has one vector of d for a token in a block, where keys and values are two of G · D")
    }
  }
}

extension ParameterCounts {
  fileprivate init(formula: Int, exact: Int, trained: Int, because reason: String?) {
    let projection =
      trained == exact ? nil : "what was trained is a projection, of which only what it makes of the tokens is kept"
    let reasons = [reason, projection].compactMap(\.self)
    self.init(
      formula: formula, exact: exact, trained: trained,
      explanation: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
  }
}
