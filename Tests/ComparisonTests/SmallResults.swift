import Foundation
import Results

// Results small enough to count by hand.

let piqaFlags = "1101100110"  // 6/10
let sciqFlags = "1111"

func flags(_ text: String) -> [Bool] { text.map { $0 == "1" } }

func smallTask(_ name: String = "piqa", _ correct: String = piqaFlags, scores: String = "s0") -> TaskResult {
  TaskResult(
    name: name, version: "1", correct: flags(correct), correctNormalized: flags(correct),
    answersDigest: digest("a \(correct)"), scoresDigest: digest(scores))
}

/// A digest that can be told from others: 64 hexadecimal digits, the text's bytes first.
func digest(_ text: String) -> String {
  let digits = text.utf8.map { String($0, radix: 16) }.joined()
  return String((digits + String(repeating: "0", count: 64)).prefix(64))
}

func smallCell(_ recovery: String = "none") throws -> Cell {
  try Cell(model: "tiny", compression: "gptq-3bit", recovery: recovery)
}

func smallResult(
  _ cell: Cell, tasks: [TaskResult] = [smallTask(), smallTask("sciq", sciqFlags)], kernel: String = "Haswell",
  notComparableReason: String? = nil
) -> CellResult {
  CellResult(
    suite: "small", cell: cell, seed: 0, notComparableReason: notComparableReason,
    provenance: [
      "question": digest("d0"), "model/config.json": digest("d1"), "task/piqa": digest("d2"), "task/sciq": digest("d3"),
    ],
    parameters: ParameterCount(trainable: 1664, formula: 1664),
    compression: CompressionSummary(method: "gptq 3 bits", bitsPerWeight: 3.5, zeroFraction: 0.125, errorSum: 0.1),
    training: TrainingSummary(steps: 2, tokens: 512, firstLoss: 2.5, lastLoss: 2.25, losses: [2.5, 2.25]),
    tasks: tasks,
    environment: Environment(
      programVersion: "0.1", openBLAS: "0.3.21", kernel: kernel, operatingSystem: "Debian 12", architecture: "x86_64"),
    timing: Timing(threads: 2, secondsByStage: ["compress": 1.5, "evaluate": 2]))
}

/// Runs the body with a folder of its own, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}
