import Artifacts
import Compression
import Evaluation
import Foundation
import Models
import Results
import Tensors

/// What a suite is going to take, before anything of it is run.
package struct SuiteForecast: Sendable, Equatable, Encodable {
  package var schemaVersion = 1
  package var suite: String
  package var threads: Int
  package var cells: [CellForecast]
  /// Verifying and reading what the suite names.
  package var preparationSeconds: Double
  /// On this machine, of what is not stored yet.
  package var seconds: Double
  package var machines: Int
  /// On so many such machines at once, each stage on one of them.
  package var secondsOnMachines: Double
  package var diskBytes: Int
  /// At the most.
  package var memoryBytes: Int
  package var multiplyAdds: Double
  package var storedStages: Int

  package struct CellForecast: Sendable, Equatable, Encodable {
    package var cell: Cell
    /// Of what no cell before it makes, and the store does not have: their number, and what they take.
    package var stages: Int
    package var secondsByStage: [String: Double]
    package var diskBytes: Int
    package var memoryBytes: Int
    package var multiplyAdds: Double

    package var seconds: Double { secondsByStage.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } }
  }
}

extension SuiteForecast {
  /// Tries a little of every kind of stage, for some seconds.
  ///
  /// - Parameter report: is told what is tried.
  /// - Throws: what would keep the suite from running.
  package init(
    _ suite: Suite, file: String, options: RunOptions, machines: Int, report: (String) -> Void
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let sources = SuiteSources(suite, suiteFile: file, data: options.data)
    try sources.verify(suite)
    let store = StageStore(folder: options.storeFolder)
    let program = try programDigest()
    self.init(
      suite: suite.name, threads: options.workers.threadCount, cells: [], preparationSeconds: 0, seconds: 0,
      machines: machines, secondsOnMachines: 0, diskBytes: 0, memoryBytes: 0, multiplyAdds: 0, storedStages: 0)
    preparationSeconds = (clock.now - start) / .seconds(1)
    var jobs: [StageJob] = []
    for setting in suite.models {
      let start = clock.now
      let model = try loadModel(folder: sources.path(setting.folder), checkingNumbersWith: options.workers)
      let prepared = try PreparedCells(
        model, setting, suite: suite, sources: sources, limit: options.limit, program: program)
      preparationSeconds += (clock.now - start) / .seconds(1)
      report("trying \(setting.name)")
      try add(model, prepared, suite: suite, sources: sources, store: store, workers: options.workers, jobs: &jobs)
    }
    seconds = preparationSeconds + cells.reduce(0) { $0 + $1.seconds }
    secondsOnMachines = preparationSeconds + span(of: jobs, machines: machines)
    diskBytes = cells.reduce(0) { $0 + $1.diskBytes }
    memoryBytes = cells.map(\.memoryBytes).max() ?? 0
    multiplyAdds = cells.reduce(0) { $0 + $1.multiplyAdds }
  }

