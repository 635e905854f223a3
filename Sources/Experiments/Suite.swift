import Compression
import Evaluation
import Results

/// The question that a suite asks, every knob explicit: models × compressions × recoveries, scored on tasks.
///
/// It is what `suite.yaml` says once its defaults are filled in; `Suite(contentsOf:)` reads one.
package struct Suite: Equatable, Sendable {
  package var name: String
  /// The cells of a quick run, by their paths without ".json"; all where the suite names none.
  package var quick: [String]
  /// How results are held against the baseline. It changes no result.
  package var gate: GateSettings
  package var seed: UInt64
  /// The folder that all other paths start from, relative to the suite's file; nil where they are of artifacts.
  package var data: String?
  /// Names in the manifest of what is fetched before anything else; paths then begin with one of them.
  package var artifacts: [String] = []
  package var models: [ModelSetting]
  /// Nil where nothing is calibrated.
  package var calibration: CalibrationSetting?
  package var compressions: [CompressionSetting]
  /// Nil where nothing is trained.
  package var training: TrainingSetting?
  package var recoveries: [RecoverySetting]
  package var evaluation: EvaluationSetting
  package var tasks: [TaskSetting]
  /// Other texts than the calibration's and the training's own, for compressions that name one.
  package var texts: [TextSetting] = []
  /// Texts whose perplexity is measured; none where the suite names none.
  package var perplexities: [PerplexitySetting]
  /// Nil where the models are not held against the dense one.
  package var similarity: SimilaritySetting?
  /// Nil where nothing is timed.
  package var latency: LatencySetting?

  /// The cells of the grid: for each model, each compression, each recovery, in the suite's order.
  package func cells() throws(ResultError) -> [Cell] {
    var cells: [Cell] = []
    for model in models {
      for compression in compressions {
        for recovery in recoveries(of: compression) {
          cells.append(try Cell(model: model.name, compression: compression.name, recovery: recovery.name))
        }
      }
    }
    return cells
  }

  /// The recoveries that are tried on what a compression leaves, in the suite's order.
  package func recoveries(of compression: CompressionSetting) -> [RecoverySetting] {
    guard let names = compression.recoveries else { return recoveries }
    return recoveries.filter { names.contains($0.name) }
  }

  /// What a compression is calibrated on.
  package func calibration(of compression: CompressionSetting) -> CalibrationSetting? {
    guard compression.method.needsCalibration, var calibration else { return nil }
    if let text = text(of: compression) {
      calibration.corpus = text.corpus
      calibration.sha256 = text.sha256
      calibration.source = text.calibrationSource
    }
    return calibration
  }

  /// How the recoveries of what a compression leaves are trained.
  package func training(of compression: CompressionSetting) -> TrainingSetting? {
    guard var training else { return nil }
    if let text = text(of: compression) {
      training.corpus = text.corpus
      training.sha256 = text.sha256
      training.kind = text.kind
    }
    return training
  }

  private func text(of compression: CompressionSetting) -> TextSetting? {
    compression.text.flatMap { name in texts.first { $0.name == name } }
  }

  /// The cells of a quick run, in the suite's order.
  package func quickCells() throws(ResultError) -> [Cell] {
    let cells = try cells()
    return quick.isEmpty ? cells : cells.filter { quick.contains($0.name) }
  }

  /// The JSON text of everything that can change a result, for digests. Folders are left out: digests name the files.
  package func canonicalText() -> String {
    var members: [String: CanonicalJSON] = [
      "suite": .string(name),
      "seed": .string(String(seed)),
      "models": .array(models.map(\.canonical)),
      "calibration": calibration?.canonical ?? .null,
      "compressions": .array(compressions.map(\.canonical)),
      "training": training?.canonical ?? .null,
      "recoveries": .array(recoveries.map(\.canonical)),
      "evaluation": evaluation.canonical,
      "tasks": .array(tasks.map(\.canonical)),
    ]
    // As it was before there was a choice, so that digests of suites stay.
    if !texts.isEmpty { members["texts"] = .array(texts.map(\.canonical)) }
    members.merge(canonicalMeasurements) { $1 }
    if let latency { members["latency"] = latency.canonical }
    return CanonicalJSON.object(members).text
  }

  /// What is measured beside the tasks and has the same bits wherever it is measured. Empty where nothing is, so that
  /// digests of suites stay as they were before there was any.
  var canonicalMeasurements: [String: CanonicalJSON] {
    var members: [String: CanonicalJSON] = [:]
    if !perplexities.isEmpty { members["perplexity"] = .array(perplexities.map(\.canonical)) }
    if let similarity { members["similarity"] = similarity.canonical }
    return members
  }
}

/// A checkpoint folder and the digests of the files in it that count.
package struct ModelSetting: Equatable, Sendable {
  package var name: String
  package var folder: String
  /// SHA-256 by file name.
  package var sha256: [String: String]

  package var canonical: CanonicalJSON { ["name": .string(name), "sha256": .strings(sha256)] }

  package init(
    name: String, folder: String, sha256: [String: String]
  ) {
    self.name = name
    self.folder = folder
    self.sha256 = sha256
  }
}

/// The text from which compressors learn what a layer's inputs look like.
package struct CalibrationSetting: Equatable, Sendable {
  package var corpus: String
  package var sha256: String
  /// What the corpus is, and how it is drawn from.
  package var source: CalibrationText.Source = .c4
  package var samples: Int
  /// Tokens of a sample.
  package var length: Int
  package var seed: UInt64

  package var canonical: CanonicalJSON {
    var members: [String: CanonicalJSON] = [
      "sha256": .string(sha256), "samples": .integer(samples), "length": .integer(length),
      "seed": .string(String(seed)),
    ]
    if source != .c4 { members["source"] = .string(source.rawValue) }
    return .object(members)
  }
}

/// A text that compressions may be calibrated, and their recoveries trained, on.
package struct TextSetting: Equatable, Sendable {
  package var name: String
  package var kind: TrainingCorpus.Kind
  package var corpus: String
  package var sha256: String

  package var canonical: CanonicalJSON {
    ["name": .string(name), "kind": .string(kind.rawValue), "sha256": .string(sha256)]
  }

  var calibrationSource: CalibrationText.Source { kind == .wikitext ? .wikitext : .c4 }
}

package struct EvaluationSetting: Equatable, Sendable {
  package enum Order: String, CaseIterable, Sendable {
    /// As lm-evaluation-harness 0.3 shuffles them, so that the first n are a fair sample.
    case shuffled
    case file
  }

  /// How many documents of each task to score; nil for all.
  package var documents: Int?
  package var order: Order

  package var canonical: CanonicalJSON { ["documents": .optional(documents), "order": .string(order.rawValue)] }

  package init(
    documents: Int? = nil, order: Order
  ) {
    self.documents = documents
    self.order = order
  }
}

package struct TaskSetting: Equatable, Sendable {
  package static let knownTasks = Benchmark.names

  /// As `Benchmark.named` takes it: "triviaqa", or "triviaqa@0.4" for another form than that of 2023.
  package var task: String
  package var files: [String]
  /// SHA-256 of each file, in the order of `files`.
  package var sha256: [String]
  /// How many documents the files hold; another count fails.
  package var documents: Int

  package var canonical: CanonicalJSON {
    ["task": .string(task), "sha256": .strings(sha256), "documents": .integer(documents)]
  }
}
