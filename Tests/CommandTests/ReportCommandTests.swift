import Foundation
import Testing

@Suite struct ReportCommandTests {
  private func run(_ suite: borrowing SmallSuite) throws {
    let outcome = try Command.run([
      "run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", "\(suite.folder)/results", "--quiet",
    ])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private func report(
    _ suite: borrowing SmallSuite, environment: [String: String] = [:], _ options: [String] = []
  ) throws -> Command.Outcome {
    try Command.run(
      ["report", "\(suite.folder)/results", "--suite", suite.suiteFile, "-o", "\(suite.folder)/report"] + options,
      environment: environment)
  }

  @Test func `one page is written that needs nothing beside it, and tables and data beside it`() throws {
    let suite = try SmallSuite()
    try run(suite)
    let outcome = try report(suite)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("/report/index.html"))
    let page = try String(contentsOfFile: suite.folder + "/report/index.html", encoding: .utf8)
    #expect(page.contains("Forgotten or displaced?") && page.contains("gptq-3bit"))
    // Nothing is fetched: what a browser would load is in the page.
    #expect(page.firstMatch(of: /(src|href)="(https?:)?\/\/[^"]*\.(js|css|png|svg|woff2?)"/) == nil)
    let files = try FileManager.default.subpathsOfDirectory(atPath: suite.folder + "/report")
    for name in ["ledger.tsv", "cells.tsv"] { #expect(files.contains(name), "\(name) is not among \(files)") }
    for form in [".md", ".tex", ".csv", ".tsv", ".gnuplot"] {
      #expect(files.contains { $0.hasSuffix(form) }, "nothing ends in \(form)")
    }
  }

  @Test func `without gnuplot the report says which figures are missing`() throws {
    let suite = try SmallSuite()
    try run(suite)
    let outcome = try report(suite, environment: ["PATH": suite.folder])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("Figures are missing") && outcome.errors.contains("gnuplot"), "\(outcome.errors)")
    let files = try FileManager.default.subpathsOfDirectory(atPath: suite.folder + "/report")
    #expect(!files.contains { $0.hasSuffix(".svg") } && files.contains { $0.hasSuffix(".gnuplot") })
  }

  @Test func `a damaged result is left out, and the status says so`() throws {
    let suite = try SmallSuite()
    try run(suite)
    try suite.write("results/random/dense/prompt-3.json", "{\"schema")
    let outcome = try report(suite)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("prompt-3"), "\(outcome.errors)")
    #expect(FileManager.default.fileExists(atPath: suite.folder + "/report/index.html"))
  }

  @Test func `a folder without results, and questions of another world, are refused`() throws {
    let suite = try SmallSuite()
    let nothing = try report(suite)
    #expect(nothing.status != 0 && nothing.errors.contains("results"), "\(nothing.errors)")
    try run(suite)
    try suite.write("questions.jsonl", "{\"task\":\"sciq\",\"document\":0,\"facts\":[]}\n")
    let other = try report(suite, ["--questions", suite.folder + "/questions.jsonl"])
    #expect(other.status != 0 && other.errors.contains("questions.jsonl"), "\(other.errors)")
  }
}
