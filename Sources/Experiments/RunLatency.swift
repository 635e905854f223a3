import Comparison
import Evaluation
import Foundation
import Models
import Recovery
import Results
import Tensors

extension Runner {
  /// Times the models of the cells that have results, at the end of a run: of each compression all recoveries in turns,
  /// as they are scored, against the compressed model without any.
  ///
  /// - Throws: `RunStopped`. What concerns one compression is a failure of its cells.
  func time<Model: LanguageModel>(
    _ cells: [PlannedCell], of dense: Model, _ setting: LatencySetting, program: String, maker: StageMaker,
    outcome: inout RunOutcome
  ) throws {
    let path = options.resultsFolder + "/latency.json"
    var record = LatencyRecord(program: program, workers: options.workers, setting: setting)
    record.takeGroups(from: path)
    var rates: MachineRates?
    for compression in suite.compressions {
      let group = cells.filter {
        $0.compression.name == compression.name && $0.recovery.method != .none && outcome.results[$0.cell] != nil
      }
      guard let first = group.first else { continue }
      let name = "\(first.cell.model)/\(compression.name)"
      let questions = Dictionary(uniqueKeysWithValues: group.map { ($0.cell.recovery, $0.question) })
      do {
        let known = options.times == .anew ? nil : record.groups[name].flatMap { $0.questions == questions ? $0 : nil }
        report(.timing(first.cell, models: group.count + 1, wasReused: known != nil))
        let timed: LatencyRecord.Group
        if let known {
          timed = known
        } else {
          let machine = try rates ?? MachineRates(measuredOn: options.workers)
          rates = machine
          timed = try times(group, of: dense, setting, questions: questions, at: machine, maker: maker)
          record.groups[name] = timed
          try record.write(to: path)
        }
        for planned in group {
          outcome.results[planned.cell]?.latency = timed.latencies[planned.cell.recovery]
          if let result = outcome.results[planned.cell] {
            try ResultFile.write(result, to: self.path(of: planned.cell))
          }
        }
      } catch let stopped as RunStopped {
        throw stopped
      } catch {
        for planned in group {
          outcome.results[planned.cell] = nil
          outcome.failures[planned.cell] = error
          // A result without what the suite asks for must not be taken for a whole one.
          try? FileManager.default.removeItem(atPath: self.path(of: planned.cell))
          report(.cellFailed(planned.cell, error))
        }
      }
    }
  }

  private func times<Model: LanguageModel>(
    _ group: [PlannedCell], of dense: Model, _ setting: LatencySetting, questions: [String: String],
    at rates: MachineRates, maker: StageMaker
  ) throws -> LatencyRecord.Group {
    let compressed = try group[0].compressing.map { try maker.compress(dense, group[0].compression, stage: $0) }
    let model = try compressed.map { try Model(folder: $0.stage.folder) } ?? dense
    let batch = TimedBatch(
      count: setting.batch, length: setting.length, vocabularySize: model.shape.vocabularySize)
    var changes = [ForwardChange()]
    var timed = [TimedModel(model)]
    for planned in group {
      let adapters = try planned.training.map {
        try maker.train($0.setting, of: model, by: suite.training(of: planned.compression), stage: $0.stage)
      }
      let recovered = try RecoveredModel(model, planned.recovery, adapters: adapters)
      var change = ForwardChange(inFront: recovered.prompts?.lengths ?? [])
      if case .lora(let lora) = planned.recovery.method { change.lowRank = (lora.method(for: Model.self), .beside) }
      changes.append(change)
      timed.append(TimedModel(recovered.model, prompts: recovered.prompts))
    }
    for variant in timed { try variant.expectRoom(for: batch) }
    let workers = options.workers
    let timing = try InterleavedTiming(
      timed.map { variant in { try variant.run(batch, workers: workers) } }, repetitions: setting.repetitions
    ) { _ in if shouldStop() { throw RunStopped() } }
    let pieceSize = batch.sequencesTogether(threadCount: workers.threadCount)
    let predicted = changes.map {
      ForwardCost(
        of: AdaptedShape(model), changed: $0, blockCount: model.shape.blockCount, batch: setting.batch,
        length: setting.length, pieces: (setting.batch + pieceSize - 1) / pieceSize
      ).seconds(at: rates)
    }
    let names = [""] + group.map(\.cell.recovery)
    var latencies: [String: CellLatency] = [:]
    for (number, name) in names.enumerated().dropFirst() {
      let ratio = TimeRatio(of: timing.seconds(number), to: timing.seconds(0))
      let disturbed = zip(timing.isDisturbed(number), timing.isDisturbed(0)).count { $0 || $1 }
      latencies[name] = CellLatency(
        batch: setting.batch, length: setting.length, repetitions: setting.repetitions, disturbed: disturbed,
        seconds: median(timing.seconds(number)), ratio: ratio.value, lower: ratio.lower, upper: ratio.upper,
        predictedRatio: predicted[number] / predicted[0])
    }
    return LatencyRecord.Group(
      questions: questions, latencies: latencies,
      seconds: Dictionary(uniqueKeysWithValues: names.indices.map { (names[$0], timing.seconds($0)) }),
      disturbed: Dictionary(uniqueKeysWithValues: names.indices.map { (names[$0], timing.isDisturbed($0)) }),
      othersShare: timing.othersShare)
  }
}
