import Comparison
import Foundation
import Results

/// Results of a suite with every model, compression and recovery that a report has to show, made up by rule.
///
/// Each document has a distance from the edge between right and wrong; compression moves it down and shakes it, and a
/// recovery undoes a part of the first.
struct SyntheticSuite {
  var name = "embedded"
  var models = ["world-llama", "world-opt"]
  var tasks = [
    "arc_easy", "arc_challenge", "sciq", "webqs", "triviaqa", "piqa", "hellaswag", "lambada_openai", "winogrande",
  ]
  var documents = 200
  /// The share of compression's damage that prompts undo.
  var recovered = 0.6
  var hasMeasurements = true

  static let compressions = [
    SuiteEvidence.Compression(name: "dense", isDense: true, bits: nil),
    SuiteEvidence.Compression(name: "gptq-8bit", isDense: false, bits: 8, method: "gptq"),
    SuiteEvidence.Compression(name: "gptq-4bit", isDense: false, bits: 4, method: "gptq"),
    SuiteEvidence.Compression(name: "gptq-3bit", isDense: false, bits: 3, method: "gptq"),
    SuiteEvidence.Compression(name: "gptq-2bit", isDense: false, bits: 2, method: "gptq"),
    SuiteEvidence.Compression(name: "sparsegpt-50", isDense: false, bits: nil, method: "sparsegpt", sparsity: 0.5),
    SuiteEvidence.Compression(name: "sparsegpt-2-4", isDense: false, bits: nil, method: "sparsegpt", pattern: "2:4"),
  ]
  private static let damage = [0, 0.01, 0.12, 0.35, 0.9, 0.3, 0.5]

  static let recoveries: [SuiteEvidence.Recovery] =
    [SuiteEvidence.Recovery(name: "none", kind: .none, tokens: nil)]
    + [2, 3, 4].map { (rank: Int) in
      SuiteEvidence.Recovery(name: "lora-\(rank)", kind: .lora, tokens: nil, size: rank)
    }
    + [26, 50, 100].map { (tokens: Int) in
      SuiteEvidence.Recovery(name: "prompt-\(tokens)", kind: .prompt, tokens: Double(tokens), size: tokens)
    }
    + [26, 50, 100].map { (tokens: Int) in
      SuiteEvidence.Recovery(name: "prefix-\(tokens)", kind: .prefix, tokens: Double(tokens), size: tokens)
    } + [
      SuiteEvidence.Recovery(
        name: "idp-50-100", kind: .idp, tokens: 75, size: 150, prompts: ["prompt-50", "prompt-100"]),
      SuiteEvidence.Recovery(
        name: "idp-26-100", kind: .idp, tokens: 63, size: 126, prompts: ["prompt-26", "prompt-100"]),
      SuiteEvidence.Recovery(
        name: "concatenation-50-100", kind: .concatenation, tokens: 75, size: 150,
        prompts: ["prompt-50", "prompt-100"]),
    ]

  func results() throws -> [CellResult] {
    var results: [CellResult] = []
    for (modelIndex, model) in models.enumerated() {
      for (level, compression) in Self.compressions.enumerated() {
        for (method, recovery) in Self.recoveries.enumerated() {
          results.append(try result(modelIndex, model, level, compression.name, method, recovery))
        }
      }
    }
    return results
  }

  func evidence(without missing: Set<String> = []) throws -> SuiteEvidence {
    let kept = try results().filter { !missing.contains("\($0.cell)") }
    return SuiteEvidence(
      suite: name, models: models, compressions: Self.compressions, recoveries: Self.recoveries,
      results: Dictionary(uniqueKeysWithValues: kept.map { ($0.cell, $0) }), failures: [:],
      files: Dictionary(
        uniqueKeysWithValues: kept.map {
          ($0.cell, EvidenceFile(name: $0.cell.path, sha256: String(repeating: "0a", count: 32)))
        }))
  }

