import Comparison
import Foundation
import Results
import Testing

/// A publication with no more than the sentences that measurements decide.
private let sentences = Publication(
  title: "Tiny", source: "a test", models: [], tasks: [],
  averages: [
    PublishedAverage(name: "World", tasks: ["piqa", "sciq"]), PublishedAverage(name: "Other", tasks: ["webqs"]),
  ],
  formulas: [], tables: [],
  statements: ["displaced", "int8-harmless", "language-margin", "robustness"].map { name in
    let values = ["language-margin": "0.2", "robustness": "1"]
    return PublishedStatement(
      name: name, value: values[name].flatMap(PrintedNumber.init), unit: "%", place: "here", sentence: name)
  })

private let compressions = [
  SuiteEvidence.Compression(name: "dense", isDense: true, bits: nil),
  SuiteEvidence.Compression(name: "gptq", isDense: false, bits: 8),
]
private let recoveries = [
  SuiteEvidence.Recovery(name: "none", kind: .none, tokens: nil),
  SuiteEvidence.Recovery(name: "idp-a", kind: .idp, tokens: 38),
  SuiteEvidence.Recovery(name: "idp-b", kind: .idp, tokens: 75),
]

private func ones(_ count: Int, of all: Int) -> String {
  String(repeating: "1", count: count) + String(repeating: "0", count: all - count)
}

private func result(_ compression: String, _ recovery: String, _ flags: [String: String]) throws -> CellResult {
  smallResult(
    try Cell(model: "tiny", compression: compression, recovery: recovery),
    tasks: flags.sorted { $0.key < $1.key }.map { smallTask($0.key, $0.value) })
}

private func evidence(
  _ results: [CellResult], failures: [Cell: String] = [:],
  compressions: [SuiteEvidence.Compression] = compressions,
  recoveries: [SuiteEvidence.Recovery] = recoveries, cells: Set<Cell>? = nil
) -> SuiteEvidence {
  SuiteEvidence(
    suite: "small", models: ["tiny"], compressions: compressions, recoveries: recoveries, cells: cells,
    results: Dictionary(uniqueKeysWithValues: results.map { ($0.cell, $0) }), failures: failures,
    files: Dictionary(
      uniqueKeysWithValues: results.map { ($0.cell, EvidenceFile(name: $0.cell.path, sha256: "d \($0.cell.path)")) }))
}

private func claims(
  _ results: [CellResult], failures: [Cell: String] = [:],
  compressions: [SuiteEvidence.Compression] = compressions,
  recoveries: [SuiteEvidence.Recovery] = recoveries, cells: Set<Cell>? = nil, facts: DocumentFacts? = nil
) -> [String: Claim] {
  let claimed = ClaimEvidence(
    publication: sentences, publicationFile: EvidenceFile(name: "published.yaml", sha256: "p"),
    suite: evidence(
      results, failures: failures, compressions: compressions, recoveries: recoveries, cells: cells), facts: facts)
  return Dictionary(uniqueKeysWithValues: claimed.claims().map { ($0.id, $0) })
}

@Suite struct MeasuredClaimsTests {
  /// Of 1000 documents 600 right when dense; compression loses 200 of them.
  private func suite(broughtBack: Int, learned: Int) throws -> [CellResult] {
    let recovered =
      ones(400, of: 400) + ones(broughtBack, of: 200) + ones(learned, of: 400)
    return [
      try result("dense", "none", ["piqa": ones(600, of: 1000)]),
      try result("gptq", "none", ["piqa": ones(400, of: 1000)]),
      try result("gptq", "idp-a", ["piqa": recovered]), try result("gptq", "idp-b", ["piqa": recovered]),
    ]
  }