  /// The cells of one model.
  private mutating func add<Model: LanguageModel>(
    _ model: Model, _ prepared: PreparedCells, suite: Suite, sources: SuiteSources, store: StageStore, workers: Workers,
    jobs: inout [StageJob]
  ) throws {
    let probe = StageProbe(
      suite: suite, sources: sources, model: model, prepared: prepared, workers: workers,
      rates: try MachineRates(measuredOn: workers))
    let scoring = try probe.scoring()
    let perplexities = try prepared.texts.map { try probe.perplexity($0) }
    let similarity = try suite.similarity.map { try probe.similarity($0) }
    var compressing: [String: Double] = [:]
    var training: [String: Double] = [:]
    let (modelBytes, sequenceBytes) = (Self.bytes(of: model), Self.sequenceBytes(suite, model))
    var known: Set<StageKey> = []
    var places: [StageKey: Int] = [:]
    var forecasts: [CellForecast] = []
    for planned in prepared.cells {
      var forecast = CellForecast(
        cell: planned.cell, stages: 0, secondsByStage: [:], diskBytes: Self.resultBytes, memoryBytes: 0,
        multiplyAdds: 0)
      func take(
        _ stage: PlannedStage, _ kind: String, after needed: [StageKey], bytes: Int, seconds: () throws -> Double
      ) rethrows {
        guard known.insert(stage.key).inserted else { return }
        guard store.stored(stage.key) == nil else {
          storedStages += 1
          return
        }
        let taken = try seconds()
        forecast.stages += 1
        forecast.secondsByStage[kind, default: 0] += taken
        forecast.diskBytes += bytes
        forecast.multiplyAdds += stage.work
        places[stage.key] = jobs.count
        jobs.append(StageJob(seconds: taken, needs: needed.compactMap { places[$0] }))
      }
      let base = [planned.compressing?.key].compactMap(\.self)
      if let stage = planned.compressing, case .layerwise(let settings) = planned.compression.method {
        try take(stage, "compress", after: [], bytes: modelBytes) {
          forecast.memoryBytes = sequenceBytes
          let known = compressing[planned.compression.name]
          let taken = try known ?? probe.compressing(settings, work: stage.work)
          compressing[planned.compression.name] = taken
          return taken
        }
      }
      for (setting, stage) in planned.training {
        let bytes =
          4
          * (setting.method.adapter(for: model, tokenizer: prepared.tokenizer)?
            .initialParameters(of: model, seed: 0).count ?? 0)
        try take(stage, "train", after: base, bytes: bytes) {
          let taken = try training[setting.name] ?? probe.training(setting, work: stage.work)
          training[setting.name] = taken
          return taken
        }
      }
      let needed = base + planned.training.map(\.stage.key)
      let factor = scoring.factors[planned.recovery.name] ?? 1
      for (number, stage) in planned.scoring.enumerated() {
        take(stage, "score", after: needed, bytes: Self.resultBytes) { scoring.secondsOfTask[number] * factor }
      }
      for (number, stage) in planned.perplexities.enumerated() {
        take(stage, "perplexity", after: needed, bytes: Self.resultBytes) { perplexities[number] * factor }
      }
      if let stage = planned.similarity {
        take(stage, "similarity", after: needed, bytes: Self.resultBytes) { (similarity ?? 0) * (1 + factor) / 2 }
      }
      forecasts.append(forecast)
    }
    try addTimes(prepared, suite, probe, scoring, to: &forecasts, jobs: &jobs)
    // What trying every kind of stage has taken is what the stages take, but for the sequences of a whole calibration.
    let resident = residentPeak()
    for index in forecasts.indices { forecasts[index].memoryBytes += resident }
    cells += forecasts
  }

  /// Times are measured by compression at the end of a run, whatever is stored; they are counted at the first cell of
  /// each.
  private func addTimes<Model: LanguageModel>(
    _ prepared: PreparedCells, _ suite: Suite, _ probe: StageProbe<Model>, _ scoring: StageProbe<Model>.ScoringRates,
    to forecasts: inout [CellForecast], jobs: inout [StageJob]
  ) throws {
    guard let latency = suite.latency else { return }
    for compression in suite.compressions {
      let recoveries = suite.recoveries(of: compression).filter { $0.method != .none }
      guard let place = prepared.cells.firstIndex(where: { $0.compression.name == compression.name }),
        !recoveries.isEmpty
      else { continue }
      let taken = try probe.latency(latency, factors: [1] + recoveries.map { scoring.factors[$0.name] ?? 1 })
      forecasts[place].secondsByStage["latency"] = taken
      jobs.append(StageJob(seconds: taken, needs: Array(jobs.indices)))
    }
  }

  /// Of a file of a cell or a stage's result, about.
  private static let resultBytes = 8192

  /// Of a compressed checkpoint, whose numbers are floats.
  private static func bytes(of model: some LanguageModel) -> Int {
    model.checkpointTensors.reduce(0) { $0 + $1.shape.reduce(1, *) } * MemoryLayout<Float>.size
  }

  /// Of the activations of a calibration between two blocks.
  private static func sequenceBytes(_ suite: Suite, _ model: some LanguageModel) -> Int {
    guard let calibration = suite.calibration else { return 0 }
    let (count, isTooLarge) = (calibration.samples * model.shape.width * MemoryLayout<Float>.size)
      .multipliedReportingOverflow(by: calibration.length)
    return isTooLarge ? .max / 2 : count
  }
}

/// The most memory that this process has had resident; 0 where the system does not tell.
private func residentPeak() -> Int {
  let lines =
    FileManager.default.contents(atPath: "/proc/self/status").map { String(decoding: $0, as: UTF8.self) } ?? ""
  let line = lines.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return 1024 * (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0)
}
