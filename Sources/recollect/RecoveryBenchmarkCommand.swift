import ArgumentParser
import Experiments
import Foundation
import Models
import Recovery
import Reports
import Tensors
import Training

struct RecoveryBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recovery",
    abstract: "Measure how fast adapters of models of random weights are trained.",
    discussion: """
      For each shape and method: input tokens a second over whole steps of AdamW, and what share of the rate of bare \
      matrix products, measured in the same run, the products that cannot be done without make of that time: those with \
      the frozen weights, once forward and once backward, of the blocks for every token and once a step for every row of \
      a prompt, and of the head for every token. The peak of the memory is that of the process. Steps go by turns; the \
      table has medians, and of the ratios those of neighbours.

      Where RECOLLECT_PYTHON names a Python that has torch, transformers and peft, the same adapters are trained there \
      by turns with this program, in float32 on as many threads. Behind the ratio of speeds stands, in brackets, the \
      largest that this machine allows: for a program that does those products at their bare rate, and nothing else.
      """)

  /// What is trained.
  enum Method: String, CaseIterable, ExpressibleByArgument {
    case lora
    case prompt
    case prefix
  }

  @Option(help: "A shape of model; may be repeated.")
  var shape: [BenchmarkShape] = [.llama288, .llama768]

  @Option(help: "A method: lora, prompt or prefix; may be repeated.")
  var method = Method.allCases

  @Option(help: "The rank of a LoRA, on all linear layers.")
  var rank = 4

  @Option(help: "Virtual tokens of a prompt or a prefix.")
  var tokens = 100

  @Option(help: "Sequences of a step.")
  var batch = 4

  @Option(help: "Tokens of each sequence.")
  var length = 256

  @Option(help: "How many threads work.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "How many steps are measured.")
  var repetitions = 5

  func validate() throws {
    guard rank > 0, tokens > 0, batch > 0, threads > 0, repetitions > 0 else {
      throw ValidationError("--rank, --tokens, --batch, --threads and --repetitions must be at least 1.")
    }
    guard length > 1, tokens <= BenchmarkShape.maximumLength, length <= BenchmarkShape.maximumLength - tokens else {
      throw ValidationError("--length and --tokens have \(BenchmarkShape.maximumLength) positions.")
    }
  }

  func run() throws {
    try reportingErrors {
      let reference = try ReferenceRecovery.started()
      var rows: [[String]] = []
      for shape in shape {
        let model = shape.form.initialized(seed: 1)
        for method in method {
          standardError("\(shape.rawValue), \(name(method)): \(batch) × \(length) tokens on \(threads) threads")
          rows.append(try figures(shape, method, model, reference))
        }
      }
      let heading =
        ["shape, method", "tokens/s", "GFLOP/s", "sgemm GFLOP/s", "share", "peak MB"]
        + (reference == nil ? [] : ["PEFT tokens/s", "peak MB", "ratio"])
      print(TextTable(heading: heading, rows: rows, headingWidth: 16, gap: 2).text, terminator: "")
      print("OpenBLAS kernel \(OpenBLAS.kernel), \(threads) threads, medians of \(repetitions) steps")
      if reference == nil {
        print("→ to compare: name a Python that has torch, transformers and peft in \(PythonPeer.variable)")
      }
    }
  }

  private func name(_ method: Method) -> String {
    "\(method.rawValue) \(method == .lora ? rank : tokens)"
  }

  private func adapter(_ method: Method, layers: [String]) -> AdapterMethod {
    switch method {
    case .lora: .lowRank(LowRankAdaptation(rank: rank, alpha: Double(rank), targets: Set(layers)))
    case .prompt: .prompt(PromptTuning(tokenCount: tokens, initialization: .normal(standardDeviation: 1)))
    case .prefix: .prefix(PrefixTuning(tokenCount: tokens))
    }
  }

  private func figures<Model: LanguageModel>(
    _ shape: BenchmarkShape, _ method: Method, _ model: Model, _ reference: ReferenceRecovery?
  ) throws -> [String] {
    let workers = Workers(threadCount: threads)
    let layers = LoRASetting.Targets.roles(of: Model.self)
    let adapter = adapter(method, layers: layers)
    try reference?.take(
      shape, method: method.rawValue, size: method == .lora ? rank : tokens,
      targets: layers, batch: batch, length: length, threads: threads)
    let recipe = TrainingRecipe(
      stepCount: repetitions + 1, batchSize: batch, learningRate: 2e-4, schedule: .constant,
      options: AdamWOptions(weightDecay: 1e-5))
    let sequences = ForwardBenchmark(model: model, batchSize: batch, length: length, workers: workers).sequences
    let loop = TrainingLoop(recipe: recipe, batch: { _ in sequences }) { parameters, batch, _ in
      try adapter.gradient(parameters, batch: batch, model: model, workers: workers)
    }
    var state = TrainingState(adapter.initialParameters(of: model, seed: 1), options: recipe.options)
    var products: [Double] = []
    var (ours, theirs) = ([Double](), [Double]())
    var (ourPeak, theirPeak) = (0, 0)
    let clock = ContinuousClock()
    PeakMemory.reset()
    var begun = clock.now
    try loop.run(&state) { state in
      let seconds = (clock.now - begun) / .seconds(1)
      ourPeak = max(ourPeak, PeakMemory.bytes ?? 0)
      let rate = try Measurement.productRate(workers)
      let other = try reference?.step()
      theirPeak = max(theirPeak, other?.peakBytes ?? 0)
      // The first step warms up.
      if state.step > 1 {
        ours.append(seconds)
        products.append(rate)
        if let other { theirs.append(other.seconds) }
      }
      PeakMemory.reset()
      begun = clock.now
    }
    let seconds = Measurement.median(ours)
    let rate = Measurement.median(products)
    let tokenCount = Double(batch * length)
    // A prompt is the same in front of every sequence.
    let rows = Double(batch * length + (method == .prompt ? tokens : 0))
    let blockWeights = Double(model.linearNames.reduce(0) { $0 + model[$1].weight.count })
    // Two operations a multiply-add, forward and backward.
    let operations = 4e-9 * (rows * blockWeights + tokenCount * Double(model.head.count))
    let own = operations / seconds
    var row = [
      "\(shape.rawValue), \(name(method))", String(format: "%.0f", tokenCount / seconds), String(format: "%.0f", own),
      String(format: "%.0f", rate), String(format: "%.0f %%", 100 * own / rate), "\(ourPeak / 1_000_000)",
    ]
    if reference != nil {
      // Each beside the step, and the bare products, of the same turn: what else the machine does weighs on all.
      let ratios = zip(theirs, ours).map { $0 / $1 }
      let largest = zip(theirs, products).map { $0 * $1 / operations }
      row += [
        String(format: "%.0f", tokenCount / Measurement.median(theirs)), "\(theirPeak / 1_000_000)",
        String(format: "%.2f (%.2f)", Measurement.median(ratios), Measurement.median(largest)),
      ]
    }
    return row
  }
}
