import ArgumentParser
import Compression
import Foundation
import Models
import Tensors

extension CompressionSettings.Method: ExpressibleByArgument {}
extension ActivationFormat: ExpressibleByArgument {}

extension CalibrationText: ExpressibleByArgument {
  /// Such as "c4=corpus.jsonl".
  package init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let source = Source(rawValue: parts[0]) else { return nil }
    self.init(source, file: parts[1])
  }
}

struct CompressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compress",
    abstract: "Compress a checkpoint: quantize or prune its linear layers, and write a folder of the same kind.",
    discussion: """
      Goes through the model block by block, with the calibration text that has passed through the compressed blocks \
      before. What is finished is kept: a run that was stopped or killed goes on where it was, to the same bits; so \
      does one with another --memory or on other threads.

      Methods and their options:
        gptq       --bits or --trits, --group-size, --symmetric, --mse, --act-order, --static-groups,
                   --true-sequential, --percdamp, --block-size
        sparsegpt  --sparsity or --pattern, --exact-count, --true-sequential, --percdamp, --block-size; and with
                   --bits what is left is quantized, too
        rtn        --bits or --trits, --group-size, --symmetric, --mse; needs no calibration
        magnitude  --sparsity or --pattern; needs no calibration
        wanda      --sparsity or --pattern, --true-sequential

      compression.json in the new folder has what was done to each layer, all settings, and the digests of all files.
      """)

  @Option(help: "The folder of the checkpoint, with a tokenizer where there is a calibration.")
  var model: String

  @Option(help: "gptq, sparsegpt, rtn, magnitude or wanda.")
  var method: CompressionSettings.Method

  @Option(help: "The calibration text: c4=FILE of JSON lines, wikitext=FILE of raw Wikitext, or text=FILE.")
  var calibration: CalibrationText?

  @Option(help: "Calibration sequences.")
  var samples = 128

  @Option(help: "Tokens of each calibration sequence.")
  var length = 2048

  @Option(help: "The seed by which they are drawn.")
  var seed = 0

  @Option(help: "Bits of a code: 2 to 8.")
  var bits: Int?

  @Flag(help: "Three values in place of codes.")
  var trits = false

  @Option(help: "Columns that share a scale. (default: all of a row's)")
  var groupSize: Int?

  @Flag(help: "Grids that reach as far below zero as above it.")
  var symmetric = false

  @Flag(help: "Search for the range with the least error of rounding.")
  var mse = false

  @Flag(help: "Quantize the columns whose inputs matter most first.")
  var actOrder = false

  @Flag(help: "Fit the grids of groups beforehand.")
  var staticGroups = false

  @Flag(help: "Compress the layers of a block in the order in which they run, each seeing those before it.")
  var trueSequential = false

  @Option(help: "What is added to the Hessian's diagonal, as a fraction of its mean. (default: 0.01)")
  var percdamp: Double?

  @Option(help: "Columns that are worked on at once. (default: 128)")
  var blockSize: Int?

  @Option(help: "The share of the weights that are removed, from 0 to below 1.")
  var sparsity: Double?

  @Option(help: "The zeros among so many columns in a row: 2:4, 4:8.")
  var pattern: String?

  @Flag(
    help: "Remove exactly the share; the published program removes one weight more of each block, and equal scores.")
  var exactCount = false

  @Option(help: "The memory to use at the most, such as 8GB. (default: as much as it is fastest with)")
  var memory: MemorySize?

  @Option(help: "How activations are kept between blocks: float, or half, which changes bits.")
  var activations = ActivationFormat.float32

  @Flag(help: "Write the codes, packed as GPTQ's tools have them.")
  var packed = false

  @Option(help: "The type of the numbers: float32, float16 or bfloat16. (default: the checkpoint's)")
  var dtype: StoredType?

  @Option(help: "Threads to work on. (default: the machine's processors)")
  var threads: Int?

  @Option(
    name: [.short, .long], help: "The folder to write; it must be empty, not there, or begun by the same command.")
  var output: String

  @Flag(help: "Print the record, compression.json.")
  var json = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
    if samples < 1 { throw ValidationError("--samples must be at least 1.") }
    if length < 2 { throw ValidationError("--length must be at least 2.") }
    if packed, dtype != nil { throw ValidationError("--packed has no --dtype: the codes are integers. Leave one out.") }
    if settings.needsCalibration, calibration == nil {
      throw ValidationError("--method \(method.rawValue) needs a text: add --calibration c4=FILE, or wikitext or text.")
    }
    if !settings.needsCalibration, calibration != nil {
      throw ValidationError("--method \(method.rawValue) looks at no text: leave --calibration out.")
    }
    do {
      _ = try settings.compressor()
    } catch {
      throw ValidationError(ErrorText(error).text)
    }
  }

  private var settings: CompressionSettings {
    var settings = CompressionSettings(method)
    settings.bits = bits
    settings.trits = trits
    settings.groupSize = groupSize
    settings.symmetric = symmetric
    settings.mse = mse
    settings.actOrder = actOrder
    settings.staticGroups = staticGroups
    settings.trueSequential = trueSequential
    settings.dampeningFraction = percdamp
    settings.blockSize = blockSize
    settings.sparsity = sparsity
    settings.pattern = pattern
    settings.exactCount = exactCount
    return settings
  }

  func run() throws {
    try reportingErrors {
      // The memory that is predicted counts on it.
      FreedMemory.returnAtOnce()
      let workers = Workers(threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount)
      let model = try loadModel(folder: self.model, checkingNumbersWith: workers)
      if calibration != nil { try model.shape.expectRoom(forPositions: length) }
      let drawn = try calibration.map { text in
        let drawn = try text.drawn(
          for: method, tokenizer: Tokenizer(folder: self.model), samples: samples, length: length, seed: seed)
        return (sequences: drawn.sequences, record: try text.record(of: drawn, seed: seed))
      }
      var compression = FolderCompression(
        source: self.model, output: output, settings: settings,
        form: packed ? .packed : .values(dtype?.format), workers: workers)
      compression.activations = activations
      compression.memoryLimit = memory?.bytes
      let signals = StopSignals()
      let progress = CompressionProgress(isQuiet: quiet)
      let outcome: (record: CompressionRecord, wasFinished: Bool)
      do {
        outcome = try compression.run(
          calibration: drawn, checkStop: { if signals.received != nil { throw CompressionStopped() } },
          report: { progress.show($0) })
      } catch is CompressionStopped {
        progress.end()
        standardError("Stopped. The blocks that were finished are kept: the same command goes on from there.")
        throw signals.exitCode
      } catch {
        progress.end()
        throw error
      }
      progress.end()
      try show(outcome.record, wasFinished: outcome.wasFinished)
    }
  }

  private func show(_ record: CompressionRecord, wasFinished: Bool) throws {
    if json {
      print(try encoded(record), terminator: "")
      return
    }
    if wasFinished { print("\(output) was finished before.") }
    let zeros = String(format: "%.2f %%", 100 * record.zeroFraction)
    print(
      "\(record.layers.count) layers, \(String(format: "%.3f", record.bitsPerWeight)) bits a weight, \(zeros) zeros: \(output)"
    )
    let errors = record.layers.compactMap(\.outputError)
    if let worst = record.layers.filter({ $0.outputError != nil }).max(by: {
      ($0.outputError ?? 0) < ($1.outputError ?? 0)
    }) {
      let mean = errors.reduce(0, +) / Double(errors.count)
      print(
        "Relative output errors: \(String(format: "%.4f", mean)) in the mean, \(String(format: "%.4f", worst.outputError ?? 0)) at most (\(worst.name))"
      )
    }
    if !wasFinished, let peak = PeakMemory.bytes {
      print(
        "Memory: predicted \(bytes(record.run.predictedPeakBytes)) beside the program, in all at the most \(bytes(peak))"
      )
    }
  }
}

/// A type of numbers, as PyTorch calls it.
enum StoredType: String, ExpressibleByArgument, CaseIterable {
  case float32
  case float16
  case bfloat16

  var format: NamedTensor.FloatFormat {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }
}

/// An amount of memory, such as "8GB" or "500 MiB".
struct MemorySize: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units = [
      "": 1.0, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 1024, "MIB": 1_048_576, "GIB": 1_073_741_824,
      "TIB": 1_099_511_627_776,
    ]
    let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let unit = argument.dropFirst(digits.count).drop { $0 == " " }.uppercased()
    guard let number = Double(digits), let factor = units[unit], number * factor >= 1, number * factor < 1e18 else {
      return nil
    }
    bytes = Int(number * factor)
  }
}