  @Test(arguments: [(100, 40, ClaimVerdict.supported), (20, 40, .undecidable), (20, 160, .contradicted)])
  func `displaced is what comes back more often than what was never there`(
    broughtBack: Int, learned: Int, verdict: ClaimVerdict
  ) throws {
    let claim = try #require(claims(try suite(broughtBack: broughtBack, learned: learned))["displaced"])
    #expect(claim.verdict == verdict)
    let working = try #require(claim.workings.first)
    // Of both recoveries, which bring back the same documents.
    let share = String(format: "%.1f", Double(learned) / 4)
    #expect(working.expression == "(\(2 * broughtBack) - 0) ÷ (400 - 0) - \(share) %")
    #expect(abs(try #require(working.value) - 100 * (Double(broughtBack) / 200 - Double(learned) / 400)) < 1e-9)
    #expect(claim.scale == "suite small; tiny; documents: piqa 1000")
    #expect(
      claim.evidence.map(\.name) == [
        "published.yaml", "tiny/dense/none.json", "tiny/gptq/idp-a.json", "tiny/gptq/idp-b.json", "tiny/gptq/none.json",
      ])
  }

  @Test func `the claim is what the ledger answers for prompts`() throws {
    // Of 230 documents 100 are lost and 80 of these brought back, 100 never right and 10 of these learned, 30 gained and
    // 5 of these lost again.
    let before = ones(100, of: 230)
    let compressed = ones(0, of: 200) + ones(30, of: 30)
    let recovered = ones(80, of: 100) + ones(10, of: 100) + ones(25, of: 30)
    let results = [
      try result("dense", "none", ["piqa": before]), try result("gptq", "none", ["piqa": compressed]),
      try result("gptq", "idp-a", ["piqa": recovered]), try result("gptq", "idp-b", ["piqa": recovered]),
      // It brings back everything, and is no prompt.
      try result("gptq", "lora", ["piqa": ones(230, of: 230)]),
    ]
    let all = recoveries + [SuiteEvidence.Recovery(name: "lora", kind: .lora, tokens: nil)]
    let claim = try #require(claims(results, recoveries: all)["displaced"])
    let answers = SuiteLedger(evidence(results, recoveries: all), domains: []).answers()
    let answer = try #require(answers.first { $0.family == .prompts }).displacement
    let displaced = try #require(answer.displaced)
    #expect(claim.verdict == .supported && answer.verdict == .supported)
    let working = try #require(claim.workings.first)
    #expect(working.expression == "(160 - 10) ÷ (200 - 60) - 10.0 %")
    // 75 ÷ 70 - 10 ÷ 100
    let expected: Double = 7500.0 / 70 - 10
    #expect(abs(try #require(working.value) - expected) < 1e-9)
    #expect(working.value == 100 * displaced.value)
    #expect(working.interval?.low == 100 * displaced.low && working.interval?.high == 100 * displaced.high)
    #expect(working.interval?.kind == "95 %, clustered by document")
    #expect(working.note == "supported: \(answer.reason)")
    #expect(claim.value.hasPrefix("+97.1 [") && claim.value.hasSuffix("] points of the damage, by prompts"))
    #expect(claim.workings.map(\.name) == ["all prompts", "brought back", "learned", "tiny, gptq"])
    #expect(claim.inputs.map(\.name) == ["cells recovered by prompts"])
    #expect(claim.inputs.map(\.printed) == ["tiny / gptq / idp-a, tiny / gptq / idp-b"])
    #expect(claim.inputs.map(\.place) == ["2 cells of the suite small"])
    #expect(claim.formula.contains("all cells recovered by prompts"))
    #expect(claim.notes.first?.hasPrefix("Decided by all 2 cells recovered by prompts") == true)
    #expect(claim.evidence.count == 5, "the paper, and four results")
  }

  @Test func `a recovery that is no prompt is not missed`() throws {
    let all = recoveries + [SuiteEvidence.Recovery(name: "lora", kind: .lora, tokens: nil)]
    let found = claims(try suite(broughtBack: 100, learned: 40), recoveries: all)
    #expect(found["displaced"]?.verdict == .supported)
  }

  @Test func `documents that ask for one fact count as one`() throws {
    let line = #"{"task": "piqa", "document": 0, "facts": [{"fact": "f", "exposures": {"c4": 1}}]}"#
    let facts = try DocumentFacts(contentsOf: Data(line.utf8), file: "questions.jsonl")
    let claim = try #require(claims(try suite(broughtBack: 100, learned: 40), facts: facts)["displaced"])
    #expect(claim.workings.first?.interval?.kind == "95 %, clustered by fact")
  }

  @Test func `what comes back no oftener than chance gains are lost again is not shown to be displaced`() throws {
    // Compression lost 200 and gained 200; the recovery turns half of both round, and learns nothing.
    let halves = ones(100, of: 200) + ones(100, of: 200)
    let results = [
      try result("dense", "none", ["piqa": ones(600, of: 1000)]),
      try result("gptq", "none", ["piqa": ones(400, of: 600) + ones(200, of: 400)]),
      try result("gptq", "idp-a", ["piqa": ones(400, of: 400) + halves + ones(0, of: 200)]),
      try result("gptq", "idp-b", ["piqa": ones(400, of: 400) + halves + ones(0, of: 200)]),
    ]
    let claim = try #require(claims(results)["displaced"])
    #expect(claim.verdict == .undecidable)
    #expect(claim.value == "compression gained nearly as much as it lost: chance may have done all of it")
    #expect(claim.workings.first?.expression == "200 of 400 lost, 200 of 400 gained")
    #expect(claim.workings.first?.value == nil)
  }

  @Test func `the ledger is also told by cell, by domain and by task`() throws {
    let flags = ["piqa": "110", "sciq": "100", "webqs": "101"]
    var results = [try result("dense", "none", flags)]
    for recovery in ["none", "idp-a", "idp-b"] { results.append(try result("gptq", recovery, flags)) }
    #expect(claims(results)["displaced"]?.value == "compression lost nothing")
    results[1] = try result("gptq", "none", ["piqa": "010", "sciq": "100", "webqs": "101"])
    let claim = try #require(claims(results)["displaced"])
    #expect(
      claim.details.map(\.name).prefix(5) == [
        "tiny / gptq / idp-a", "tiny / gptq / idp-a, World", "tiny / gptq / idp-a, piqa", "tiny / gptq / idp-a, sciq",
        "tiny / gptq / idp-a, webqs",
      ])
    #expect(claim.details.first?.expression == "1 of 1 lost, 0 of 0 gained")
    #expect(claim.details.first?.note == "compression lost only 1, fewer than 10")
  }

  @Test func `a cell that is missing leaves its claims unmeasured`() throws {
    let all = try suite(broughtBack: 100, learned: 40)
    let missing = try Cell(model: "tiny", compression: "gptq", recovery: "idp-b")
    let found = claims(all.filter { $0.cell != missing }, failures: [missing: "there is no result at x.json"])
    #expect(found["displaced"]?.verdict == .notMeasured)
    #expect(found["displaced"]?.missing == "there is no result at x.json")
    #expect(found["displaced"]?.workings.isEmpty == true)
    #expect(found["idp-robust"]?.verdict == .notMeasured)
    #expect(found["int8-harmless"]?.verdict != .notMeasured)
  }

  @Test func `results that may not be compared are not used`() throws {
    var results = try suite(broughtBack: 100, learned: 40)
    results[1] = smallResult(
      results[1].cell, tasks: results[1].tasks, notComparableReason: "only 10 documents were scored")
    let claim = try #require(claims(results)["displaced"])
    #expect(claim.verdict == .notMeasured)
    #expect(claim.missing?.contains("only 10 documents were scored") == true)
  }

  @Test func `other documents of the same number are not paired`() throws {
    var results = try suite(broughtBack: 100, learned: 40)
    results[1].provenance["task/piqa"] = "other"
    #expect(claims(results)["displaced"]?.missing?.contains("scored different documents of piqa") == true)
  }

  @Test func `eight bits are harmless where no more than the margin can be lost`() throws {
    func verdict(_ lost: Int, _ gained: Int, of documents: Int) throws -> Claim {
      let half = documents / 2
      let before = ones(half, of: documents)
      let after = ones(half - lost, of: half) + ones(gained, of: documents - half)
      return try #require(
        claims([
          try result("dense", "none", ["piqa": before]), try result("gptq", "none", ["piqa": after]),
        ])["int8-harmless"])
    }
    #expect(try verdict(5, 5, of: 100_000).verdict == .supported)
    #expect(try verdict(5, 5, of: 100).verdict == .undecidable)
    #expect(try verdict(20, 2, of: 100).verdict == .contradicted)
    // One task alone has Newcombe's paired interval.
    let working = try #require(try verdict(20, 2, of: 100).workings.first)
    let newcombe = NewcombeInterval(
      pairs: PairedCounts(bothRight: 30, onlyFirstRight: 2, onlySecondRight: 20, bothWrong: 48), confidence: 0.95)
    let interval = try #require(working.interval)
    #expect(abs(interval.low - 100 * newcombe.low) < 1e-9 && abs(interval.high - 100 * newcombe.high) < 1e-9)
  }

  @Test func `more tasks of the same kind make the interval of their mean narrower by the root of their number`() throws
  {
    func width(_ tasks: [String]) throws -> Double {
      let before = Dictionary(uniqueKeysWithValues: tasks.map { ($0, ones(50, of: 100)) })
      let after = Dictionary(uniqueKeysWithValues: tasks.map { ($0, ones(48, of: 50) + ones(3, of: 50)) })
      let claim = try #require(
        claims([try result("dense", "none", before), try result("gptq", "none", after)])["int8-harmless"])
      let interval = try #require(claim.workings.first?.interval)
      return interval.high - interval.low
    }
    #expect(abs(try width(["a"]) / width(["a", "b", "c", "d"]) - 2) < 1e-9)
  }

  @Test func `IDP is robust where the best and the worst pair are surely within a point`() throws {
    func claim(_ best: Int, _ worst: Int, of documents: Int) throws -> Claim {
      try #require(
        claims([
          try result("dense", "none", ["piqa": ones(documents / 2, of: documents)]),
          try result("gptq", "none", ["piqa": ones(documents / 2, of: documents)]),
          try result("gptq", "idp-a", ["piqa": ones(best, of: documents)]),
          try result("gptq", "idp-b", ["piqa": ones(worst, of: documents)]),
        ])["idp-robust"])
    }
    #expect(try claim(50_050, 50_000, of: 100_000).verdict == .supported)
    #expect(try claim(50_050, 50_000, of: 100_000).value == "+0.05 points")
    #expect(try claim(55, 54, of: 100).verdict == .undecidable)
    #expect(try claim(80, 20, of: 100).verdict == .contradicted)
    #expect(try claim(80, 20, of: 100).notes.first?.contains("of 38 to 75 tokens") == true)
  }

  @Test func `cells that the suite does not have are not missed`() throws {
    let mild = SuiteEvidence.Compression(name: "mild", isDense: false, bits: 4)
    let results = try suite(broughtBack: 100, learned: 40) + [try result("mild", "none", ["piqa": ones(590, of: 1000)])]
    let all = compressions + [mild]
    let parted = claims(results, compressions: all, cells: Set(results.map(\.cell)))
    #expect(parted["displaced"]?.verdict == .supported)
    #expect(parted["displaced"]?.workings.contains { $0.name.contains("mild") } == false)
    #expect(parted["idp-robust"]?.verdict == .supported)
    // In a whole grid they would be.
    #expect(claims(results, compressions: all)["displaced"]?.verdict == .notMeasured)
    // Where no compression has both pairs, there is no range.
    let single = results.filter { $0.cell.recovery != "idp-b" }
    #expect(
      claims(single, compressions: all, cells: Set(single.map(\.cell)))["idp-robust"]?.missing
        == "the suite small tries idp-a and idp-b together on no compression")
  }

  @Test func `a single pair of prompts has no range`() throws {
    let found = claims(try suite(broughtBack: 100, learned: 40), recoveries: Array(recoveries.prefix(2)))
    #expect(found["idp-robust"]?.missing == "the suite small has IDP over fewer than two pairs of prompts")
  }

  @Test func `what no stored result can decide says what would`() throws {
    let found = claims(try suite(broughtBack: 100, learned: 40))
    for id in ["idp-no-overhead", "ppl-vs-accuracy", "attention-diverges", "latency-ratio"] {
      #expect(found[id]?.verdict == .notMeasured)
      #expect(found[id]?.missing?.isEmpty == false)
    }
  }
}
