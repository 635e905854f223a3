import Comparison
import Foundation
import Results
import Testing

// Claims that perplexities, similarities and times decide.

private let sentences = Publication(
  title: "Tiny", source: "a test", models: [], tasks: [], averages: [], formulas: [], tables: [],
  statements: [
    "nearly-no-overhead", "perplexity-gap", "attention-diverges", "latency-ratio", "prompt-seconds", "lora-seconds",
  ]
  .map { name in
    let values = ["prompt-seconds": "0.37", "lora-seconds": "0.62"]
    return PublishedStatement(
      name: name, value: values[name].flatMap(PrintedNumber.init), unit: "s", place: "here", sentence: name)
  })

private let compressions = [
  SuiteEvidence.Compression(name: "dense", isDense: true, bits: nil),
  SuiteEvidence.Compression(name: "gptq", isDense: false, bits: 3),
]
private let recoveries = [
  SuiteEvidence.Recovery(name: "none", kind: .none, tokens: nil),
  SuiteEvidence.Recovery(name: "lora", kind: .lora, tokens: nil),
  SuiteEvidence.Recovery(name: "prompt-50", kind: .prompt, tokens: 50),
  SuiteEvidence.Recovery(name: "prompt-10", kind: .prompt, tokens: 10),
  SuiteEvidence.Recovery(name: "prompt-100", kind: .prompt, tokens: 100),
  SuiteEvidence.Recovery(name: "idp", kind: .idp, tokens: 75),
]

/// All cells of the suite, each as `change` leaves it.
private func claim(
  _ id: String, recoveries: [SuiteEvidence.Recovery] = recoveries, change: (inout CellResult) -> Void
) throws -> Claim {
  var results: [Cell: CellResult] = [:]
  for compression in compressions {
    for recovery in recoveries {
      let cell = try Cell(model: "tiny", compression: compression.name, recovery: recovery.name)
      var result = smallResult(cell)
      change(&result)
      results[cell] = result
    }
  }
  let suite = SuiteEvidence(
    suite: "small", models: ["tiny"], compressions: compressions, recoveries: recoveries, results: results,
    failures: [:], files: results.mapValues { EvidenceFile(name: $0.cell.path, sha256: "d") })
  let evidence = ClaimEvidence(
    publication: sentences, publicationFile: EvidenceFile(name: "published.yaml", sha256: "p"), suite: suite)
  return try #require(evidence.claims().first { $0.id == id })
}

private func latency(_ ratio: Double, _ lower: Double, _ upper: Double) -> CellLatency {
  CellLatency(
    batch: 4, length: 128, repetitions: 5, disturbed: 1, seconds: ratio, ratio: ratio, lower: lower, upper: upper,
    predictedRatio: ratio)
}

@Suite struct MeasurementClaimsTests {
  // MARK: Times

  private func timed(_ id: String, idp: CellLatency, lora: CellLatency = latency(1.5, 1.4, 1.6)) throws -> Claim {
    try claim(id) { result in
      switch result.cell.recovery {
      case "none": break
      case "lora": result.latency = lora
      case "idp": result.latency = idp
      default: result.latency = latency(1.1, 1.09, 1.11)
      }
    }
  }

  @Test func `IDP costs nearly nothing where it certainly takes less than a twentieth more than the longest prompt`()
    throws
  {
    let supported = try timed("idp-no-overhead", idp: latency(1.11, 1.1, 1.12))
    #expect(supported.verdict == .supported)
    #expect(supported.value == "1.009 times prompt-100")
    // Two models, three prompts each; 1.12 ÷ 1.09 at the most.
    #expect(supported.workings.count == 6)
    let working = try #require(supported.workings.first)
    #expect(working.name == "tiny, dense, idp ÷ prompt-50" && working.expression == "1.110 ÷ 1.100")
    #expect(abs(try #require(working.interval).high - 1.12 / 1.09) < 1e-12)
    #expect(working.note == "from multiply-adds and bytes: 1.009")
    #expect(supported.scale == "suite small; tiny; 4 × 128 tokens, on processors")
    #expect(supported.notes.contains("The machine did other work in 12 of 60 repetitions."))
    #expect(try timed("idp-no-overhead", idp: latency(1.15, 1.05, 1.25)).verdict == .undecidable)
    #expect(try timed("idp-no-overhead", idp: latency(1.3, 1.25, 1.35)).verdict == .contradicted)
  }

