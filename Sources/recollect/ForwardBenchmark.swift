import Models
import Tensors

/// A shape of model to be measured.
enum BenchmarkShape: String, CaseIterable {
  case llama288 = "llama-288"
  case llama768 = "llama-768"
  case opt125m = "opt-125m"

  struct Sizes {
    let vocabularySize: Int
    let width: Int
    let blockCount: Int
    let headCount: Int
    let feedForwardWidth: Int
  }

  var sizes: Sizes {
    switch self {
    case .llama288: Sizes(vocabularySize: 32000, width: 288, blockCount: 6, headCount: 6, feedForwardWidth: 768)
    case .llama768: Sizes(vocabularySize: 32000, width: 768, blockCount: 12, headCount: 12, feedForwardWidth: 2048)
    case .opt125m: Sizes(vocabularySize: 50272, width: 768, blockCount: 12, headCount: 12, feedForwardWidth: 3072)
    }
  }

  var isOPT: Bool { self == .opt125m }

  /// The longest sequence that OPT's position table allows.
  static let maximumLength = 2048

  var form: ModelForm {
    let sizes = sizes
    let shape = ModelShape(
      vocabularySize: sizes.vocabularySize, width: sizes.width, embeddingWidth: sizes.width,
      blockCount: sizes.blockCount, headCount: sizes.headCount, keyValueHeadCount: sizes.headCount,
      headWidth: sizes.width / sizes.headCount, maximumPositions: Self.maximumLength, hasPositionTable: isOPT)
    return isOPT
      ? .opt(shape, feedForwardWidth: sizes.feedForwardWidth)
      : .llama(shape, feedForwardWidth: sizes.feedForwardWidth, tiesHead: false)
  }
}

/// Forward passes over a batch of sequences, and the bare products within them, each to be timed by itself.
struct ForwardBenchmark<Model: LanguageModel> {
  let model: Model
  let sequences: [[Int]]
  let workers: Workers

  init(model: Model, batchSize: Int, length: Int, workers: Workers) {
    self.model = model
    self.workers = workers
    var stream = RandomStream(seed: 1, purpose: "benchmark tokens")
    sequences = (0..<batchSize).map { _ in
      (0..<length).map { _ in stream.nextInteger(below: model.shape.vocabularySize) }
    }
  }

  var tokenCount: Int { sequences.reduce(0) { $0 + $1.count } }

  /// Multiply-adds of the linear layers within the blocks.
  var linearMultiplyAdds: Int {
    tokenCount * model.linearNames.reduce(0) { $0 + model[$1].weight.count }
  }

  /// Multiply-adds of the head for every token.
  var headMultiplyAdds: Int { tokenCount * model.head.count }

  /// Sequences that run through the model together: at most four, and no more than leave work for every thread.
  private var sequencesTogether: Int { max(1, min(4, sequences.count / workers.threadCount)) }
  /// Rows of the logits that are there at once: whole dozens, as those of a forest are.
  private var logitRowsHeld: Int { 120 }

  private func mapPieces<Result: Sendable>(_ body: @Sendable ([[Int]]) -> Result) throws -> [Result] {
    let size = sequencesTogether
    return try workers.map((sequences.count + size - 1) / size) { piece in
      body(Array(sequences[piece * size..<min((piece + 1) * size, sequences.count)]))
    }
  }

  /// Through the blocks and the last norm.
  func runBlocks() throws {
    _ = try mapPieces { sequences in hidden(of: sequences) }
  }

  private func hidden(of sequences: [[Int]]) -> Matrix {
    model.normalized(model.run(TokenForest.planting(sequences, isSharing: false).forest).hidden)
  }

  /// The logits of every token too, which are dropped as soon as they are there.
  func runWithLogits() throws {
    _ = try mapPieces { sequences in
      let hidden = hidden(of: sequences)
      for start in stride(from: 0, to: hidden.rowCount, by: logitRowsHeld) {
        _ = model.logits(hidden.rows(start..<min(start + logitRowsHeld, hidden.rowCount)))
      }
    }
  }

  /// The products of the linear layers alone, over inputs of the same shapes.
  func runProducts(withHead: Bool) throws {
    let weights = model.linearNames.map { model[$0].weight } + (withHead ? [model.head] : [])
    _ = try mapPieces { sequences in
      var inputs: [Int: Matrix] = [:]
      for weight in weights {
        let rowCount = sequences.reduce(0) { $0 + $1.count }
        let input = inputs[weight.columnCount] ?? Matrix(rows: rowCount, columns: weight.columnCount, repeating: 0.5)
        inputs[weight.columnCount] = input
        _ = weight.multiplied(input)
      }
    }
  }
}
