import ArgumentParser
import Evaluation
import Foundation
import Models
import Reports
import Tensors

struct EvaluationBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluation",
    abstract: "Measure how fast models of random weights score benchmarks.",
    discussion: """
      For each shape and each benchmark's first documents: documents a second as `recollect evaluate` scores them, and \
      when nothing that requests begin with is shared; and the tokens that ran through the model for each. Beside each \
      ratio of times stands, in brackets, that of the multiply-adds with weights, which is what can be expected where \
      both multiply equally fast. The share is that of the rate of bare matrix products, measured in the same run, which \
      those multiply-adds make of the time. The peak of the memory stands beside the size of the weights. Repetitions \
      go by turns; the table has medians.

      Where RECOLLECT_PYTHON names a Python that has lm-evaluation-harness (lm_eval, with torch and transformers), it \
      scores the same requests by turns with this program, in float32 on as many threads, with the best of several batch \
      sizes. The last column is the largest ratio that this machine allows: for a program that does the multiply-adds at \
      the rate of bare products, and nothing else.

      Example: recollect benchmark evaluation --tokenizer CHECKPOINT --task arc_easy=ARC-Easy-Test.jsonl \
      --task piqa=valid.jsonl,valid-labels.lst
      """)

  @Option(help: "A shape of model; may be repeated.")
  var shape: [BenchmarkShape] = [.llama288, .llama768]

  @Option(help: "The folder of a tokenizer, of at most as many tokens as the shapes have.")
  var tokenizer: String

  @Option(name: .customLong("task"), help: BenchmarkSample.help)
  var tasks: [String]

  @Option(help: "Documents of each benchmark.")
  var limit = 100

  @Option(name: .customLong("batch"), help: "A batch size for lm-evaluation-harness; may be repeated.")
  var batches: [Int] = [1, 8, 32]

  @Option(help: "How many threads work.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "How often each is run.")
  var repetitions = 3

  func validate() throws {
    guard limit > 0, threads > 0, repetitions > 0, batches.allSatisfy({ $0 > 0 }), !batches.isEmpty else {
      throw ValidationError("--limit, --batch, --threads and --repetitions must be at least 1.")
    }
  }

  func run() throws {
    try reportingErrors {
      let tokenizer = try Tokenizer(folder: tokenizer)
      let samples = try tasks.map { try BenchmarkSample($0, limit: limit, tokenizer: tokenizer) }
      let reference = try ReferenceEvaluation.started()
      var rows: [[String]] = []
      for shape in shape {
        guard samples.allSatisfy({ $0.largestToken < shape.sizes.vocabularySize }) else {
          throw ValidationError(
            "\(shape.rawValue) has \(shape.sizes.vocabularySize) tokens, fewer than the tokenizer in \(self.tokenizer)."
          )
        }
        try reference?.take(shape, threads: threads)
        rows += try figures(shape, shape.form.initialized(seed: 1), samples, reference)
      }
      let heading =
        ["shape, benchmark", "documents/s", "tokens", "share", "unshared documents/s", "tokens", "ratio"]
        + ["peak/weights MB"] + (reference == nil ? [] : ["lm_eval documents/s", "batch", "ratio", "at most"])
      print(TextTable(heading: heading, rows: rows, headingWidth: 16, gap: 2).text, terminator: "")
      print("OpenBLAS kernel \(OpenBLAS.kernel), \(threads) threads, \(limit) documents, medians of \(repetitions)")
      if reference == nil { print("→ to compare: name a Python that has lm_eval in \(PythonPeer.variable)") }
    }
  }

  private func figures(
    _ shape: BenchmarkShape, _ model: some LanguageModel, _ samples: [BenchmarkSample],
    _ reference: ReferenceEvaluation?
  ) throws -> [[String]] {
    let workers = Workers(threadCount: threads)
    // As they lie in memory here: floats.
    let blockWeights = model.linearNames.reduce(0) { $0 + model[$1].weight.count }
    let weightBytes = 4 * (blockWeights + 2 * model.head.count)
    var all = (ours: 0.0, unshared: 0.0, theirs: 0.0, least: 0.0, documents: 0)
    var allWork = Work()
    var rows = try samples.map { sample in
      standardError("\(shape.rawValue), \(sample.name): \(sample.documentCount) documents on \(threads) threads")
      var seconds: [[Double]] = [[], []]
      var tokens = [0, 0]
      var peak = 0
      var rates: [Double] = []
      var theirs: [Int: [Double]] = [:]
      try reference?.take(sample.requests.map { ($0.context, $0.continuation) })
      for _ in 0..<repetitions {
        for (place, isSharing) in [true, false].enumerated() {
          let scorer = LogLikelihoodScorer(
            model: model, maximumLength: BenchmarkShape.maximumLength, workers: workers,
            schedule: ScoringSchedule(sharesBeginnings: isSharing))
          if isSharing { PeakMemory.reset() }
          let counter = TokenCounter()
          seconds[place].append(
            try Measurement.timed { _ = try scorer.scores(of: sample.requests) { counter.add($1) } }.seconds)
          tokens[place] = counter.count
          rates.append(try Measurement.productRate(workers))
          if isSharing { peak = max(peak, PeakMemory.bytes ?? 0) }
        }
        if let reference {
          for batch in batches { theirs[batch, default: []].append(try reference.measure(batch: batch)) }
        }
      }
      let (ours, unshared) = (Measurement.median(seconds[0]), Measurement.median(seconds[1]))
      let work = try Work(sample.requests, tokens: tokens, blockWeights: blockWeights, headWeights: model.head.count)
      allWork.add(work)
      // Two operations a multiply-add.
      let least = 2e-9 * work.ours / Measurement.median(rates)
      var row = [
        "\(shape.rawValue), \(sample.name)", speed(sample, ours), String(tokens[0]),
        share(least / ours), speed(sample, unshared),
        String(tokens[1]), ratio(unshared / ours, of: work.unshared / work.ours),
        "\(peak / 1_000_000)/\(weightBytes / 1_000_000)",
      ]
      let medians = theirs.mapValues(Measurement.median)
      all = (
        all.ours + ours, all.unshared + unshared, all.theirs, all.least + least, all.documents + sample.documentCount
      )
      if let best = medians.keys.sorted().min(by: { medians[$0, default: 0] < medians[$1, default: 0] }) {
        let other = medians[best, default: 0]
        all.theirs += other
        row += [
          speed(sample, other), String(best), ratio(other / ours, of: work.theirs / work.ours),
          String(format: "%.2f", other / least),
        ]
      }
      return row
    }
    var sum = [
      "\(shape.rawValue), all", String(format: "%.1f", Double(all.documents) / all.ours), "",
      share(all.least / all.ours),
      String(format: "%.1f", Double(all.documents) / all.unshared), "",
      ratio(all.unshared / all.ours, of: allWork.unshared / allWork.ours), "",
    ]
    if reference != nil {
      sum += [
        String(format: "%.1f", Double(all.documents) / all.theirs), "",
        ratio(all.theirs / all.ours, of: allWork.theirs / allWork.ours), String(format: "%.2f", all.theirs / all.least),
      ]
    }
    rows.append(sum)
    return rows
  }

  private func ratio(_ times: Double, of work: Double) -> String { String(format: "%.2f (%.2f)", times, work) }

  private func share(_ part: Double) -> String { String(format: "%.0f %%", 100 * part) }

  private func speed(_ sample: BenchmarkSample, _ seconds: Double) -> String {
    String(format: "%.1f", Double(sample.documentCount) / seconds)
  }

  /// Multiply-adds with weights; those of the attention are few beside them.
  private struct Work {
    var ours = 0.0
    var unshared = 0.0
    /// Every token of every request through the blocks and through the head; padding is not counted.
    var theirs = 0.0

    init() {}

    /// - Parameter tokens: that ran through the blocks here, shared and unshared.
    init(_ requests: [EncodedRequest], tokens: [Int], blockWeights: Int, headWeights: Int) throws {
      let inputs = try requests.map { try $0.inputTokens(maximumLength: BenchmarkShape.maximumLength) }
      let scored = inputs.flatMap { input in input.scoredPositions.map { Array(input.tokens[...$0]) } }
      let (block, head) = (Double(blockWeights), Double(headWeights))
      ours = Double(tokens[0]) * block + Double(Set(scored).count) * head
      unshared = Double(tokens[1]) * block + Double(scored.count) * head
      theirs = Double(inputs.reduce(0) { $0 + $1.tokens.count }) * (block + head)
    }

    mutating func add(_ other: Work) {
      ours += other.ours
      unshared += other.unshared
      theirs += other.theirs
    }
  }
}
