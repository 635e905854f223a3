import Models
import Tensors

/// A sequence's way through a model's blocks, kept as far as the way back needs it.
///
/// Below the lowest block in which anything is trained nothing goes back.
struct TracedBlocks<Model: LanguageModel> {
  private let model: Model
  private let pass: TrainingPass
  private let passes: [TrainingPass.Block]
  /// The row of the last block's input from which on its output is wanted.
  private let firstRow: Int
  /// The lowest block through which gradients go; nil: none do.
  private let lowest: Int?
  /// Of the blocks whose activations are computed again, from these.
  private var inputs: [Matrix?] = []
  private var kept: [TransformerBlock.Activations?] = []
  /// What the last block made of the rows wanted (n, C).
  let output: Matrix

  /// - Parameters:
  ///   - embeddings: (T, E), at the positions behind the pass's prefix.
  ///   - firstRow: of the rows whose output is wanted; others run as far as these see them.
  ///   - visit: is shown the activations of each block.
  init(
    _ model: Model, embeddings: Matrix, from firstRow: Int, pass: TrainingPass,
    visit: (TransformerBlock.Activations) -> Void = { _ in }
  ) {
    let (blocks, blockCount) = (model.blocks, model.shape.blockCount)
    let positions = pass.firstPosition..<pass.firstPosition + embeddings.rowCount
    let angles = model.angles(at: positions)
    self.model = model
    self.pass = pass
    self.firstRow = firstRow
    passes = (0..<blockCount).map { pass.block($0, angles: angles) }
    lowest = pass.trainsEmbeddings ? 0 : passes.first { blocks[$0.index].isTrained(in: $0) }?.index
    let keptCount = Self.keptBlockCount(model, rowCount: embeddings.rowCount, bytes: pass.keptBytes)
    let firstKept = max(lowest ?? blockCount, blockCount - keptCount)
    var hidden = model.hiddenStates(embeddings, at: positions)
    for pass in passes {
      let isTrained = lowest.map { pass.index >= $0 } ?? false
      inputs.append(isTrained && pass.index < firstKept ? hidden : nil)
      let (output, activations) = model.blockActivations(
        hidden, from: pass.index == blockCount - 1 ? firstRow : 0, in: pass)
      visit(activations)
      kept.append(pass.index >= firstKept ? activations : nil)
      hidden = output
    }
    output = hidden
  }

  /// The number of blocks of which all activations of so many rows can be kept: the inputs and outputs of their layers.
  private static func keptBlockCount(_ model: Model, rowCount: Int, bytes: Int) -> Int {
    let width = model.blocks[0].linears.reduce(0) { $0 + $1.weight.rowCount + $1.weight.columnCount }
    return min(model.shape.blockCount, bytes / max(width * rowCount * MemoryLayout<Float>.stride, 1))
  }

  /// From the gradient of the output (n, C) to that of what entered the first block (T, C), nil where that is not wanted;
  /// those of what is trained in the blocks go to `gradients`. To be called once: what was kept is given up on the way.
  ///
  /// - Parameter behind: of each block, what sequences behind this one say of its keys and values; empty where there are
  ///   none.
  mutating func backward(
    _ gradient: Matrix, behind: [KeyValueCache.Block] = [], gradients: inout BlockGradients
  ) -> Matrix? {
    guard let lowest else { return nil }
    var gradient = gradient
    for var block in passes[lowest...].reversed() {
      guard let activations = kept[block.index] ?? inputs[block.index].map({ again($0, block) }) else {
        preconditionFailure("no way back through block \(block.index)")
      }
      (kept[block.index], inputs[block.index]) = (nil, nil)
      if !behind.isEmpty { block.keyValueGradient = behind[block.index] }
      let inputGradient = model.blockBackward(
        gradient, activations, in: block, wantsInput: pass.trainsEmbeddings || block.index > lowest,
        gradients: &gradients)
      guard let inputGradient else { return nil }
      gradient = inputGradient
    }
    return gradient
  }

  private func again(_ input: Matrix, _ block: TrainingPass.Block) -> TransformerBlock.Activations {
    model.blockActivations(input, from: block.index == passes.count - 1 ? firstRow : 0, in: block).activations
  }
}
