import Experiments
import Foundation
import Reports

/// What `recollect plan` shows: a row a cell, and what all of them take.
struct SuitePlanReport {
  private let forecast: SuiteForecast

  init(_ forecast: SuiteForecast) { self.forecast = forecast }

  private static let kinds = ["compress", "train", "score", "perplexity", "similarity", "latency"]

  var text: String {
    let kinds = Self.kinds.filter { kind in forecast.cells.contains { $0.secondsByStage[kind] != nil } }
    func row(
      _ name: String, _ stages: Int, _ seconds: [Double], _ all: Double, _ disk: Int, _ memory: Int,
      _ multiplyAdds: Double
    ) -> [String] {
      [name, "\(stages)"] + seconds.map { $0 > 0 ? duration($0) : "" } + [
        duration(all), bytes(disk), bytes(memory), String(format: "%.3g", 1e-9 * multiplyAdds),
      ]
    }
    var rows = forecast.cells.map { cell in
      row(
        "\(cell.cell)", cell.stages, kinds.map { cell.secondsByStage[$0] ?? 0 }, cell.seconds, cell.diskBytes,
        cell.memoryBytes, cell.multiplyAdds)
    }
    rows.append(
      row(
        "all", forecast.cells.reduce(0) { $0 + $1.stages },
        kinds.map { kind in forecast.cells.reduce(0) { $0 + ($1.secondsByStage[kind] ?? 0) } }, forecast.seconds,
        forecast.diskBytes, forecast.memoryBytes, forecast.multiplyAdds))
    let table = TextTable(
      heading: ["cell", "stages"] + kinds + ["all", "disk", "memory at most", "G multiply-adds"], rows: rows,
      headingWidth: 14, gap: 2)
    let hours = String(format: "%.3g", forecast.seconds / 3600)
    var notes = [
      "\(hours) hours on this machine with \(forecast.threads) threads, \(duration(forecast.preparationSeconds)) of them to "
        + "verify and read what the suite names."
    ]
    if forecast.machines > 1 {
      notes.append(
        "\(String(format: "%.3g", forecast.secondsOnMachines / 3600)) hours on \(forecast.machines) such machines, each "
          + "stage on one of them: \(duration(forecast.secondsOnMachines)).")
    }
    if forecast.storedStages > 0 {
      notes.append("\(forecast.storedStages) stages are stored already, and take nothing.")
    }
    return table.text + notes.joined(separator: "\n") + "\n"
  }
}
