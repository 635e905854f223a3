import Comparison
import Foundation
import Reports
import Results
import Testing

/// Where this system has gnuplot; tests that draw are skipped without it.
let systemGnuplot = Gnuplot(searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")

private func measured(_ findings: [FigureFinding]) -> [String: Figure] {
  var figures: [String: Figure] = [:]
  for case .measured(let figure) in findings { figures[figure.name] = figure }
  return figures
}

private func small(_ change: (inout SyntheticSuite) -> Void = { _ in }) -> SyntheticSuite {
  var suite = SyntheticSuite()
  suite.documents = 20
  change(&suite)
  return suite
}

private let longNames = [
  "gptq-8bit-c4-shuffled", "dense", "gptq-8bit-wikitext", "gptq-4bit-wikitext", "gptq-3bit", "gptq-3bit-wikitext",
  "gptq-2bit-wikitext", "sparsegpt-50-wikitext", "sparsegpt-2-4", "sparsegpt-2-4-wikitext",
]

/// A figure with a point for each name.
private func categories(_ names: [String]) -> Figure {
  let points = names.indices.map { Figure.Point(x: Double($0), y: 40 + Double($0), label: "p") }
  let panel = Figure.Panel(
    title: "t", xLabel: "names", yLabel: "accuracy", axis: .categories(names),
    series: [Figure.Series("world-llama", .blue, points)])
  return Figure(name: "f", title: "t", caption: "c", panels: [panel])
}

@Suite struct FigureTests {
  @Test func `a suite that measures everything has every figure of the paper that shows measurements`() throws {
    let figures = measured(PaperFigures(try small().evidence()).all())
    #expect(
      figures.keys.sorted() == [
        "figure-1", "figure-2", "figure-4", "figure-5", "figure-5-flattened", "figure-6", "figure-7",
        "figure-7-relative",
      ])
    #expect(figures["figure-1"]?.panels.map(\.title) == ["quantization", "pruning"])
    let quantization = try #require(figures["figure-1"]?.panels.first)
    #expect(quantization.axis == .categories(["dense", "8 bits", "4 bits", "3 bits", "2 bits"]))
    #expect(
      figures["figure-4"]?.panels.first?.series.map(\.name) == ["LoRA", "prompt", "prefix", "IDP", "concatenation"])
    #expect(figures["figure-7"]?.panels.first?.series.map(\.points.count) == [9, 9, 9])
  }

  @Test func `names stand level where they fit, and aslant where they do not`() {
    #expect(FigureScript(categories(["dense", "8 bits", "4 bits", "3 bits", "2 bits"])).text.contains(") norotate"))
    #expect(FigureScript(categories(longNames)).text.contains(") rotate by 30 right"))
  }

  @Test(.enabled(if: systemGnuplot != nil, "gnuplot is not installed"))
  func `the names of nine compressions do not touch one another, the edge or the name of the axis`() throws {
    let gnuplot = try #require(systemGnuplot)
    let svg = try withTemporaryFolder { folder in
      let figure = categories(longNames)
      try figure.tsv.write(toFile: "\(folder)/f.tsv", atomically: true, encoding: .utf8)
      try FigureScript(figure).text.write(toFile: "\(folder)/f.gnuplot", atomically: true, encoding: .utf8)
      try gnuplot.run("f.gnuplot", in: folder)
      return try String(contentsOfFile: "\(folder)/f.svg", encoding: .utf8)
    }
    // A name ends where its text is anchored, and runs down from there to the left, at 30°.
    func place(of text: String) throws -> (x: Double, y: Double) {
      let end = try #require(svg.range(of: ">\(text)</text>"))
      let start = try #require(svg.range(of: "translate(", options: .backwards, range: svg.startIndex..<end.lowerBound))
      let numbers = svg[start.upperBound...].prefix { $0 != ")" }.split(separator: ",").compactMap { Double($0) }
      try #require(numbers.count == 2)
      return (numbers[0], numbers[1])
    }
    let places = try longNames.map(place)
    let axis = try place(of: "names")
    for (first, second) in zip(places, places.dropFirst()) {
      #expect((second.x - first.x) / 2 > 16, "lines of text lie sin 30° of their distance apart")
    }
    for (name, place) in zip(longNames, places) {
      let length = 7.5 * Double(name.count)
      #expect(place.x - 0.87 * length > 0)
      #expect(place.y + length / 2 + 2 < axis.y - 11, "\(name)")
    }
    let height = try #require(svg.firstMatch(of: /viewBox="0 0 \d+ (\d+)"/).flatMap { Double($0.1) })
    #expect(axis.y + 4 < height)
  }

  @Test func `what a suite did not measure is named in place of an empty plot`() throws {
    let findings = PaperFigures(try small { $0.hasMeasurements = false }.evidence()).all()
    #expect(measured(findings).count == 5)
    #expect(
      findings.contains(
        .notMeasured(
          name: "figure-2", title: "Figure 2: accuracy and perplexity by the length of the prompt",
          needs: "perplexities of a quantized model, without and with prompts of several lengths")))
    let nothing = PaperFigures(
      SuiteEvidence(
        suite: "none", models: [], compressions: [], recoveries: [], results: [:], failures: [:], files: [:]))
    #expect(measured(nothing.all()).isEmpty)
  }

  @Test func `a point is the mean over tasks, with the error of a mean of independent tasks`() throws {
    let suite = small { $0.tasks = ["piqa", "sciq"] }
    let figure = try #require(measured(PaperFigures(try suite.evidence()).all())["figure-1"])
    let dense = try #require(figure.panels.first?.series.first?.points.first)
    let result = try #require(try suite.results().first)
    #expect(dense.label == "world-llama / dense / none")
    #expect(abs(dense.y - 100 * result.averageAccuracy) < 1e-9)
    let errors = try result.tasks.map { try #require($0.standardError) }
    let expected = 50 * (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot()
    #expect(abs((dense.error ?? 0) - expected) < 1e-9)
  }

  @Test func `the paper's numbers stand beside those of the suite that repeats it, and of no other`() throws {
    let paper = small {
      $0.name = "paper"
      $0.models = ["llama-7b"]
    }
    let figures = measured(PaperFigures(try paper.evidence(), repeating: paperPublication()).all())
    let published = figures["figure-4"]?.panels.first?.series.filter(\.isPublished) ?? []
    #expect(published.map(\.name) == ["LoRA, paper"])
    #expect(published.first?.points.map(\.y) == [57.99])
    // Table 3 less the row without recovery of Table 1: 71.97 - 71.46.
    let gains = figures["figure-7"]?.panels.first?.series.first { $0.isPublished }
    #expect(abs((gains?.points.first?.y ?? 0) - 0.51) < 1e-9)
    let own = measured(PaperFigures(try paper.evidence()).all()).values.flatMap(\.panels).flatMap(\.series)
    #expect(!own.contains { $0.isPublished })
  }

  @Test func `the data is a line a point, and nothing in a name can be taken for another field`() {
    let point = Figure.Point(x: 1, y: 50.25, error: 1.5, label: "a\tb")
    let panel = Figure.Panel(
      title: "it's", xLabel: "", yLabel: "", series: [Figure.Series("`date` \"x\"\n", .blue, [point])])
    let figure = Figure(name: "f", title: "t", caption: "c", panels: [panel])
    #expect(
      figure.tsv == "panel\tseries\tx\ty\tstandard error\tmeasured\nit_s\t_date_ _x__\t1\t50.25\t1.5\ta_b\n")
    let script = FigureScript(figure).text
    #expect(!script.contains("`") && !script.contains("\"x\""))
  }

  @Test(.enabled(if: systemGnuplot != nil, "gnuplot is not installed"))
  func `gnuplot draws every figure as SVG and PNG from the script and the data`() throws {
    let gnuplot = try #require(systemGnuplot)
    let suite = small { $0.tasks[0] = "a<b>&'c' \"d\" `e` 100 %" }
    try withTemporaryFolder { folder in
      for figure in measured(PaperFigures(try suite.evidence()).all()).values {
        try figure.tsv.write(toFile: "\(folder)/\(figure.name).tsv", atomically: true, encoding: .utf8)
        try FigureScript(figure).text.write(
          toFile: "\(folder)/\(figure.name).gnuplot", atomically: true, encoding: .utf8)
        try gnuplot.run("\(figure.name).gnuplot", in: folder)
        let svg = try String(contentsOfFile: "\(folder)/\(figure.name).svg", encoding: .utf8)
        #expect(svg.contains("</svg>") && svg.contains(figure.panels[0].title))
        let png = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(figure.name).png"))
        #expect(png.starts(with: [0x89, 0x50, 0x4e, 0x47]))
      }
    }
  }

  @Test(.enabled(if: systemGnuplot != nil, "gnuplot is not installed"))
  func `what gnuplot says about a script becomes the reason of its failure`() throws {
    let gnuplot = try #require(systemGnuplot)
    try withTemporaryFolder { folder in
      try "plot nothing".write(toFile: "\(folder)/bad.gnuplot", atomically: true, encoding: .utf8)
      let failure = #expect(throws: Gnuplot.Failure.self) { try gnuplot.run("bad.gnuplot", in: folder) }
      #expect(failure?.reason.contains("nothing") == true)
    }
  }
}
