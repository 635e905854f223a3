import Comparison
import Foundation
import Reports
import Results
import Testing

/// The report of a made-up suite, written into a folder.
private func report(
  without missing: Set<String> = [], facts: DocumentFacts? = nil, _ change: (inout SyntheticSuite) -> Void = { _ in }
) throws -> SuiteReport {
  var suite = SyntheticSuite()
  suite.documents = 40
  change(&suite)
  let evidence = try suite.evidence(without: missing)
  let file = EvidenceFile(name: "published.yaml", sha256: String(repeating: "0b", count: 32))
  return SuiteReport(
    evidence: ClaimEvidence(
      publication: paperPublication(), publicationFile: file, suite: evidence, facts: facts), suite: evidence,
    isRepeated: false, programVersion: "0.1.0")
}

/// The report of a suite, with the claim that knowledge was displaced.
private func displaced(_ suite: SuiteEvidence) throws -> (report: SuiteReport, claim: Claim) {
  let statement = PublishedStatement(
    name: "displaced", value: nil, unit: "", place: "Abstract", sentence: "Knowledge is displaced.")
  let paper = Publication(
    title: "Tiny", source: "a test", models: [], tasks: [], averages: [], formulas: [], tables: [],
    statements: [statement])
  let evidence = ClaimEvidence(
    publication: paper, publicationFile: EvidenceFile(name: "published.yaml", sha256: "0b"), suite: suite)
  return (
    SuiteReport(evidence: evidence, suite: suite, isRepeated: false, programVersion: "0.1.0"),
    try #require(evidence.claims().first { $0.id == "displaced" })
  )
}

private func page(_ report: SuiteReport, gnuplot: Gnuplot? = nil) throws -> String {
  try withTemporaryFolder { folder in
    try report.write(to: folder, gnuplot: gnuplot)
    return try String(contentsOfFile: "\(folder)/index.html", encoding: .utf8)
  }
}

/// The values of an attribute, in the order in which they stand.
private func values(of attribute: String, in page: String) -> [String] {
  page.components(separatedBy: " \(attribute)=\"").dropFirst().compactMap {
    $0.split(separator: "\"", omittingEmptySubsequences: false).first.map(String.init)
  }
}

/// Tags that are not closed, or closed where nothing was open.
private func unbalancedTags(in page: String) -> [String] {
  let empty: Set = ["meta", "wbr", "link", "!DOCTYPE"]
  var open: [String] = []
  var wrong: [String] = []
  for piece in page.components(separatedBy: "<").dropFirst() {
    guard let end = piece.firstIndex(of: ">") else {
      wrong.append("<\(piece.prefix(20))")
      continue
    }
    let tag = piece[..<end]
    let name = String(tag.prefix { !$0.isWhitespace && $0 != "/" || $0 == "/" && tag.first == "/" })
    if tag.hasSuffix("/") || empty.contains(name) { continue }
    if name.hasPrefix("/") {
      if open.popLast() != String(name.dropFirst()) { wrong.append("<\(name)>") }
    } else {
      open.append(name)
    }
  }
  return wrong + open
}

