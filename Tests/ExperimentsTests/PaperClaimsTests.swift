import Comparison
import Testing

/// What the paper's own numbers make of its claims. The expected numbers were worked out by hand.
@Suite struct PaperClaimsTests {
  private let paper: Publication

  init() throws { paper = try PaperFile.read() }

  private func claims(_ publication: Publication) -> [String: Claim] {
    let evidence = ClaimEvidence(
      publication: publication, publicationFile: EvidenceFile(name: "published.yaml", sha256: "p"), suite: nil)
    return Dictionary(uniqueKeysWithValues: evidence.claims().map { ($0.id, $0) })
  }

  private func claim(_ id: String) throws -> Claim { try #require(claims(paper)[id]) }

  private func value(_ claim: Claim, _ name: String) throws -> Double {
    let working = claim.workings.first { $0.name == name }
    return try #require(working?.value, "\(claim.id) has no “\(name)”")
  }

  @Test(arguments: [
    ("parameters-21x", ClaimVerdict.holdsUnderReading, "14.6× and 15.4×"),
    ("parameters-20-fold", .contradictedByOwnTables, "5.5× to 11.1×"),
    ("latency-60", .contradictedByOwnTables, "40.3 % less time, 68 % faster"),
    ("lora-formula", .contradictedByOwnTables, "0 of 6 sizes fit"),
    ("prefix-formula", .contradictedByOwnTables, "4 of 6 sizes fit"),
    ("prompt-formula", .supported, "8 of 8 sizes fit"),
    ("averages", .contradictedByOwnTables, "51 of 52 rows"),
    ("duplicate-rows", .contradictedByOwnTables, "1 pair equal"),
    ("table3-labels", .contradictedByOwnTables, "2 of 6 rows agree"),
    ("grim", .supported, "fits in 7 tasks, 2 not testable"),
    ("idp-vs-lora", .undecidable, "+0.73, +0.01, -0.10 and +0.39"),
    ("language-margin", .holdsUnderReading, "0.20, 0.24, 0.51 and 0.29 points"),
    ("concat", .contradictedByOwnTables, "-1.03, -1.32, -0.11 and +0.21"),
    ("idp-gain", .holdsUnderReading, "+0.42, +0.13, +0.19 and +0.51"),
    ("gain-1", .holdsUnderReading, "gptq +0.97, sparsegpt +0.37"),
    ("ptune-worse", .holdsUnderReading, "87 of 108 scores, 12 of 12 averages lower"),
    ("multiple-choice", .contradicted, "6 of 9 tasks"),
  ])
  func `the paper's own numbers decide`(id: String, verdict: ClaimVerdict, value: String) throws {
    let found = try claim(id)
    #expect(found.verdict == verdict)
    #expect(found.value == value)
    #expect(found.missing == nil)
    #expect((found.reading != nil) == (verdict == .holdsUnderReading))
    #expect(found.evidence == [EvidenceFile(name: "published.yaml", sha256: "p")])
  }

  @Test func `21 is the ratio of other methods than LoRA and IDP`() throws {
    let found = try claim("parameters-21x")
    #expect(try value(found, "LoRA rank 4 ÷ IDP, Llama-7b") == 8_945_664.0 / 614_400)
    #expect(try value(found, "LoRA rank 2 ÷ IDP, Llama-7b") == 4_472_832.0 / 614_400)
    #expect(try value(found, "LoRA rank 4 ÷ IDP, OPT-6.7b") == 9_437_184.0 / 614_400)
    #expect(try value(found, "LoRA rank 4 ÷ prompt of 100, Llama-7b") == 8_945_664.0 / 409_600)
    #expect(try value(found, "prefix of 100 ÷ IDP, Llama-7b") == 13_107_200.0 / 614_400)
  }

  @Test func `every count of parameters has its last digit`() throws {
    let lora = try claim("lora-formula")
    let notes = lora.notes.joined(separator: "\n")
    for counts in [
      "4,997,120, 7,495,680 and 9,994,240", "4,472,832, 6,709,248 and 8,945,664", "4,718,592, 7,077,888 and 9,437,184",
    ] { #expect(notes.contains(counts)) }
    #expect(lora.workings.prefix(3).map(\.value) == [4_915_200, 7_372_800, 9_830_400])
    let prefix = try claim("prefix-formula")
    #expect(prefix.workings.prefix(3).map(\.value) == [3_407_872, 6_553_600, 13_107_200])
    #expect(prefix.notes.contains { $0.contains("6,815,744, 13,107,200 and 26,214,400") })
    #expect(prefix.notes.contains { $0.contains("tokens = 24 would fit") })
    #expect(
      try claim("prompt-formula").workings.compactMap(\.value).sorted() == [
        106_496, 106_496, 204_800, 204_800, 409_600, 409_600, 614_400, 614_400,
      ])
  }

  @Test func `0_37 of 0_62 seconds is neither a reduction by 60 percent nor a gain of 60 percent`() throws {
    let found = try claim("latency-60")
    #expect(abs(try value(found, "reduction of the time") - 40.32) < 0.005)
    #expect(abs(try value(found, "gain in speed") - 67.57) < 0.005)
    #expect(abs(try value(found, "time that remains") - 59.68) < 0.005)
    let range = try #require(found.workings.first?.interval)
    #expect(abs(range.low - 100 * (1 - 0.375 / 0.615)) < 1e-9 && abs(range.high - 100 * (1 - 0.365 / 0.625)) < 1e-9)
  }

  @Test func `an average over nine tasks has a standard error of 0_31`() throws {
    let found = try claim("idp-vs-lora")
    #expect(found.notes.contains { $0.contains("Standard error of one average: 0.31 points") })
    #expect(found.notes.contains { $0.contains("0.47 points if 5 %") && $0.contains("0.81 points if 15 %") })
    // Llama, GPTQ: √2 · 0.31 · 1.96 = 0.86 on either side.
    let interval = try #require(found.workings.first?.interval)
    #expect(abs(interval.low - (0.73 - 0.863)) < 0.002 && abs(interval.high - (0.73 + 0.863)) < 0.002)
  }

  @Test func `prefix tuning is above the compressed model where claims and tables disagree`() throws {
    let names = try claim("ptune-worse").workings.map(\.name)
    #expect(names.filter { $0.contains("Llama") } == ["Table 1, Llama-7b ptune 3.1M, hellaswag"])
    for size in ["3.1M", "6.5M", "13.1M"] {
      for task in ["webqs", "triviaqa", "piqa"] { #expect(names.contains("Table 1, OPT-6.7b ptune \(size), \(task)")) }
      #expect(names.contains("Table 2, OPT-6.7b ptune \(size), arc_challenge"))
    }
    #expect(names.filter { $0.hasPrefix("Table 2") && $0.hasSuffix("webqs") }.count == 2)
    #expect(names.filter { $0.hasPrefix("Table 2") && $0.hasSuffix("triviaqa") }.count == 2)
  }

  @Test func `IDP of Table 3 has fewer tokens than the row it equals`() throws {
    let notes = try claim("table3-labels").notes
    #expect(notes.contains { $0.contains("126 · 4,096 = 516,096 parameters") && $0.contains("prints 0.6M") })
  }

  @Test func `what needs a measurement is not measured, and says what would measure it`() throws {
    for id in [
      "displaced", "idp-no-overhead", "idp-robust", "ppl-vs-accuracy", "int8-harmless", "attention-diverges",
      "latency-ratio",
    ] {
      let found = try claim(id)
      #expect(found.verdict == .notMeasured && found.value.isEmpty && found.workings.isEmpty)
      #expect(found.missing?.isEmpty == false)
    }
    #expect(claims(paper).count == 24)
  }

  @Test func `on corrected tables the claims about tables hold`() throws {
    var corrected = paper
    for correction in Correction.allCases { try correction.apply(to: &corrected) }
    let found = claims(corrected)
    for id in ["lora-formula", "prefix-formula", "averages", "duplicate-rows", "table3-labels"] {
      #expect(found[id]?.verdict == .supported, "\(id)")
    }
  }

  @Test func `verdicts follow the stored numbers`() throws {
    var other = paper
    try other.setScore("59.79", "Table 1", "Llama-7b IDP 0.6M", "Average")
    #expect(claims(other)["idp-vs-lora"]?.value == "+1.73, +0.01, -0.10 and +0.39")
    let seconds = try #require(other.statements.firstIndex { $0.name == "prompt-seconds" })
    other.statements[seconds].value = PrintedNumber("0.25")
    #expect(claims(other)["latency-60"]?.verdict == .supported)
  }

  @Test func `what is not in the file is not guessed`() throws {
    var less = paper
    less.statements.removeAll { $0.name == "lora-seconds" }
    for table in less.tables.indices { less.tables[table].rows.removeAll { $0.method == "lora" } }
    let found = claims(less)
    #expect(found["latency-60"]?.missing == "the publication's file has no statement “lora-seconds”")
    #expect(found["parameters-21x"]?.verdict == .notMeasured)
    #expect(found["idp-vs-lora"]?.missing == "no table has rows of lora and idp")
    #expect(found["lora-formula"]?.missing == "no table gives sizes and parameters of lora")
    #expect(found["averages"]?.missing == nil)
  }
}
