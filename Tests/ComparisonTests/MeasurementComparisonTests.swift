import Comparison
import Foundation
import Results
import Testing

/// Perplexity, similarity and ratios of times against those of a baseline.
@Suite struct MeasurementComparisonTests {
  private func perplexity(nats: Double = 2, tokens: Int = 10_000, name: String = "wikitext") -> CellPerplexity {
    CellPerplexity(
      name: name, method: "windows", window: 128, tokens: tokens, negativeLogLikelihood: nats * Double(tokens),
      tokenPerplexity: exp(nats))
  }

  private func similarity(_ value: Double = 0.9) -> CellSimilarity {
    CellSimilarity(
      samples: 4, length: 100, attentionByRow: [1, value], attentionFlattened: [1, value],
      activationsByRow: [1, value],
      activationsFlattened: [1, value])
  }

  private func latency(_ ratio: Double, halfWidth: Double = 0.02, disturbed: Int = 0) -> CellLatency {
    CellLatency(
      batch: 4, length: 64, repetitions: 20, disturbed: disturbed, seconds: 0.5, ratio: ratio,
      lower: ratio * (1 - halfWidth), upper: ratio * (1 + halfWidth))
  }

  private func result(isDense: Bool = false, _ change: (inout CellResult) -> Void) throws -> CellResult {
    var result = smallResult(try smallCell())
    if isDense {
      (result.compression, result.training) = (nil, nil)
      result.parameters = ParameterCount(trainable: 0)
    }
    change(&result)
    return result
  }

  /// "name: verdict" of all that did not hold.
  private func compare(_ found: CellResult, _ expected: CellResult, kernel: String = "Haswell") throws -> [String] {
    try checks(found, expected, kernel: kernel).filter { $0.verdict != .pass }.map { "\($0.name): \($0.verdict)" }
  }

  private func checks(_ found: CellResult, _ expected: CellResult, kernel: String = "Haswell") throws -> [Check] {
    var found = found
    found.environment.kernel = kernel
    return try withTemporaryFolder { folder in
      try ResultFile.write(expected, to: Baseline.path(of: expected.cell, in: folder))
      return Comparison(
        suite: "small", cells: [expected.cell], found: [expected.cell: found],
        baseline: Baseline(folder: folder, cells: [expected.cell])
      ).checks
    }
  }

  // MARK: Perplexity

  private func comparePerplexity(
    _ nats: Double, isDense: Bool = false, kernel: String = "Zen"
  ) throws -> [String] {
    try compare(
      result(isDense: isDense) { $0.perplexities = [perplexity(nats: nats)] },
      result(isDense: isDense) { $0.perplexities = [perplexity()] }, kernel: kernel)
  }

  @Test func `on the same kernel a perplexity must have the same bits`() throws {
    #expect(try comparePerplexity(2, kernel: "Haswell") == [])
    #expect(try comparePerplexity(2.000001, kernel: "Haswell") == ["perplexity of wikitext: regression"])
    #expect(try comparePerplexity(1.999999, kernel: "Haswell") == ["perplexity of wikitext: regression"])
  }

  @Test func `on another kernel the same weights may differ by rounding`() throws {
    #expect(try comparePerplexity(2.0009, isDense: true) == [])
    #expect(try comparePerplexity(2.0011, isDense: true) == ["perplexity of wikitext: regression"])
    #expect(try comparePerplexity(1.9989, isDense: true) == ["perplexity of wikitext: improvement"])
  }

  @Test func `compressed or trained ones may differ by what the tokens leave open`() throws {
    // 2 nats · 1.96 / √10,000 = 0.0392
    #expect(try comparePerplexity(2.039) == [])
    #expect(try comparePerplexity(2.040) == ["perplexity of wikitext: regression"])
    #expect(try comparePerplexity(1.960) == ["perplexity of wikitext: improvement"])
  }

  @Test func `a perplexity that lost more than half of its nats is too good`() throws {
    #expect(try comparePerplexity(0.9) == ["perplexity of wikitext: inconclusive"])
  }

  @Test func `a perplexity must be of the same text, and neither vanish nor come from nowhere`() throws {
    let stored = try result { $0.perplexities = [perplexity()] }
    let shorter = try result { $0.perplexities = [perplexity(tokens: 9_999)] }
    #expect(try compare(shorter, stored) == ["perplexity of wikitext: regression"])
    #expect(try compare(result { _ in }, stored) == ["perplexity of wikitext: regression"])
    #expect(try compare(stored, result { _ in }) == ["perplexity of wikitext: baselineMissing"])
  }

  @Test func `a task's perplexity has its tolerance on another kernel too`() throws {
    func stored(_ perplexity: Double?) throws -> CellResult { try result { $0.tasks[0].perplexity = perplexity } }
    // ln 8 · 1.96 / √10 = 1.29 nats a document.
    #expect(try compare(stored(28), stored(8), kernel: "Zen") == [])
    #expect(try compare(stored(30), stored(8), kernel: "Zen") == ["piqa perplexity: regression"])
    #expect(try compare(stored(nil), stored(8), kernel: "Zen") == ["piqa perplexity: regression"])
  }

  // MARK: Similarity

  @Test func `on the same kernel a similarity must have the same bits`() throws {
    let stored = try result { $0.similarity = similarity() }
    #expect(try compare(stored, stored) == [])
    let other = try result {
      $0.similarity = similarity()
      $0.similarity?.activationsByRow[1] = 0.9.nextUp
    }
    #expect(try compare(other, stored) == ["similarity activationsByRow: regression"])
  }