@Suite struct SuiteReportTests {
  @Test func `the verdict stands first, with its numbers`() throws {
    let report = try report()
    let page = try page(report)
    let verdict = try #require(page.range(of: "id=\"verdict\""))
    let claims = try #require(page.range(of: "id=\"claims\""))
    #expect(verdict.lowerBound < claims.lowerBound)
    #expect(
      page[verdict.upperBound..<claims.lowerBound].contains("<p class=\"answer\">\(report.ledgerReport.headline)</p>"))
    #expect(report.ledgerReport.headline == "Displaced, at least in part")
    #expect(report.ledgerReport.sentences.contains { $0.hasPrefix("Prompts bring back") })
  }

  @Test func `the claim in every form is what the report says of prompts`() throws {
    let evidence = try SyntheticSuite().evidence()
    let (report, claim) = try displaced(evidence)
    let answer = try #require(SuiteLedger(evidence, domains: []).answers().first { $0.family == .prompts })
    let displaced = try #require(answer.displacement.displaced)
    #expect(claim.verdict == answer.displacement.verdict)
    #expect(claim.workings.first?.value == 100 * displaced.value)
    #expect(
      claim.workings.first?.interval.map { [$0.low, $0.high] } == [100 * displaced.low, 100 * displaced.high])
    func text(_ value: Double, _ places: Int) -> String { String(format: "%+.\(places)f", 100 * value) }
    let found = "\(text(displaced.value, 1)) [\(text(displaced.low, 1)), \(text(displaced.high, 1))] points"
    let sentence = report.ledgerReport.sentences.first { $0.hasPrefix("Prompts bring back") }
    let interval = "[\(text(displaced.low, 1)), \(text(displaced.high, 1))]"
    #expect(sentence?.contains("Displaced: \(text(displaced.value, 1)) points \(interval) of the damage") == true)
    #expect(sentence?.contains("“Displaced” is supported: \(answer.displacement.reason).") == true)
    let forms = ClaimsReport([claim], title: "Tiny")
    for form in [forms.plainText(width: 400), forms.markdown(), try page(report)] {
      #expect(form.contains(found))
      #expect(form.contains("displaced: supported") || form.contains("displaced: <span class=\"verdict supported\""))
      #expect(form.contains("72 cells of the suite embedded"))
      #expect(form.contains("95 %, clustered by document"))
    }
    #expect(try forms.json().contains("\"low\" : \(100 * displaced.low)"))
  }

  @Test func `a negative share has the same minus in the claim, in the sentences and in the tables`() throws {
    // Prompts make it worse, so that less comes back than chance moves.
    let report = try report { $0.recovered = -1 }
    let page = try page(report)
    let sentence = try #require(report.ledgerReport.sentences.first { $0.hasPrefix("Prompts bring back") })
    #expect(sentence.contains("Displaced: -"))
    for text in report.ledgerReport.sentences + [page] { #expect(!text.contains("\u{2212}")) }
  }

  @Test func `every link of the page leads to a place in it, and no two places have one name`() throws {
    let page = try page(try report(), gnuplot: systemGnuplot)
    let places =
      values(of: "id", in: page)
      + page.components(separatedBy: " id='").dropFirst().compactMap { $0.split(separator: "'").first.map(String.init) }
    #expect(Set(places).count == places.count)
    let links = values(of: "href", in: page)
    #expect(links.count > 30)
    for link in links where !link.hasPrefix("data:") {
      #expect(link.hasPrefix("#") && places.contains(String(link.dropFirst())), "\(link)")
    }
    for use in page.components(separatedBy: "xlink:href='#").dropFirst().compactMap({ $0.split(separator: "'").first })
    {
      #expect(places.contains(String(use)), "\(use)")
    }
  }

  @Test func `the page needs nothing beside it`() throws {
    let page = try page(try report(), gnuplot: systemGnuplot)
    #expect(unbalancedTags(in: page).isEmpty)
    for outside in ["src=", "<script", "@import", "url(", "<iframe", "href=\"http", "href=\"/"] {
      #expect(!page.contains(outside), "\(outside)")
    }
  }

  @Test func `nothing from a result is taken for markup`() throws {
    let name = "<script>alert('x')</script>&\"q\""
    let page = try page(try report { $0.tasks[0] = name }, gnuplot: systemGnuplot)
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;q&quot;"))
    #expect(unbalancedTags(in: page).isEmpty)
  }

  @Test func `without gnuplot the report says how to get the figures, and gives their data`() throws {
    try withTemporaryFolder { folder in
      let undrawn = try report().write(to: folder, gnuplot: nil)
      #expect(undrawn == ["gnuplot is not installed (apt-get install gnuplot-nox)"])
      let page = try String(contentsOfFile: "\(folder)/index.html", encoding: .utf8)
      #expect(page.contains("<code>apt-get install gnuplot-nox</code>"))
      #expect(page.components(separatedBy: "Missing: this figure was not drawn.").count == 9)
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/figures").sorted()
      #expect(files.count == 16 && files.prefix(2) == ["figure-1.gnuplot", "figure-1.tsv"])
    }
  }

  @Test func `files stand beside the page, in every form`() throws {
    try withTemporaryFolder { folder in
      try report().write(to: folder, gnuplot: nil)
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/tables")
      for form in ["md", "tex", "csv", "html"] { #expect(files.contains("table-3.\(form)")) }
      let ledger = try String(contentsOfFile: "\(folder)/ledger.tsv", encoding: .utf8).split(separator: "\n")
      // 2 models, 6 compressions, 12 recoveries; all, three domains of which one is a task, nine tasks.
      #expect(ledger.count == 1 + 2 * 6 * 12 * 13)
      let fields = Set(ledger.map { $0.split(separator: "\t", omittingEmptySubsequences: false).count })
      #expect(fields.count == 1)
      let cells = try String(contentsOfFile: "\(folder)/cells.tsv", encoding: .utf8).split(separator: "\n")
      #expect(cells.count == 1 + 2 * 7 * 13)
    }
  }

  @Test func `a missing cell is named, and the rest is reported`() throws {
    let report = try report(without: ["world-opt / gptq-3bit / lora-3"])
    let text = "the suite embedded has no result of world-opt / gptq-3bit / lora-3"
    #expect(report.problems == [text])
    let page = try page(report)
    #expect(page.contains("Cells without a usable result: 1 of 182"))
    #expect(page.contains("Not in the ledger"))
    #expect(page.contains("<li>\(text)</li>"))
  }

  @Test func `the verdict waits for every cell, as the claim does, beside the numbers that there are`() throws {
    let missing = "the suite embedded has no result of world-llama / gptq-3bit / prompt-26"
    let evidence = try SyntheticSuite().evidence(without: [
      "world-llama / gptq-3bit / prompt-26", "world-opt / gptq-2bit / idp-50-100",
    ])
    let (report, claim) = try displaced(evidence)
    #expect(claim.verdict == .notMeasured && claim.missing == missing)
    let wait = "the verdict waits for 2 cells without a usable result"
    #expect(report.ledgerReport.headline == "Not measured yet: \(wait)")
    let sentences = report.ledgerReport.sentences
    let prompts = try #require(sentences.first { $0.hasPrefix("Prompts bring back") })
    #expect(prompts.contains("% [") && prompts.contains("Displaced: +"))
    #expect(prompts.hasSuffix("“Displaced” is not measured yet: \(wait), the first because \(missing)."))
    // Their cells are all there.
    let adapters = try #require(sentences.first { $0.hasPrefix("LoRA adapters bring back") })
    #expect(!adapters.contains("not measured yet"))
    #expect(sentences.contains { $0.hasSuffix("brings back more waits for the cells that are missing.") })
    let page = try page(report)
    #expect(page.contains("Prompts<span class=\"verdict not-measured\">not measured yet</span>"))
    #expect(page.contains("\(wait), the first because \(missing)</p>"))
  }

  @Test func `a suite without results is reported as not measured`() throws {
    let all = try SyntheticSuite().results().map { "\($0.cell)" }
    let report = try report(without: Set(all))
    #expect(report.ledgerReport.headline == "Not measured by this suite")
    let page = try page(report)
    #expect(page.contains("Not measured by this suite: a compressed model without a recovery."))
    #expect(unbalancedTags(in: page).isEmpty)
  }

  @Test func `with its questions the answer is also given by fact and by how often it was stated`() throws {
    let lines = SyntheticSuite().tasks.flatMap { task in
      (0..<40).map { document in
        #"{"task": "\#(task)", "document": \#(document), "facts": [{"fact": "lake-\#(document).fish", "#
          + #""exposures": {"wikitext": \#(1 << (document % 4)), "c4": 0}}]}"#
      }
    }
    let facts = try DocumentFacts(contentsOf: Data(lines.joined(separator: "\n").utf8), file: "questions.jsonl")
    let report = try report(facts: facts)
    #expect(try page(report).contains("By how often the corpora state the fact"))
    try withTemporaryFolder { folder in
      try report.write(to: folder, gnuplot: nil)
      let list = try String(contentsOfFile: "\(folder)/facts.tsv", encoding: .utf8).split(separator: "\n")
      #expect(list.count == 41 && list[1].hasPrefix("lake-0.fish\t1\t"))
    }
  }
}
