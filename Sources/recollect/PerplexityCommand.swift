import ArgumentParser
import Evaluation
import Experiments
import Foundation
import Models
import Reports
import Results
import Tensors

struct PerplexityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "perplexity",
    abstract: "Measure a model's perplexity on texts.",
    discussion: """
      By the rolling protocol of lm-evaluation-harness every token of a document is predicted once, in windows of \
      --max-length; perplexities are per word and per byte of the original text. By that of GPTQ and SparseGPT the texts \
      are joined, encoded as one, and cut into windows of --window tokens, each on its own; the perplexity is per token.

      Where a model has a table of positions, prompts take some of them, and windows are shorter; the result says so.

      \(ScoringArguments.journalDiscussion)
      """)

  enum Method: String, ExpressibleByArgument, CaseIterable { case rolling, windows }
  enum Prefix: String, ExpressibleByArgument, CaseIterable { case eos, bos }

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var scoring: ScoringArguments

  @Option(help: "A raw file of Wikitext, such as wiki.test.raw.")
  var wikitext: String?

  @Option(help: "A file of C4: JSON lines with a member “text”, perhaps compressed by gzip.")
  var c4: String?

  @Option(help: "A text, which is one document.")
  var text: String?

  @Option(name: .customLong("protocol"), help: "rolling or windows.")
  var method = Method.rolling

  @Option(help: "The tokens of a window, by the protocol of windows.")
  var window = 2048  // model.seqlen in IST-DASLab/gptq

  @Option(
    help:
      "What stands before a document's first token, by the rolling protocol: eos, as in 2023, or bos, as from 0.4.3 on."
  )
  var prefix = Prefix.eos

  @Option(help: "Read at most so many documents, or windows; such a result is not comparable.")
  var limit: Int?

  private var asked: PerplexitySetting.Method {
    switch method {
    case .rolling: .rolling(documents: limit, prefix: prefix == .eos ? .endOfText : .beginningElseEndOfText)
    case .windows: .windows(length: window, windows: limit)
    }
  }

  func validate() throws {
    guard [wikitext, c4, text].count(where: { $0 != nil }) == 1 else {
      throw ValidationError("Name one text: --wikitext FILE, --c4 FILE or --text FILE.")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    if window < 2 {
      throw ValidationError("--window must be at least 2: the first token of a window is not predicted.")
    }
  }

  func run() throws {
    try reportingErrors {
      let signals = StopSignals()
      let tokenizer = try Tokenizer(folder: arguments.model)
      let source = try PerplexitySource(wikitext: wikitext, c4: c4, text: text)
      try measure(
        loadModel(folder: arguments.model, checkingNumbersWith: arguments.workers), tokenizer, source, signals)
    }
  }

  private func measure(
    _ model: some LanguageModel, _ tokenizer: Tokenizer, _ source: PerplexitySource, _ signals: StopSignals
  ) throws {
    let length = try arguments.length(for: model.shape)
    let measurement = try PerplexityMeasurement(
      arguments.adapted(model), tokenizer: tokenizer, maximumLength: length, workers: arguments.workers,
      schedule: arguments.schedule(for: model))
    let folders = try arguments.folders()
    let sha256 = try fileDigests([source.path])[0]
    let question = measurement.question(
      of: source, sha256: sha256, by: asked, model: folders.model, adapters: folders.adapters,
      program: try programDigest())
    var journal: ScoringJournal?
    let found = try scoring.showingProgress(signals, journal: { journal }) { progress in
      try measurement.outcome(of: source, by: asked) { windows, scorer in
        guard !windows.isEmpty else { return [] }
        let opened = try scoring.openedJournal(of: question, counts: [windows.count])
        journal = opened
        return try scorer.scores(
          of: windows, named: asked.name, journal: opened, shouldStop: { signals.received != nil },
          report: { progress.show($0) })
      }
    }
    let result = PerplexityResult(
      found, source: source, method: asked.name, model: folders.model, adapters: folders.adapters,
      prompting: measurement.prompting(folders.adapters), sha256: sha256,
      environment: Environment(programVersion: Recollect.version))
    try scoring.result.put(scoring.result.bytes(of: result), text: PerplexityTable(result).text)
    journal?.remove()
  }
}
