import ArgumentParser
import Experiments
import Foundation
import Models
import Recovery
import Reports
import Results
import Tensors

extension PerplexitySource.Kind: ExpressibleByArgument {}

struct SimilarityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "Measure how like a model's attention and activations are to another's, block by block.",
    discussion: """
      Cosines of attention probabilities and of hidden states on the same texts, such as of a dense model and of what \
      compression and recovery made of it; 1 where nothing changed. Both readings of the paper's Figure 5: the mean over \
      single rows, and all of a text as one vector. Only the texts' own tokens count.

      Texts are the first tokens of the first documents that have so many; of a single text, one stretch behind the other.

      Example: recollect similarity dense gptq-3bit --adapter prompt-50 --corpus c4.jsonl --source c4
      """)

  @Argument(help: "The folder of the model that nothing was done to, with its tokenizer.")
  var original: String

  @Argument(help: "The folder of the model that is held against it.")
  var model: String

  @Option(
    help:
      "The PEFT folder of a LoRA, a prompt or a prefix for the second model; of several prompts one is chosen. May be repeated."
  )
  var adapter: [String] = []

  @Option(help: "What several prompts become, in a suite's words; see `recollect evaluate`.")
  var prompting: String?

  @Option(help: "The file of the texts.")
  var corpus: String

  @Option(help: "What it is: wikitext, c4 or text.")
  var source = PerplexitySource.Kind.text

  @Option(help: "How many texts.")
  var samples = 8

  @Option(help: "Tokens of each text.")
  var length = 128

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @OptionGroup var result: ResultArguments

  func validate() throws {
    guard samples > 0, (2...1_000_000).contains(length), threads ?? 1 > 0 else {
      throw ValidationError("--samples and --threads must be at least 1, --length from 2 to 1000000.")
    }
    if prompting != nil, adapter.count < 2 {
      throw ValidationError("--prompting says what several prompts become: name them with --adapter.")
    }
  }

  func run() throws {
    try reportingErrors {
      let workers = Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount)
      let text = try PerplexitySource(source, path: corpus)
      let tokenizer = try Tokenizer(folder: original)
      try measure(
        loadModel(folder: original, checkingNumbersWith: workers),
        loadModel(folder: model, checkingNumbersWith: workers), tokenizer, text, workers)
    }
  }

  private func measure(
    _ dense: some LanguageModel, _ changed: some LanguageModel, _ tokenizer: Tokenizer, _ text: PerplexitySource,
    _ workers: Workers
  ) throws {
    let signals = StopSignals()
    let adapted = try AdaptedModel(
      changed, adapter.map { try AdapterFolder.read(from: $0, for: changed) },
      combining: prompting.map(PromptCombination.init(words:)) ?? .selection(PromptSelection(), positions: nil))
    let folders = (
      original: try EvaluatedFolder(model: original, workers: workers),
      model: try EvaluatedFolder(model: model, workers: workers),
      adapters: try adapter.map { try EvaluatedFolder(adapter: $0, workers: workers) }
    )
    let blockCount = dense.shape.blockCount
    let found: SimilarityResult
    do {
      found = try SimilarityResult(
        of: adapted, to: dense, tokenizer: tokenizer, source: text, samples: samples, length: length, folders: folders,
        workers: workers, version: Recollect.version
      ) { blocks in
        if signals.received != nil { throw RunStopped() }
        if !result.quiet, blockCount > 12 { standardError("block \(blocks) of \(blockCount)") }
      }
    } catch is RunStopped {
      throw signals.exitCode
    }
    try result.put(result.bytes(of: found), text: SimilarityTable(found).text)
  }
}
