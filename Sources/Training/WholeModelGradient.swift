import Models
import Tensors

extension LanguageModel {
  /// All tensors of the model, to be trained.
  package var tensorParameters: ParameterSet { ParameterSet(tensorMatrices) }

  /// The model with other numbers in all its tensors.
  package func with(_ parameters: ParameterSet) -> Self {
    let values = Dictionary(uniqueKeysWithValues: zip(parameters.names, parameters.values))
    return replacingTensors { name in
      guard let value = values[name] else { preconditionFailure("no values for \(name)") }
      return value
    }
  }

  /// The mean loss of a batch of sequences, each token predicted from those before it, and its gradient with respect to
  /// every tensor, in the order of `tensorParameters`.
  package func wholeGradient(_ sequences: [[Int]], workers: Workers) throws -> BatchGradient {
    let names = tensorMatrices.map(\.name)
    let targetCount = sequences.reduce(0) { $0 + $1.count - 1 }
    return try BatchGradient(sequenceCount: sequences.count, targetCount: targetCount, workers: workers) { index in
      let tokens = sequences[index]
      let found = gradient(
        embeddings: embedded(tokens), targets: Array(tokens.dropFirst()), firstTargetRow: 0,
        weight: 1 / Float(targetCount), pass: TrainingPass(trainsTensors: true))
      let gradients = tensorGradients(of: found, tokens: tokens)
      return (
        found.loss,
        names.map { name in
          guard let gradient = gradients[name] else { preconditionFailure("no gradient of \(name)") }
          return gradient
        }
      )
    }
  }

  /// By name, from what a sequence that begins at the first position gave.
  private func tensorGradients(of found: SequenceGradient, tokens: [Int]) -> [String: Matrix] {
    precondition(shape.embeddingWidth == shape.width, "a model whose embeddings are projected is not trained whole")
    let names = Self.tensorNames
    var gradients: [String: Matrix] = [:]
    func take(_ gradient: TensorGradient, _ name: String) {
      gradients[name + ".weight"] = gradient.weight
      gradients[name + ".bias"] = gradient.bias
    }
    for (name, gradient) in found.updates.linears { take(gradient, "\(Self.blockPrefix)\(name.block).\(name.path)") }
    for (name, gradient) in found.updates.norms {
      take(gradient, "\(Self.blockPrefix)\(name.block).\(names.norm(name.place))")
    }
    guard let outer = found.outer else { preconditionFailure("the sequence was not run for the model's tensors") }
    if let lastNorm = outer.lastNorm { take(lastNorm, names.lastNorm) }
    // A head that is the embedding has the gradients of both its uses.
    let isTied = outerTensors.separateHead == nil
    var embedding = isTied ? outer.head : Matrix(rows: shape.vocabularySize, columns: shape.embeddingWidth)
    embedding.addRows(found.embeddings, at: tokens)
    gradients[names.embedding + ".weight"] = embedding
    if !isTied { gradients["lm_head.weight"] = outer.head }
    if let name = names.positionTable, let table = outerTensors.positionTable {
      var gradient = Matrix(rows: table.rowCount, columns: table.columnCount)
      gradient.addRows(found.embeddings, at: tokens.indices.map { $0 + firstPositionRow })
      gradients[name + ".weight"] = gradient
    }
    return gradients
  }
}
