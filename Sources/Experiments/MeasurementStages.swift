import Evaluation
import Foundation
import Models
import Results
import Synchronization
import Tensors

/// A text whose perplexity a suite measures, ready to be read, with about how many tokens it has.
struct ScoredText: Sendable {
  let setting: PerplexitySetting
  let source: PerplexitySource
  let tokenCount: Int
  /// Of what is turned into tokens.
  let byteCount: Int

  /// - Parameter limit: documents or windows at most, beside the setting's own.
  init(
    _ setting: PerplexitySetting, sources: SuiteSources, limit: Int?, tokenizer: Tokenizer
  ) throws(CheckpointError) {
    var setting = setting
    switch setting.method {
    case .rolling(let documents, let prefix):
      setting.method = .rolling(documents: [documents, limit].compactMap(\.self).min(), prefix: prefix)
    case .windows(let length, let windows):
      setting.method = .windows(length: length, windows: [windows, limit].compactMap(\.self).min())
    }
    let source = try PerplexitySource(setting.source, path: sources.path(setting.corpus))
    self.setting = setting
    self.source = source
    // Tokens are as many to a byte in all of a text as in the beginning of it, about.
    let texts: [String]
    var most = Int.max
    switch setting.method {
    case .rolling(let documents, _): texts = Array(source.documents.prefix(documents ?? .max))
    case .windows(let length, let windows):
      texts = [source.joined]
      let (product, isTooLarge) = length.multipliedReportingOverflow(by: min(windows ?? .max, source.windowLimit))
      most = isTooLarge ? .max : product
    }
    var sample = ""
    for text in texts where sample.utf8.count < Self.sampleSize {
      sample += text.prefix(Self.sampleSize - sample.utf8.count)
    }
    byteCount = texts.reduce(0) { $0 + $1.utf8.count }
    let tokensOfByte = Double(tokenizer.encode(sample).count) / Double(max(1, sample.utf8.count))
    tokenCount = min(most, Int(Double(byteCount) * tokensOfByte))
  }

  private static let sampleSize = 50_000
}

extension StageMaker {
  // MARK: Perplexity

  func measure<Model: LanguageModel>(
    _ text: ScoredText, by recovered: RecoveredModel<Model>, stage planned: PlannedStage
  ) throws -> (result: CellPerplexity, stage: StoredStage) {
    let stored = try stage(planned) { folder in
      let measurement = PerplexityMeasurement(
        recovered.adapted, tokenizer: tokenizer, maximumLength: recovered.model.shape.maximumPositions,
        workers: workers, schedule: ScoringSchedule())
      let done = Mutex(0)
      let progress: @Sendable (Int, Int) throws -> Void = { _, tokens in
        // Within the lock, so that what is shown never goes back.
        try done.withLock {
          $0 += tokens
          try advance(planned, min(1, Double($0) / Double(max(1, text.tokenCount))), $0, "")
        }
      }
      let found = try measurement.outcome(of: text.source, by: text.setting.method) { windows, scorer in
        try scorer.scores(of: windows, progress: progress)
      }
      guard found.negativeLogLikelihood.isFinite else {
        throw ScoringError.notANumber(task: "the perplexity \(text.setting.name)", document: 0)
      }
      try write(CellPerplexity(text.setting, found), to: folder)
    }
    return (try readSummary(stored), stored)
  }

  // MARK: Similarity

  func compare<Model: LanguageModel>(
    _ recovered: RecoveredModel<Model>, to dense: Model, _ setting: SimilaritySetting, stage planned: PlannedStage
  ) throws -> (result: CellSimilarity, stage: StoredStage) {
    let stored = try stage(planned) { folder in
      let source = try PerplexitySource(setting.source, path: sources.path(setting.corpus))
      let texts = try SimilarityTexts(
        source, samples: setting.samples, length: setting.length, tokenizer: tokenizer, shape: dense.shape)
      let blockCount = dense.shape.blockCount
      let tokenCount = setting.samples * setting.length
      let found = try ModelSimilarity(
        of: recovered.model, prompts: recovered.prompts, to: dense, texts: texts.tokens, workers: workers
      ) { blocks in
        try advance(
          planned, Double(blocks) / Double(blockCount), tokenCount * blocks / blockCount,
          "block \(blocks) of \(blockCount)")
      }
      try write(CellSimilarity(found, samples: setting.samples, length: setting.length), to: folder)
    }
    return (try readSummary(stored), stored)
  }
}

extension CellPerplexity {
  fileprivate init(_ setting: PerplexitySetting, _ found: PerplexityOutcome) {
    self.init(
      name: setting.name, method: setting.method.name, window: found.window, tokens: found.tokens,
      negativeLogLikelihood: found.negativeLogLikelihood, tokenPerplexity: found.tokenPerplexity,
      wordPerplexity: found.rolling?.wordPerplexity)
  }
}

extension CellSimilarity {
  package init(_ found: ModelSimilarity, samples: Int, length: Int) {
    self.init(
      samples: samples, length: length, attentionByRow: found.attentionByRow,
      attentionFlattened: found.attentionFlattened, activationsByRow: found.activationsByRow,
      activationsFlattened: found.activationsFlattened)
  }
}
