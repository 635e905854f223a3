import Comparison
import Foundation
import Results
import Testing

private let compressions = [
  SuiteEvidence.Compression(name: "dense", isDense: true, bits: nil),
  SuiteEvidence.Compression(name: "gptq", isDense: false, bits: 3),
]
private let recoveries = [
  SuiteEvidence.Recovery(name: "none", kind: .none, tokens: nil),
  SuiteEvidence.Recovery(name: "lora-2", kind: .lora, tokens: nil),
  SuiteEvidence.Recovery(name: "prompt-26", kind: .prompt, tokens: 26),
  SuiteEvidence.Recovery(name: "prompt-50", kind: .prompt, tokens: 50),
]
private let domains = [
  PublishedAverage(name: "World", tasks: ["sciq"]), PublishedAverage(name: "All", tasks: ["sciq", "piqa"]),
]

/// The flags of documents that go the eight ways that a document can, so many each: lost and not brought back, lost and
/// brought back, never right, learned, gained and lost again, gained and kept, broken, kept.
private struct Fates {
  var lost = 0
  var broughtBack = 0
  var neverRight = 0
  var learned = 0
  var lostAgain = 0
  var gained = 0

  var before: String { text("1", "1", "0", "0", "0", "0") }
  var compressed: String { text("0", "0", "0", "0", "1", "1") }
  var recovered: String { text("0", "1", "0", "1", "0", "1") }

  private func text(_ flags: String...) -> String {
    zip(flags, [lost, broughtBack, neverRight, learned, lostAgain, gained]).map { String(repeating: $0, count: $1) }
      .joined()
  }
}

private func result(_ compression: String, _ recovery: String, _ flags: [String: String]) throws -> CellResult {
  smallResult(
    try Cell(model: "tiny", compression: compression, recovery: recovery),
    tasks: flags.sorted { $0.key < $1.key }.map { smallTask($0.key, $0.value) })
}

private func smallLedger(
  prompts: Fates, lora: Fates? = nil, task: String = "sciq", without missing: String? = nil, facts: DocumentFacts? = nil
) throws -> SuiteLedger {
  let other = ["piqa": "1100"]
  func tasks(_ flags: String) -> [String: String] { other.merging([task: flags]) { $1 } }
  var results = [
    try result("dense", "none", tasks(prompts.before)), try result("gptq", "none", tasks(prompts.compressed)),
    try result("gptq", "lora-2", tasks((lora ?? prompts).recovered)),
  ]
  for recovery in ["prompt-26", "prompt-50"] { results.append(try result("gptq", recovery, tasks(prompts.recovered))) }
  results.removeAll { $0.cell.compression == "gptq" && $0.cell.recovery == missing }
  let evidence = SuiteEvidence(
    suite: "small", models: ["tiny"], compressions: compressions, recoveries: recoveries,
    results: Dictionary(uniqueKeysWithValues: results.map { ($0.cell, $0) }), failures: [:], files: [:])
  return SuiteLedger(evidence, domains: domains, facts: facts)
}

private let displaced = Fates(lost: 20, broughtBack: 80, neverRight: 90, learned: 10, lostAgain: 5, gained: 25)

@Suite struct SuiteLedgerTests {
  @Test func `each recovered cell is counted by task and by domain`() throws {
    let ledger = try smallLedger(prompts: displaced)
    #expect(ledger.entries.map(\.cell.recovery) == ["lora-2", "prompt-26", "prompt-50"])
    let entry = ledger.entries[1]
    #expect(entry.tasks.map(\.name) == ["piqa", "sciq"])
    #expect(entry.ledger.lost == 100 && entry.ledger.broughtBack == 80 && entry.ledger.documents == 234)
    #expect(entry.ledger(of: domains[0])?.documents == 230)
    #expect(ledger.domains.map(\.name) == ["World"], "a domain of all tasks says nothing new")
  }

  @Test func `what comes back more often than learning and chance explain was displaced`() throws {
    let answers = try smallLedger(prompts: displaced).answers()
    #expect(answers.map(\.family) == [.all, .prompts, .lora])
    for answer in answers {
      #expect(answer.displacement.verdict == .supported)
      #expect(answer.displacement.broughtBack?.clusters == 100)
      // Three cells, but no more documents than one has.
      #expect(abs((answer.displacement.broughtBack?.effectiveTrials ?? 0) - 100) < 1e-9)
    }
    let prompts = answers[1].displacement
    #expect(prompts.ledger.lost == 200)
    // (80 - 5)/(100 - 30), less 10/100. The two documents of piqa that were never right have nothing lost beside them.
    #expect(abs((prompts.undone ?? 0) - 75.0 / 70) < 1e-12)
    #expect(prompts.learned?.value == 0.1)
    #expect(abs((prompts.displaced?.value ?? 0) - (75.0 / 70 - 0.1)) < 1e-12)
  }

  @Test func `what comes back no more often than chance moves documents is not displaced`() throws {
    let edge = Fates(lost: 60, broughtBack: 40, neverRight: 95, learned: 5, lostAgain: 33, gained: 33)
    let answer = try smallLedger(prompts: edge).answers()[1].displacement
    // 100 - 66 is more than 1.96 · √166; undone of it is (40 - 33)/(100 - 66), of which chance leaves little certain.
    #expect(answer.undone == 7.0 / 34)
    #expect(answer.verdict == .undecidable)
    // 100 - 80 is less than 1.96 · √180.
    let even = Fates(lost: 50, broughtBack: 50, neverRight: 95, learned: 5, lostAgain: 40, gained: 40)
    let noDamage = try smallLedger(prompts: even).answers()[1].displacement
    #expect(noDamage.undone == nil && noDamage.displaced == nil && noDamage.verdict == .undecidable)
    #expect(noDamage.reason == "compression gained nearly as much as it lost: chance may have done all of it")
  }