  private func result(
    _ modelIndex: Int, _ model: String, _ level: Int, _ compression: String, _ method: Int,
    _ recovery: SuiteEvidence.Recovery
  ) throws -> CellResult {
    let undone =
      recovery.kind == .none ? 0 : recovery.kind == .prefix ? 0.2 * recovered : recovered + 0.01 * Double(method)
    let damage = Self.damage[level]
    let scored = tasks.enumerated().map { place, task in
      let right = (0..<documents).map { document -> Bool in
        let own = Noise(modelIndex, place, document)
        let edge = 0.35 - 0.05 * Double(place % 4) + own.value(0)
        let shaken = (0.1 + 0.5 * damage) * own.value(1 + level)
        let again = recovery.kind == .none ? 0 : 0.08 * own.value(100 + method)
        return edge - damage * (1 - undone) + (level == 0 ? 0 : shaken) + again > 0
      }
      return TaskResult(
        name: task, version: "1", correct: right, answersDigest: "a \(task) \(level) \(method)",
        scoresDigest: "s \(task) \(level) \(method)")
    }
    let trained = [SuiteEvidence.Recovery.Kind.none: 0, .lora: 2_236, .prefix: 1_024][recovery.kind] ?? 128
    let count = trained * (recovery.size ?? 0)
    let training = (0..<60).map { 2 + 1.5 * damage + exp(-Double($0) / 12) + 0.03 * Noise(method, level, $0).value(7) }
    let blocks = (0..<6).map { 1 - damage * 0.1 * Double($0) * (recovery.kind == .lora ? 0.4 : 1) }
    return CellResult(
      suite: name, cell: try Cell(model: model, compression: compression, recovery: recovery.name), seed: 0,
      provenance: ["question": "d0", "model/config.json": String(repeating: "1b", count: 32)].merging(
        tasks.map { ("task/\($0)", "d \($0)") }
      ) { $1 },
      parameters: ParameterCount(
        trainable: count, formula: count == 0 ? nil : count + (recovery.kind == .lora ? 64 : 0)),
      compression: level == 0
        ? nil : CompressionSummary(method: "{}", bitsPerWeight: 3.2, zeroFraction: 0.1, errorSum: damage),
      training: count == 0 || recovery.kind == .idp || recovery.kind == .concatenation
        ? nil
        : TrainingSummary(
          steps: 500, tokens: 512_000, firstLoss: training[0], lastLoss: training[59], losses: training),
      tasks: scored,
      perplexities: hasMeasurements
        ? [
          CellPerplexity(
            name: "wikitext", method: "rolling", window: 256, tokens: 10_000, negativeLogLikelihood: 20_000,
            tokenPerplexity: exp(2), wordPerplexity: 12 + 20 * damage * (1 - undone) - 0.01 * Double(recovery.size ?? 0)
          )
        ] : nil,
      similarity: hasMeasurements
        ? CellSimilarity(
          samples: 8, length: 128, attentionByRow: blocks, attentionFlattened: blocks.map { $0 * $0 },
          activationsByRow: blocks.map(\.squareRoot), activationsFlattened: blocks.map(\.squareRoot)) : nil,
      environment: Environment(
        programVersion: "0.1.0", openBLAS: "OpenBLAS 0.3.21", kernel: "Haswell",
        operatingSystem: "Debian GNU/Linux 12 (bookworm)", architecture: "x86_64"),
      timing: Timing(threads: 2, secondsByStage: ["compress": 3, "train": 40, "score": 12]))
  }
}

extension Double {
  fileprivate var squareRoot: Double { squareRoot() }
}

/// Numbers in -0.5...0.5 that depend on their place alone (SplitMix64's mixing function).
private struct Noise {
  private let seed: UInt64

  init(_ a: Int, _ b: Int, _ c: Int) {
    seed =
      (UInt64(truncatingIfNeeded: a) &* 1_000_003 &+ UInt64(truncatingIfNeeded: b)) &* 1_000_003
      &+ UInt64(truncatingIfNeeded: c)
  }

  func value(_ purpose: Int) -> Double {
    var z = (seed &+ UInt64(truncatingIfNeeded: purpose) &* 0x1_0000_0001_B3) &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53 - 0.5
  }
}

/// Runs the body with a folder of its own, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// The paper's tasks and columns, and two rows of its Table 1.
func paperPublication() -> Publication {
  let tasks = SyntheticSuite().tasks
  let columns = [
    "arc_easy", "arc_challenge", "sciq", "webqs", "triviaqa", "World", "piqa", "Common", "hellaswag", "lambada_openai",
    "winogrande", "Language", "Average",
  ]
  func row(_ label: String, _ method: String, _ size: Int?, _ scores: String) -> PublishedRow {
    PublishedRow(
      label: label, model: "Llama-7b", compression: "gptq-3bit", method: method, size: size, parameters: nil,
      scores: scores.split(separator: " ").compactMap { PrintedNumber(String($0)) })
  }
  let rows = [
    row("Llama-7b", "none", nil, "71.46 37.71 92.60 17.96 33.02 50.55 76.01 76.01 53.11 68.58 67.48 63.06 57.55"),
    row(
      "Llama-7b lora 4.4M", "lora", 2, "70.08 37.12 93.50 17.67 34.11 50.50 77.04 77.04 54.47 70.48 67.40 64.12 57.99"),
  ]
  let third = [
    row("Llama-7b/26", "prompt", 26, "71.97 38.40 92.90 20.47 33.20 51.39 75.84 75.84 53.75 69.45 67.17 63.46 58.13")
  ]
  return Publication(
    title: "The paper", source: "a test", models: [],
    tasks: tasks.map { PublishedTask(name: $0, scoring: nil, documents: []) },
    averages: [
      PublishedAverage(name: "World", tasks: Array(tasks[0..<5])), PublishedAverage(name: "Common", tasks: ["piqa"]),
      PublishedAverage(name: "Language", tasks: Array(tasks[6..<9])), PublishedAverage(name: "Average", tasks: tasks),
    ], formulas: [],
    tables: [
      PublishedTable(place: "Table 1", columns: columns, rows: rows),
      PublishedTable(place: "Table 3", columns: columns, rows: third),
    ], statements: [])
}
