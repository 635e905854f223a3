import Models
import Tensors

/// Sequences of random tokens that run through models for the time that it takes.
package struct TimedBatch: Sendable {
  package let sequences: [[Int]]
  package let length: Int

  package init(count: Int, length: Int, vocabularySize: Int) {
    precondition(count > 0 && length > 0, "a batch of \(count) × \(length) tokens")
    var stream = RandomStream(seed: 1, purpose: "timed batch")
    sequences = (0..<count).map { _ in (0..<length).map { _ in stream.nextInteger(below: vocabularySize) } }
    self.length = length
  }

  /// Sequences that run through a model in one piece, on one thread: about as many tokens as a piece of a schedule has,
  /// but no fewer pieces than threads.
  package func sequencesTogether(threadCount: Int) -> Int {
    max(1, min(ScoringSchedule().pieceSize / length, sequences.count / threadCount))
  }
}

/// A model with its prompts, as it is timed: from the tokens of a batch to the likeliest next token of each sequence.
package struct TimedModel<Model: LanguageModel>: Sendable {
  package let model: Model
  package let prompts: PromptBank?

  package init(_ model: Model, prompts: PromptBank? = nil) {
    self.model = model
    self.prompts = prompts
  }

  /// - Throws: `PositionError` where the model has no position for the end of the sequences behind its prompts.
  package func expectRoom(for batch: TimedBatch) throws(PositionError) {
    try model.shape.expectRoom(forPositions: (prompts?.inputPosition ?? 0) + batch.length)
  }

  package func run(_ batch: TimedBatch, workers: Workers) throws {
    let size = batch.sequencesTogether(threadCount: workers.threadCount)
    let sequences = batch.sequences
    _ = try workers.map((sequences.count + size - 1) / size) { piece in
      let own = Array(sequences[piece * size..<min((piece + 1) * size, sequences.count)])
      let run = model.run(TokenForest.planting(own, isSharing: false).forest, prompts: prompts)
      return model.likeliestTokens(behind: run.sequences.compactMap(\.last), hidden: run.hidden).count
    }
  }
}
