import ArgumentParser
import Foundation
import Models
import Reports
import Tensors

extension BenchmarkShape: ExpressibleByArgument {}

struct BenchmarkForward: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward",
    abstract: "Measure how fast models of random weights run forward.",
    discussion: """
      For each shape: tokens a second through the blocks, and with the logits of every token; and the share of that time \
      which the products with the weights take when they run by themselves, in the same run over the same shapes (100 % \
      would be a forward pass in which attention and all the rest cost nothing). Repetitions go by turns; the table has \
      medians.

      Where RECOLLECT_PYTHON names a Python that has torch and transformers, the same shapes run there by turns with \
      this program, in float32 on as many threads.
      """)

  @Option(help: "A shape of model; may be repeated.")
  var shape: [BenchmarkShape] = BenchmarkShape.allCases

  @Option(help: "How many sequences.")
  var batch = 16

  @Option(help: "Tokens of each sequence.")
  var length = 256

  @Option(help: "How many threads work.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "How often each is run.")
  var repetitions = 5

  func validate() throws {
    guard batch > 0, threads > 0, repetitions > 0 else {
      throw ValidationError("--batch, --threads and --repetitions must be at least 1.")
    }
    guard (1...BenchmarkShape.maximumLength).contains(length) else {
      throw ValidationError("--length must be from 1 to \(BenchmarkShape.maximumLength).")
    }
  }

  func run() throws {
    try reportingErrors {
      let reference = try ReferenceModels.started()
      var rows: [[String]] = []
      for shape in shape {
        standardError("\(shape.rawValue): \(batch) × \(length) tokens on \(threads) threads")
        try reference?.take(shape, batch: batch, length: length, threads: threads)
        rows += try figures(shape, shape.form.initialized(seed: 1), reference)
      }
      let heading =
        ["shape, pass", "tokens/s", "products alone GFLOP/s", "share of time in products"]
        + (reference == nil ? [] : ["PyTorch tokens/s", "ratio"])
      print(TextTable(heading: heading, rows: rows, headingWidth: 16, gap: 2).text, terminator: "")
      print("OpenBLAS kernel \(OpenBLAS.kernel), \(threads) threads, medians of \(repetitions)")
      if reference == nil {
        print("→ to compare: name a Python that has torch and transformers in \(PythonPeer.variable)")
      }
    }
  }

  /// Two rows: through the blocks, and with the logits of every token.
  private func figures(
    _ shape: BenchmarkShape, _ model: some LanguageModel, _ reference: ReferenceModels?
  ) throws -> [[String]] {
    let benchmark = ForwardBenchmark(
      model: model, batchSize: batch, length: length, workers: Workers(threadCount: threads))
    var ours: [[Double]] = [[], []]
    var products: [[Double]] = [[], []]
    var theirs: [[Double]] = [[], []]
    for _ in 0..<repetitions {
      ours[0].append(try Measurement.timed(benchmark.runBlocks).seconds)
      products[0].append(try Measurement.timed { try benchmark.runProducts(withHead: false) }.seconds)
      ours[1].append(try Measurement.timed(benchmark.runWithLogits).seconds)
      products[1].append(try Measurement.timed { try benchmark.runProducts(withHead: true) }.seconds)
      guard let reference else { continue }
      let timing = try reference.measure()
      theirs[0].append(timing.blocks)
      theirs[1].append(timing.logits)
    }
    let multiplyAdds = [
      benchmark.linearMultiplyAdds, benchmark.linearMultiplyAdds + benchmark.headMultiplyAdds,
    ]
    return ["blocks", "with logits"].enumerated().map { pass, name in
      let seconds = Measurement.median(ours[pass])
      let bare = Measurement.median(products[pass])
      let tokens = Double(benchmark.tokenCount)
      var row = [
        "\(shape.rawValue), \(name)", String(format: "%.0f", tokens / seconds),
        String(format: "%.0f", 2e-9 * Double(multiplyAdds[pass]) / bare),
        String(format: "%.0f %%", 100 * bare / seconds),
      ]
      if reference != nil {
        let other = Measurement.median(theirs[pass])
        row += [String(format: "%.0f", tokens / other), String(format: "%.2f", other / seconds)]
      }
      return row
    }
  }
}
