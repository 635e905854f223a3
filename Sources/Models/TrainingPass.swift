import Tensors

/// What accompanies a sequence that is run for its loss and its gradients.
package struct TrainingPass: Sendable {
  /// Keys and values in front of every block's own; the sequence begins at the position behind them.
  package let prefix: KeyValueCache?
  /// Of the inputs of low-rank updates; nil: nothing is dropped.
  package let dropout: InputDropout?
  /// Whether the gradient with respect to the embeddings is wanted.
  package let trainsEmbeddings: Bool
  /// Whether the model's own tensors are trained, all of them.
  package let trainsTensors: Bool
  /// The most that is kept of the sequence's activations for the backward pass, in bytes: those of the last blocks. The
  /// others are computed again when their turn comes, from their blocks' inputs, to the same bits.
  package let keptBytes: Int

  package init(
    prefix: KeyValueCache? = nil, dropout: InputDropout? = nil, trainsEmbeddings: Bool = true,
    trainsTensors: Bool = false, keptBytes: Int = 1 << 28
  ) {
    self.keptBytes = keptBytes
    self.prefix = prefix
    self.dropout = dropout
    self.trainsEmbeddings = trainsEmbeddings
    self.trainsTensors = trainsTensors
  }

  /// The position of the sequence's first token.
  package var firstPosition: Int { prefix?.blocks.first?.count ?? 0 }

  package func block(_ index: Int, angles: RotaryAngles?) -> Block {
    Block(
      index: index, angles: angles, prefix: prefix?.blocks[index], dropout: dropout, trainsTensors: trainsTensors)
  }

  /// The part of a pass that one block is concerned with.
  package struct Block: Sendable {
    package let index: Int
    let angles: RotaryAngles?
    let prefix: KeyValueCache.Block?
    let dropout: InputDropout?
    let trainsTensors: Bool
    /// What sequences behind this one say of its keys, turned, and its values, on the way back.
    package var keyValueGradient: KeyValueCache.Block?

    package init(
      index: Int, angles: RotaryAngles? = nil, prefix: KeyValueCache.Block? = nil, dropout: InputDropout? = nil,
      trainsTensors: Bool = false
    ) {
      self.index = index
      self.angles = angles
      self.prefix = prefix
      self.dropout = dropout
      self.trainsTensors = trainsTensors
    }
  }
}

/// The gradients of what is trained in a model's blocks: low-rank updates by layer, the prefix by block, and the tensors of
/// linear layers and norms.
package struct BlockGradients: Sendable {
  package private(set) var updates: [LinearName: LowRankGradient] = [:]
  /// With respect to the keys and values in front of each block's own.
  package private(set) var prefixes: [Int: KeyValueCache.Block] = [:]

  package private(set) var linears: [LinearName: TensorGradient] = [:]
  package private(set) var norms: [NormName: TensorGradient] = [:]

  package init() {}

  mutating func add(_ gradient: TensorGradient, to name: LinearName) { linears[name] = gradient }

  mutating func add(_ gradient: TensorGradient, to name: NormName) { norms[name] = gradient }

  mutating func add(_ gradient: LowRankGradient, to name: LinearName) { updates[name] = gradient }

  mutating func add(_ gradient: KeyValueCache.Block, toPrefixOf block: Int) { prefixes[block] = gradient }
}