  @Test func `prompting is as much faster than LoRA as printed where it takes 0.610 of its time at most`() throws {
    // 0.375 ÷ 0.615 = 0.6098
    let found = try timed("latency-ratio", idp: latency(1.1, 1.09, 1.11))
    #expect(found.verdict == .contradicted)
    #expect(found.value == "0.733: 26.7 to 26.7 % less time")
    #expect(found.published == "0.37 ÷ 0.62 s")
    #expect(try timed("latency-ratio", idp: latency(1.1, 1.09, 1.11), lora: latency(2, 1.9, 2.1)).verdict == .supported)
    #expect(
      try timed("latency-ratio", idp: latency(1.1, 1.09, 1.11), lora: latency(1.8, 1.6, 2)).verdict == .undecidable)
  }

  @Test func `a model that was not timed leaves the claims about times unmeasured`() throws {
    for id in ["idp-no-overhead", "latency-ratio"] {
      let found = try claim(id) { _ in }
      #expect(found.verdict == .notMeasured)
      #expect(found.missing?.contains("was not timed: its suite has no `latency`") == true)
    }
    #expect(try timed("latency-ratio", idp: latency(1.1, 0, 1.11)).missing?.contains("tiny / dense / idp") == true)
  }

  // MARK: Similarity

  /// Distances from 1 of attention, by row and flattened; the same in two layers.
  private func diverging(_ distances: [String: (Double, Double)]) throws -> Claim {
    try claim("attention-diverges") { result in
      let name = result.cell.recovery.hasPrefix("prompt") ? "prompt" : result.cell.recovery
      guard let (row, whole) = distances[name] else { return }
      result.similarity = CellSimilarity(
        samples: 8, length: 128, attentionByRow: [1 - row, 1 - row], attentionFlattened: [1 - whole, 1 - whole],
        activationsByRow: [0.9, 0.8], activationsFlattened: [0.9, 0.7])
    }
  }

  @Test func `attention diverges where prompts are twice as far from the dense model as LoRA`() throws {
    let found = try diverging(["lora": (0.01, 0.02), "prompt": (0.05, 0.1), "idp": (0.03, 0.06)])
    #expect(found.verdict == .supported)
    #expect(found.value == "farther: 4 of 4 by row and 4 of 4 flattened")
    #expect(found.workings.first?.name == "tiny, gptq, lora, attention by row")
    #expect(abs((found.workings.first?.value ?? 0) - 0.01) < 1e-12)
    #expect(found.details.first?.note == "layers 0.9000, 0.8000")
    #expect(found.scale == "suite small; tiny; 8 texts of 128 tokens")
  }

  @Test func `where the readings disagree it holds under one, or is undecided`() throws {
    let found = try diverging(["lora": (0.01, 0.02), "prompt": (0.015, 0.1), "idp": (0.015, 0.06)])
    #expect(found.verdict == .holdsUnderReading)
    #expect(found.reading == "with attention compared flattened, and not by row")
    #expect(
      try diverging(["lora": (0.01, 0.02), "prompt": (0.05, 0.1), "idp": (0.01, 0.02)]).verdict == .undecidable)
    #expect(
      try diverging(["lora": (0.01, 0.02), "prompt": (0.01, 0.02), "idp": (0, 0)]).verdict == .contradicted)
  }

  @Test func `without similarities nothing is said of attention`() throws {
    let found = try diverging(["lora": (0.01, 0.02)])
    #expect(found.verdict == .notMeasured)
    #expect(found.missing?.contains("was not held against the dense model") == true)
  }

  // MARK: Perplexity

  /// The prompts' perplexities, and how many of a hundred documents are right, by their lengths.
  private func gap(_ perplexities: [Int: Double], _ right: [Int: Int]) throws -> Claim {
    try claim("ppl-vs-accuracy") { result in
      guard let tokens = Int(result.cell.recovery.drop { $0 != "-" }.dropFirst()) else { return }
      result = smallResult(
        result.cell,
        tasks: [
          smallTask(
            "piqa",
            String(repeating: "1", count: right[tokens] ?? 0)
              + String(repeating: "0", count: 100 - (right[tokens] ?? 0)))
        ])
      result.perplexities = perplexities[tokens].map {
        [
          CellPerplexity(
            name: "wikitext", method: "rolling", window: 128, tokens: 10, negativeLogLikelihood: 10 * log($0),
            tokenPerplexity: $0)
        ]
      }
    }
  }

  @Test func `perplexity may improve while accuracy falls`() throws {
    let better = [10: 30.0, 50: 20, 100: 10]
    let found = try gap(better, [10: 60, 50: 80, 100: 50])
    #expect(found.verdict == .supported)
    #expect(found.value == "perplexity improves in 1 of 1, accuracy falls in 1 of 2 steps")
    // Lengths 1 2 3: perplexities 3 2 1, accuracies 2 3 1; ρ = Σ (a - 2) (b - 2) ÷ 2.
    #expect(found.workings.prefix(3).map(\.value) == [-0.5, -1, 0.5])
    #expect(try gap(better, [10: 20, 50: 50, 100: 80]).verdict == .contradicted)
    #expect(try gap(better, [10: 50, 50: 51, 100: 50]).verdict == .undecidable)
    #expect(try gap([10: 10, 50: 20, 100: 30], [10: 60, 50: 80, 100: 50]).verdict == .contradicted)
  }

  @Test func `equal values share their rank, and what does not change correlates with nothing`() throws {
    let found = try gap([10: 10, 50: 20, 100: 20], [10: 50, 50: 50, 100: 50])
    // Ranks 1 2 3 and 1 2.5 2.5: 1.5 ÷ √(2 · 1.5).
    #expect(abs((found.workings[1].value ?? 0) - 1.5 / 3.0.squareRoot()) < 1e-12)
    #expect(found.workings[0].value == nil && found.workings[0].note == "one of them does not change")
  }

  @Test func `two lengths show no trend, and without perplexities there is none`() throws {
    #expect(
      try claim("ppl-vs-accuracy", recoveries: Array(recoveries.prefix(4))) { _ in }.missing
        == "the suite small has prompts of fewer than three lengths")
    #expect(
      try gap([:], [10: 60, 50: 80, 100: 50]).missing
        == "the suite small measures no perplexity: it has no `perplexity`")
  }
}
