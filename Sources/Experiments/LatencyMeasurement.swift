import Comparison
import Evaluation
import Foundation
import Models
import Recovery
import Results
import Tensors

/// Measures how long a model takes alone, with a LoRA, and behind prompts and prefixes of random numbers: what they are
/// changes no time.
package struct LatencyMeasurement: Sendable {
  /// Sequences, and tokens of each.
  package var batch = 16  // the paper, section 4.3
  package var length = 1024
  /// Sequences that are run; the times are multiplied to those of the batch.
  package var measuredBatch = 16
  package var rank = 4
  package var targets = LowRankTargets.paper
  /// Tokens of each prompt; IDP chooses among all of them.
  package var prompts = [50, 100]
  package var prefix = 100
  package var repetitions = 5
  package var workers: Workers

  package init(workers: Workers) { self.workers = workers }

  private struct Variant {
    let name: String
    let change: ForwardChange
    let run: () throws -> Void
  }

  /// The name that the paper's comparison is made with.
  private static let lowRank = "LoRA"

  /// How many turns `result` takes.
  package var turnCount: Int { (repetitions + 1) * (4 + prompts.count + 1 + (prompts.count > 1 ? 1 : 0)) }

  /// - Parameters:
  ///   - blockCount: of the whole model, of which `model` may have fewer.
  ///   - name: what the result calls the model.
  ///   - progress: is told how many turns are done, and may throw to end it.
  /// - Throws: `PositionError` where the model has no position for the end of the sequences behind the longest prompts.
  package func result(
    _ model: some LanguageModel, name: String, blockCount: Int, version: String,
    progress: (_ turns: Int) throws -> Void = { _ in }
  ) throws -> LatencyResult {
    let load = Self.loadAverage()
    let variants = try variants(of: model)
    let timing = try InterleavedTiming(variants.map(\.run), repetitions: repetitions, progress: progress)
    let machines = [try MachineRates(measuredOn: workers)] + MachineRates.accelerators
    let shape = AdaptedShape(model)
    let pieceSize = TimedBatch(count: measuredBatch, length: length, vocabularySize: 1)
      .sequencesTogether(threadCount: workers.threadCount)
    func cost(_ variant: Int, pieces: Int) -> ForwardCost {
      ForwardCost(
        of: shape, changed: variants[variant].change, blockCount: blockCount, batch: batch, length: length,
        pieces: pieces)
    }
    func ratio(_ variant: Int, to reference: Int) -> LatencyResult.Ratio {
      let found = TimeRatio(of: timing.seconds(variant), to: timing.seconds(reference))
      return LatencyResult.Ratio(
        found,
        predicted: machines.enumerated().map { number, machine in
          // An accelerator takes the whole batch at once.
          let pieces = number == 0 ? (batch + pieceSize - 1) / pieceSize : 1
          return cost(variant, pieces: pieces).seconds(at: machine)
            / cost(reference, pieces: pieces).seconds(at: machine)
        })
    }
    let scale =
      Double(blockCount) / Double(model.shape.blockCount) * Double(batch) / Double(measuredBatch)
    let names = variants.map(\.name)
    let lowRank = names.indices.filter { names[$0].hasPrefix(Self.lowRank) }
    let virtual = names.indices.filter { !variants[$0].change.inFront.isEmpty }
    let single = virtual.filter { variants[$0].change.inFront.count == 1 && names[$0].hasPrefix("prompt") }
    let choosing = virtual.filter { variants[$0].change.inFront.count > 1 }
    let pairs =
      virtual.flatMap { own in lowRank.map { (own, $0) } } + choosing.flatMap { own in single.map { (own, $0) } }
    return LatencyResult(
      model: name, batch: batch, length: length, measuredBatch: measuredBatch,
      measuredBlocks: model.shape.blockCount, blocks: blockCount, repetitions: repetitions, passes: timing.passes,
      threads: workers.threadCount, othersShare: timing.othersShare, loadAverage: load,
      machines: machines.map(LatencyResult.Machine.init),
      variants: variants.indices.map { variant in
        let cost = cost(variant, pieces: (batch + pieceSize - 1) / pieceSize)
        return LatencyResult.Variant(
          name: names[variant], seconds: scale * median(timing.seconds(variant)),
          measuredSeconds: timing.seconds(variant), disturbed: timing.isDisturbed(variant),
          ratio: ratio(variant, to: 0), teraMultiplyAdds: 1e-12 * cost.multiplyAdds, giganumbers: 1e-9 * cost.numbers)
      },
      comparisons: pairs.map {
        LatencyResult.Comparison(name: names[$0.0], reference: names[$0.1], ratio: ratio($0.0, to: $0.1))
      }, environment: Environment(programVersion: version))
  }

  private func variants<Model: LanguageModel>(of model: Model) throws -> [Variant] {
    let batch = TimedBatch(
      count: measuredBatch, length: length, vocabularySize: model.shape.vocabularySize)
    let workers = workers
    func variant(_ name: String, _ change: ForwardChange, _ timed: TimedModel<Model>) throws -> Variant {
      try timed.expectRoom(for: batch)
      return Variant(name: name, change: change) { try timed.run(batch, workers: workers) }
    }
    func front(_ name: String, _ lengths: [Int], _ bank: PromptBank) throws -> Variant {
      try variant(name, ForwardChange(inFront: lengths), TimedModel(model, prompts: bank))
    }
    let lowRank = LowRankAdaptation(
      rank: rank, alpha: Double(rank), targets: targets.roles(of: Model.self))
    let adapter = Adapter(method: .lowRank(lowRank), parameters: lowRank.initialParameters(of: model, seed: 1))
    var variants = [try variant("dense", ForwardChange(), TimedModel(model))]
    for (words, execution) in [
      ("merged", LowRankExecution.merged), ("unmerged", .beside), ("step by step", .stepByStep),
    ] {
      variants.append(
        try variant(
          "\(Self.lowRank) \(words)", ForwardChange(lowRank: (lowRank, execution)),
          TimedModel(try AdaptedModel(model, [adapter], lowRank: execution).model)))
    }
    let longest = (prompts + [prefix]).max() ?? 0
    try model.shape.expectRoom(forPositions: longest + length)
    let embeddings = prompts.enumerated().map { number, count in
      // As large as the embeddings of tokens.
      randomNumbers(count, model.shape.embeddingWidth, scale: 0.02, stream: "latency prompt \(number)")
    }
    for (count, embedding) in zip(prompts, embeddings) {
      variants.append(try front("prompt-\(count)", [count], PromptBank([embedding], of: model)))
    }
    var cache = model.cache(capacity: prefix)
    for block in cache.blocks.indices {
      let width = model.shape.keyValueWidth
      cache.blocks[block].append(
        keys: randomNumbers(prefix, width, scale: 1, stream: "latency keys \(block)"),
        values: randomNumbers(prefix, width, scale: 1, stream: "latency values \(block)"))
    }
    variants.append(try front("prefix-\(prefix)", [prefix], PromptBank(prefixes: [cache])))
    if prompts.count > 1 {
      let name = "IDP-" + prompts.map(String.init).joined(separator: "-")
      variants.append(try front(name, prompts, PromptBank(embeddings, of: model)))
    }
    return variants
  }

  /// Of the last minute; nil where the machine does not tell.
  private static func loadAverage() -> Double? {
    FileManager.default.contents(atPath: "/proc/loadavg")
      .flatMap { String(decoding: $0, as: UTF8.self).split(separator: " ").first }.flatMap { Double($0) }
  }
}

private func randomNumbers(_ rowCount: Int, _ columnCount: Int, scale: Float, stream: String) -> Matrix {
  var stream = RandomStream(seed: 1, purpose: stream)
  return Matrix(
    rows: rowCount, columns: columnCount, (0..<rowCount * columnCount).map { _ in scale * stream.nextNormal() })
}

extension LatencyResult.Ratio {
  init(_ found: TimeRatio, predicted: [Double]) {
    self.init(
      value: found.value, lower: found.lower, upper: found.upper, reduction: found.reduction, speedUp: found.speedUp,
      predicted: predicted)
  }
}

extension LatencyResult.Machine {
  init(_ rates: MachineRates) {
    self.init(
      name: rates.name, teraMultiplyAddsPerSecond: 1e-12 * rates.multiplyAddsPerSecond,
      gigabytesPerSecond: 1e-9 * rates.bytesPerSecond, bytesOfNumber: rates.bytesOfNumber)
  }
}