  @Test func `what comes back no more often than new knowledge is learned was forgotten`() throws {
    let forgotten = Fates(lost: 855, broughtBack: 45, neverRight: 475, learned: 25, lostAgain: 0, gained: 0)
    let answer = try smallLedger(prompts: forgotten).answers()[1].displacement
    // 5 % of either, each known to a point or so.
    #expect(abs(answer.displaced?.value ?? 1) < 1e-12)
    #expect(answer.verdict == .contradicted)
    // 1.959964 · √(0.05 · 0.95 · (1/900 + 1/500))
    #expect(answer.reason == "at most 2.4 % of the damage can be displaced")
  }

  @Test func `a few lost documents decide nothing`() throws {
    let few = Fates(lost: 0, broughtBack: 9, neverRight: 900, learned: 0, lostAgain: 0, gained: 0)
    let answer = try smallLedger(prompts: few).answers()[0].displacement
    #expect(answer.verdict == .undecidable)
    #expect(answer.reason == "compression lost only 9, fewer than 10")
    let nothing = Fates(lost: 0, broughtBack: 0, neverRight: 900, learned: 0, lostAgain: 0, gained: 0)
    #expect(try smallLedger(prompts: nothing).answers()[0].displacement.reason == "compression lost nothing")
  }

  @Test func `tasks that are easier to guess do not pass for knowledge`() throws {
    // Of sciq half comes back and half is learned, of piqa a tenth and a tenth; but sciq lost more, and piqa has more
    // that was never right. Taken together it would be 52 of 120 against 50 of 420.
    let results = try [("dense", "none"), ("gptq", "none"), ("gptq", "prompt-26")].map { compression, recovery in
      func flags(_ lost: Int, _ back: Int, _ never: Int, _ learned: Int) -> String {
        let fates = Fates(lost: lost, broughtBack: back, neverRight: never, learned: learned)
        return compression == "dense" ? fates.before : recovery == "none" ? fates.compressed : fates.recovered
      }
      return try result(
        compression, recovery, ["sciq": flags(50, 50, 10, 10), "piqa": flags(18, 2, 360, 40)])
    }
    let evidence = SuiteEvidence(
      suite: "small", models: ["tiny"], compressions: compressions, recoveries: recoveries,
      results: Dictionary(uniqueKeysWithValues: results.map { ($0.cell, $0) }), failures: [:], files: [:])
    let answer = SuiteLedger(evidence, domains: []).answers()[0].displacement
    #expect(answer.ledger.broughtBack == 52 && answer.ledger.learned == 50)
    // (100 · 0.5 + 20 · 0.1)/120, as much as came back
    #expect(abs((answer.learned?.value ?? 0) - 52.0 / 120) < 1e-12)
    #expect(abs(answer.displaced?.value ?? 1) < 1e-12)
    #expect(answer.verdict == .undecidable)
  }

  @Test func `prompts and LoRA are held against one another on the same lost documents`() throws {
    var lora = displaced
    (lora.lost, lora.broughtBack) = (40, 60)
    let difference = try #require(try smallLedger(prompts: displaced, lora: lora).promptsLessLoRA())
    #expect(abs(difference.value - 0.2) < 1e-12)
    // √(0.2 · 0.8 / 100) of the 20 documents that only prompts bring back, times 1.96
    #expect(abs(difference.low - (0.2 - 1.959964 * 0.04)) < 1e-6)
    let same = try #require(try smallLedger(prompts: displaced).promptsLessLoRA())
    #expect(same.value == 0 && same.low == 0 && same.high == 0)
  }

  @Test func `documents group by how often their facts were stated, and facts by their names`() throws {
    let fates = Fates(lost: 2, broughtBack: 2, neverRight: 2, learned: 0, lostAgain: 0, gained: 0)
    // Two documents a fact, stated once, twice and nine times.
    let lines = (0..<6).map { place in
      #"{"task": "sciq", "document": \#(place), "facts": [{"fact": "f\#(place / 2)", "#
        + #""exposures": {"c4": \#([1, 2, 9][place / 2])}}]}"#
    }
    let facts = try DocumentFacts(contentsOf: Data(lines.joined(separator: "\n").utf8), file: "questions.jsonl")
    let ledger = try smallLedger(prompts: fates, facts: facts)
    let groups = ledger.answersByExposure(.lora)
    #expect(groups.map(\.name) == ["1", "2–3", "8–15"])
    #expect(groups.map(\.displacement.ledger.broughtBack) == [0, 2, 0])
    #expect(groups.map(\.displacement.ledger.lost) == [2, 2, 0])
    #expect(groups[1].displacement.broughtBack?.clusters == 1, "two documents that ask for one fact are one cluster")
    let byFact = ledger.factFates()
    #expect(byFact.map(\.fact) == ["f0", "f1", "f2"])
    #expect(byFact.map(\.exposures) == [1, 2, 9])
    #expect(byFact[1].ledger.broughtBack == 6, "two documents in three cells")
  }

  @Test func `what is missing is said once, and the rest is counted`() throws {
    let ledger = try smallLedger(prompts: displaced, without: "lora-2")
    #expect(ledger.entries.count == 2)
    #expect(ledger.problems == ["the suite small has no result of tiny / gptq / lora-2"])
    #expect(ledger.families == [.all, .prompts])
    #expect(ledger.promptsLessLoRA() == nil)
    let compressed = try smallLedger(prompts: displaced, without: "none")
    #expect(compressed.entries.isEmpty)
    #expect(compressed.problems == ["the suite small has no result of tiny / gptq / none"])
  }
}
