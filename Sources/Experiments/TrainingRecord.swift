import Artifacts
import Foundation
import Models
import Recovery
import Results
import Tensors
import Training

/// What a training was asked to do, and of what: two with the same question give the same bits.
package struct TrainingQuestion: Codable, Sendable, Equatable {
  package let method: Method
  package let recipe: Recipe
  package let seed: UInt64
  package let corpus: Corpus
  /// nil where nothing is held out.
  package let validation: Validation?
  /// SHA-256 of everything that is read of the model, by file name.
  package let modelFiles: [String: String]
  /// OpenBLAS's kernel: others round differently.
  package let kernel: String

  /// What is trained; members that the method has no use for are missing.
  package struct Method: Codable, Sendable, Equatable {
    package let name: String
    package var rank: Int?
    package var alpha: Double?
    package var targets: String?
    package var dropout: Double?
    package var tokens: Int?
    package var initialization: String?
    package var scale: Double?
    package var text: String?
    package var width: Int?
  }

  package struct Recipe: Codable, Sendable, Equatable {
    package let steps: Int
    /// Input tokens over all steps; virtual ones do not count.
    package let tokens: Int
    package let batch: Int
    package let length: Int
    package let optimizer: String
    package let learningRate: Double
    package let weightDecay: Double
    package let betas: [Double]
    package let epsilon: Double
    package let schedule: String
    package let warmupSteps: Int
    package let maximumGradientNorm: Double?
    package let lossTokens: String
    /// Steps and nats of the rule by which a loss that rises ends the training.
    package let divergenceSteps: Int?
    package let divergenceNats: Double?
  }

  package struct Corpus: Codable, Sendable, Equatable {
    package let kind: TrainingCorpus.Kind
    package let file: String
    package let sha256: String
    /// No more than the first so many are read; nil for all.
    package let documentLimit: Int?
  }

  package struct Validation: Codable, Sendable, Equatable {
    /// The text that the sequences are the first of; nil for the last sequences of the training's own corpus, of which no
    /// batch has a token.
    package let corpus: Corpus?
    package let sequences: Int
    package let stepInterval: Int
    package let kept: KeptParameters
  }

  /// The digest that names a state of the training.
  var digest: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return sha256(try encoder.encode(self))
    }
  }
}

/// Which parameters of a training are its outcome.
package enum KeptParameters: String, Codable, Sendable, CaseIterable {
  /// Those with the least validation loss, the initial ones excepted.
  case best
  case last
}

/// What a training did: `training.json` beside the adapter.
package struct TrainingRecord: Codable, Sendable {
  package static let fileName = "training.json"

  package let question: TrainingQuestion
  package let parameters: Parameters
  /// Of the corpus: its tokens, and its sequences that are trained on once an epoch.
  package let corpusTokens: Int
  package let sequencesPerEpoch: Int
  /// Of each step's batch, before its update, in nats a token.
  package let losses: [Double]
  package let validations: [Validation]
  /// Steps taken before the parameters that were kept.
  package let keptStep: Int
  /// SHA-256 of the adapter's files, by name.
  package let files: [String: String]
  package let environment: Environment
  /// What another run would have otherwise.
  package let run: Run

  /// See `ParameterCounts`.
  package struct Parameters: Codable, Sendable, Equatable {
    package let formula: Int
    package let exact: Int
    package let trained: Int
    package let explanation: String?

    init(_ counts: ParameterCounts) {
      formula = counts.formula
      exact = counts.exact
      trained = counts.trained
      explanation = counts.explanation
    }
  }

  package struct Validation: Codable, Sendable, Equatable {
    package let step: Int
    /// The mean over real tokens, in nats.
    package let loss: Double
    package let perplexity: Double
  }

  package struct Run: Codable, Sendable {
    package let threads: Int
    /// Of the last run alone, if there were several.
    package let steps: Int
    package let seconds: Double
    /// Input tokens, the time for validation and checkpoints included; nil where no step was left.
    package let tokensPerSecond: Double?
  }

  /// nil where the folder has none.
  ///
  /// - Throws: `CheckpointError.unreadable`
  static func read(folder: String) throws -> TrainingRecord? {
    let path = folder + "/" + fileName
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    do {
      return try JSONDecoder().decode(TrainingRecord.self, from: data)
    } catch {
      throw CheckpointError.unreadable(file: path, reason: "not a record of a training: \(error)")
    }
  }
}

extension TrainingQuestion.Method {
  init(_ method: RecoveryMethod) {
    switch method {
    case .none, .idp, .concatenation: preconditionFailure("\(method) trains nothing")
    case .lora(let setting):
      self.init(
        name: "lora", rank: setting.rank, alpha: setting.alpha, targets: setting.targets.rawValue,
        dropout: setting.dropout)
    case .prompt(let setting):
      self.init(name: "prompt", tokens: setting.tokens, initialization: setting.initialization.name)
      switch setting.initialization {
      case .embeddingRows, .sampledVocabulary: break
      case .normal(let scale): self.scale = scale
      case .text(let text): self.text = text
      }
    case .prefix(let setting):
      self.init(name: "prefix", tokens: setting.tokens, initialization: setting.initialization.name)
      switch setting.initialization {
      case .normal(let scale): self.scale = scale
      case .text(let text): self.text = text
      case .projection(let width): self.width = width
      }
    }
  }
}

extension TrainingQuestion.Recipe {
  init(_ setting: TrainingSetting) {
    let recipe = setting.recipe
    self.init(
      steps: setting.steps, tokens: setting.steps * setting.batch * setting.length, batch: setting.batch,
      length: setting.length, optimizer: setting.optimizer.rawValue, learningRate: setting.learningRate,
      weightDecay: setting.weightDecay, betas: setting.betas, epsilon: setting.epsilon,
      schedule: setting.schedule.rawValue, warmupSteps: setting.warmupSteps,
      maximumGradientNorm: setting.maximumGradientNorm, lossTokens: setting.lossTokens.rawValue,
      divergenceSteps: recipe.divergence?.stepCount,
      divergenceNats: recipe.divergence?.excess)
  }
}
