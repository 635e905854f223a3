import Tensors

/// What the tensors outside of linear layers are called in a checkpoint, without ".weight" and ".bias".
package struct TensorNames: Sendable {
  package let embedding: String
  /// nil where positions are no rows of a table.
  package let positionTable: String?
  /// Behind a block's prefix.
  package let attentionNorm: String
  package let feedForwardNorm: String
  package let lastNorm: String

  package func norm(_ place: NormName.Place) -> String {
    switch place {
    case .attention: attentionNorm
    case .feedForward: feedForwardNorm
    }
  }
}

/// The tensors of a model outside of its blocks.
package struct OuterTensors: Sendable {
  package var embedding: Weight
  /// nil where positions are no rows of a table.
  package var positionTable: Weight?
  /// nil in OPT-350m.
  package var lastNorm: Normalization?
  /// nil where the embedding serves as the head too.
  package var separateHead: Weight?
}

extension LanguageModel {
  /// The row of the position table that a sequence's first token takes.
  package var firstPositionRow: Int { OPT.firstPositionRow }

  /// Every tensor as floats by its name in a checkpoint, in the checkpoint's order: what is trained where all of a model
  /// is.
  ///
  /// A head that is the embedding stands there once; that of vectors has one row.
  package var tensorMatrices: [(name: String, value: Matrix)] {
    checkpointTensors.map { tensor in
      guard case .floats(let matrix, _) = tensor.content else {
        preconditionFailure("\(tensor.name) is not held as floats")
      }
      return (tensor.name, matrix)
    }
  }

  /// The same as `tensorMatrices` of a model whose tensors lie in files.
  ///
  /// - Throws: `.unsupportedType` for integers.
  package func widenedTensors() throws(CheckpointError) -> [(name: String, value: Matrix)] {
    var tensors: [(name: String, value: Matrix)] = []
    for tensor in checkpointTensors {
      switch tensor.content {
      case .floats(let matrix, _): tensors.append((tensor.name, matrix))
      case .stored(let stored): tensors.append((tensor.name, try stored.matrix()))
      case .bytes(_, let type): throw .unsupportedType(tensor: tensor.name, file: "memory", found: type.rawValue)
      }
    }
    return tensors
  }

  /// The same model with other numbers: `value` gives each tensor by its name, as `tensorMatrices` has it.
  package func replacingTensors(_ value: (String) -> Matrix) -> Self {
    var model = self
    let names = Self.tensorNames
    model.outerTensors.embedding = Weight(value(names.embedding + ".weight"))
    if let table = names.positionTable { model.outerTensors.positionTable = Weight(value(table + ".weight")) }
    model.outerTensors.lastNorm?.replaceTensors(names.lastNorm, value)
    if outerTensors.separateHead != nil { model.outerTensors.separateHead = Weight(value("lm_head.weight")) }
    for index in blocks.indices {
      let prefix = "\(Self.blockPrefix)\(index)."
      model.blocks[index].attentionNorm.replaceTensors(prefix + names.attentionNorm, value)
      model.blocks[index].feedForwardNorm.replaceTensors(prefix + names.feedForwardNorm, value)
      model.blocks[index].linears = blocks[index].linears.map { linear in
        var linear = linear
        linear.weight = Weight(value("\(prefix)\(linear.path).weight"))
        if linear.bias != nil { linear.bias = value("\(prefix)\(linear.path).bias").elements }
        return linear
      }
    }
    return model
  }
}

extension Normalization {
  fileprivate mutating func replaceTensors(_ name: String, _ value: (String) -> Matrix) {
    weight = value(name + ".weight").elements
    if case .layer(var norm) = self {
      norm.bias = value(name + ".bias").elements
      self = .layer(norm)
    }
  }
}
