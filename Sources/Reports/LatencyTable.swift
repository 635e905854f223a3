import Foundation
import Results

/// Measured times of variants, as text: ratios, what they save, and what was to be expected.
package struct LatencyTable {
  private let result: LatencyResult

  package init(_ result: LatencyResult) { self.result = result }

  package var text: String {
    let predictions = result.machines.map { "predicted_\($0.name)" }
    let times = TextTable(
      heading: ["variant", "seconds", "ratio", "95 %", "reduction", "speed-up", "disturbed"] + predictions,
      rows: result.variants.map { variant in
        [variant.name, number(variant.seconds, 3)] + cells(variant.ratio)
          + ["\(variant.disturbed.count { $0 }) of \(variant.disturbed.count)"]
          + variant.ratio.predicted.map { number($0, 3) }
      }, headingWidth: 12, gap: 2)
    let comparisons = TextTable(
      heading: ["against", "ratio", "95 %", "reduction", "speed-up"] + predictions,
      rows: result.comparisons.map { comparison in
        ["\(comparison.name) ÷ \(comparison.reference)"] + cells(comparison.ratio)
          + comparison.ratio.predicted.map { number($0, 3) }
      }, headingWidth: 12, gap: 2)
    return times.text + (result.comparisons.isEmpty ? "" : "\n" + comparisons.text) + "\n"
      + notes.joined(separator: "\n") + "\n"
  }

  private func cells(_ ratio: LatencyResult.Ratio) -> [String] {
    [
      number(ratio.value, 3), "\(number(ratio.lower, 3)) … \(number(ratio.upper, 3))",
      "\(number(100 * ratio.reduction, 1)) %", "\(number(ratio.speedUp, 2)) ×",
    ]
  }

  private var notes: [String] {
    var notes = [
      "\(result.model), \(result.batch) × \(result.length) tokens, from the tokens to the next token of each sequence. "
        + "Medians of \(result.repetitions) repetitions in turns; ratios are to \(result.variants.first?.name ?? "")."
    ]
    if result.measuredBlocks < result.blocks || result.measuredBatch < result.batch {
      notes.append(
        "Measured: \(result.measuredBlocks) of \(result.blocks) blocks, \(result.measuredBatch) of \(result.batch) "
          + "sequences. Seconds are scaled by \(number(result.scale, 2)); ratios are as measured.")
    }
    let load = result.loadAverage.map { ", load average before \(number($0, 1))" } ?? ""
    notes.append(
      "Other work had \(number(100 * result.othersShare, 1)) % of the processors\(load). Disturbed: it had more than a "
        + "tenth, or this had less than nine tenths of what it had at best.")
    notes.append(
      "Predicted: the sum over products and passes of the longer of computing and moving, each input read once. "
        + result.machines.map {
          "\($0.name): \(number(1000 * $0.teraMultiplyAddsPerSecond, 0)) G multiply-adds/s, "
            + "\(number($0.gigabytesPerSecond, 0)) GB/s, \(Int($0.bytesOfNumber)) bytes a number"
        }.joined(separator: "; ") + ".")
    notes.append(
      "OpenBLAS kernel \(result.environment.kernel), \(result.threads) threads; \(result.passes) passes a turn.")
    return notes
  }

  private func number(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
}

extension LatencyResult {
  /// What the measured times were multiplied by.
  package var scale: Double {
    Double(blocks) / Double(measuredBlocks) * Double(batch) / Double(measuredBatch)
  }
}
