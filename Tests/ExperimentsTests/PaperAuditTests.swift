import Comparison
import Testing

/// What the arithmetic of the paper's tables gives. The expected numbers were found by hand and by a separate program.
@Suite struct PaperAuditTests {
  private let paper: Publication
  private let audit: Audit

  init() throws {
    paper = try PaperFile.read()
    audit = Audit(paper)
  }

  @Test func `one of 52 rows has averages that its scores do not give`() {
    #expect(audit.averages.count == 4 * 52)
    let failed = audit.averages.filter { !$0.holds }
    #expect(
      failed.map { "\($0.place): \($0.average) \($0.printed.text) \($0.recomputedText)" } == [
        "Table 1, OPT-6.7b prompt 0.1M: World 42.50 42.286", "Table 1, OPT-6.7b prompt 0.1M: Average 51.79 51.672",
      ])
  }

  @Test func `percentages are counts of the full splits, and exclude one split of triviaqa`() {
    func tasks(_ verdict: DocumentCheck.Verdict) -> [String] {
      audit.documents.filter { $0.verdict == verdict }.map { "\($0.task) \($0.documents)" }
    }
    #expect(
      tasks(.possible) == [
        "arc_easy 2376", "arc_challenge 1172", "sciq 1000", "webqs 2032", "piqa 1838", "lambada_openai 5153",
        "winogrande 1267",
      ])
    #expect(tasks(.excluded) == ["triviaqa 7993"])
    #expect(tasks(.noPower) == ["triviaqa 11313", "triviaqa 17944", "hellaswag 10042"])
    #expect(audit.documents.first { $0.documents == 7993 }?.misfits.count == 7)
  }

  @Test func `one row of Table 2 is another's`() {
    #expect(
      audit.duplicates.map { "\($0.second) = \($0.first.row), \($0.columns)" } == [
        "Table 2, OPT-6.7b IDP 0.6M = OPT-6.7b prompt 0.4M, 13"
      ])
  }

  @Test func `four of Table 3's labels contradict Table 1`() {
    let labels = audit.labels.map { check in
      "\(check.place.row) \(check.holds) \(check.equal.map(\.row))"
    }
    #expect(
      labels == [
        #"OPT-6.7b/26 false ["OPT-6.7b prompt 0.2M"]"#, "OPT-6.7b/100 false []",
        #"OPT-6.7b/IDP true ["OPT-6.7b IDP 0.6M"]"#, #"Llama-7b/26 true ["Llama-7b prompt 0.1M"]"#,
        #"Llama-7b/100 false ["Llama-7b prompt 0.2M"]"#, "Llama-7b/IDP false []",
      ])
  }

  @Test func `sizes that the appendix does not give are LoRA's and the shortest prefix's`() {
    let failed = audit.parameters.filter { !$0.holds }
    #expect(
      failed.map { "\($0.model) \($0.method) \($0.size)" } == [
        "Llama-7b lora 2", "Llama-7b lora 3", "Llama-7b lora 4", "Llama-7b prefix 26", "OPT-6.7b lora 2",
        "OPT-6.7b lora 3", "OPT-6.7b lora 4", "OPT-6.7b prefix 26",
      ])
    #expect(failed.filter { $0.method == "prefix" }.map(\.fittingSizes) == [24...24, 24...24])
  }

  @Test func `the appendix's formulas give these counts`() {
    func counts(_ model: String, _ method: String) -> [Int?] {
      audit.parameters.filter { $0.model == model && $0.method == method }.map(\.computed)
    }
    #expect(counts("Llama-7b", "lora") == [4_915_200, 7_372_800, 9_830_400])
    for model in ["Llama-7b", "OPT-6.7b"] {
      #expect(counts(model, "prompt") == [106_496, 204_800, 409_600])
      #expect(counts(model, "prefix") == [3_407_872, 6_553_600, 13_107_200])
      #expect(counts(model, "idp") == [614_400])
    }
  }

  @Test func `the printed sizes of LoRA are those without one of Llama's attention projections`() throws {
    let llama = try #require(audit.adapted.first)
    #expect(llama.all.parameters(rank: 1) == 2_498_560)
    #expect(llama.fitting.map(\.text) == ["3 of q_proj, k_proj, v_proj and o_proj; gate_proj, up_proj and down_proj"])
    #expect(llama.fitting.map { $0.parameters(rank: 4) } == [8_945_664])
    let opt = try #require(audit.adapted.last)
    #expect(opt.fitting == [opt.all])
    #expect(opt.all.parameters(rank: 4) == 9_437_184)
  }

  @Test func `a corrected copy has no contradictions`() throws {
    var corrected = paper
    for correction in Correction.allCases { try correction.apply(to: &corrected) }
    #expect(Audit(corrected).findings == [])
    #expect(Audit(corrected).exitStatus == 0)
  }

  /// The row with the wrong averages counts twice where Table 3 repeats it, as its label asks.
  @Test(arguments: zip(Correction.allCases, [4, 1, 4, 6, 2]))
  func `each mistake is found by itself`(mistake: Correction, findings: Int) throws {
    var corrected = paper
    for correction in Correction.allCases where correction != mistake { try correction.apply(to: &corrected) }
    #expect(Audit(corrected).findings.count == findings)
  }
}