  @Test func `on another kernel a similarity may differ by what its items leave open`() throws {
    let stored = try result { $0.similarity = similarity() }
    func found(_ value: Double) throws -> CellResult {
      try result {
        $0.similarity = similarity()
        $0.similarity?.attentionByRow[1] = value
      }
    }
    // 0.1 · 1.96 / √400 + 2⁻¹⁰ = 0.0108
    #expect(try compare(found(0.8895), stored, kernel: "Zen") == [])
    #expect(try compare(found(0.889), stored, kernel: "Zen") == ["similarity attentionByRow: regression"])
    #expect(try compare(found(0.911), stored, kernel: "Zen") == ["similarity attentionByRow: improvement"])
  }

  @Test func `a similarity must be of as many blocks and texts, and neither vanish nor come from nowhere`() throws {
    let stored = try result { $0.similarity = similarity() }
    let fewerBlocks = try result {
      $0.similarity = similarity()
      $0.similarity?.attentionFlattened.removeLast()
    }
    #expect(try compare(fewerBlocks, stored, kernel: "Zen") == ["similarity attentionFlattened: regression"])
    let fewerTexts = try result {
      $0.similarity = similarity()
      $0.similarity?.samples = 3
    }
    #expect(try compare(fewerTexts, stored) == ["similarity: regression"])
    #expect(try compare(result { _ in }, stored) == ["similarity: regression"])
    #expect(try compare(stored, result { _ in }) == ["similarity: baselineMissing"])
  }

  // MARK: Ratios of times

  private func compareLatency(_ found: CellLatency, _ expected: CellLatency) throws -> [String] {
    try compare(result { $0.latency = found }, result { $0.latency = expected })
  }

  @Test func `times themselves are not compared`() throws {
    var slow = latency(1.2)
    slow.seconds = 50
    #expect(try compareLatency(slow, latency(1.2)) == [])
  }

  @Test func `a doubled ratio is a regression, on a disturbed machine too`() throws {
    #expect(try compareLatency(latency(2.4), latency(1.2)) == ["latency ratio: regression"])
    #expect(try compareLatency(latency(2.4, disturbed: 20), latency(1.2)) == ["latency ratio: regression"])
  }

  @Test func `a ratio within the factor holds, beyond it the intervals must be disjoint`() throws {
    #expect(try compareLatency(latency(1.49), latency(1.2)) == [])
    #expect(try compareLatency(latency(1.51), latency(1.2)) == ["latency ratio: regression"])
    #expect(try compareLatency(latency(1.51, halfWidth: 0.3), latency(1.2)) == ["latency ratio: inconclusive"])
    #expect(try compareLatency(latency(2.4, halfWidth: 0.6), latency(1.2)) == ["latency ratio: inconclusive"])
  }

  @Test func `less than a doubling on a disturbed machine decides nothing`() throws {
    #expect(try compareLatency(latency(1.8, disturbed: 11), latency(1.2)) == ["latency ratio: inconclusive"])
    #expect(try compareLatency(latency(1.8, disturbed: 10), latency(1.2)) == ["latency ratio: regression"])
  }

  @Test func `a smaller ratio is an improvement`() throws {
    #expect(try compareLatency(latency(0.9), latency(1.2)) == ["latency ratio: improvement"])
  }

  @Test func `a ratio must be of the same batch, and neither vanish nor come from nowhere`() throws {
    var longer = latency(1.2)
    longer.length = 128
    #expect(try compareLatency(longer, latency(1.2)) == ["latency ratio: regression"])
    let stored = try result { $0.latency = latency(1.2) }
    #expect(try compare(result { _ in }, stored) == ["latency ratio: regression"])
    #expect(try compare(stored, result { _ in }) == ["latency ratio: baselineMissing"])
  }

  // MARK: Contradictions

  @Test func `measurements that contradict themselves are named`() throws {
    let faults: [(String, (inout CellResult) -> Void)] = [
      ("perplexities.wikitext.tokenPerplexity", { $0.perplexities?[0].tokenPerplexity = 7.4 }),
      ("perplexities.wikitext.tokens", { $0.perplexities?[0].tokens = 0 }),
      ("perplexities.wikitext", { $0.perplexities = [perplexity(), perplexity()] }),
      ("similarity.attentionByRow.1", { $0.similarity?.attentionByRow[1] = 1.1 }),
      ("similarity.samples", { $0.similarity?.samples = 0 }),
      ("similarity.activationsByRow.0", { $0.similarity?.activationsByRow[0] = .nan }),
      ("latency.ratio", { $0.latency?.ratio = 3 }),
      ("latency.disturbed", { $0.latency?.disturbed = 21 }),
      ("latency.lower", { $0.latency?.lower = -.infinity }),
      ("tasks.piqa.chance", { $0.tasks[0].chance = 1.5 }),
    ]
    let sound = try result {
      $0.perplexities = [perplexity()]
      $0.similarity = similarity()
      $0.latency = latency(1.2)
    }
    #expect(sound.problems() == [])
    for (place, fault) in faults {
      var broken = sound
      fault(&broken)
      #expect(broken.problems().map(\.place).contains(place), "\(place): \(broken.problems())")
    }
  }
}
