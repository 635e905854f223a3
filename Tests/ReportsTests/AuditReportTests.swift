import Comparison
import Foundation
import Reports
import Testing

/// Two tables of a model; the second repeats a row of the first under another label, and its average is wrong.
private func publication() throws -> Publication {
  func row(_ label: String, size: Int, _ scores: [String]) throws -> PublishedRow {
    PublishedRow(
      label: label, model: "tiny", compression: "gptq", method: "lora", size: size, parameters: PrintedNumber("14"),
      scores: try scores.map { try #require(PrintedNumber($0)) })
  }
  let columns = ["piqa", "sciq", "mean"]
  return Publication(
    title: "Tiny | small", source: "a test",
    models: [PublishedModel(name: "tiny", sizes: ["width": 2], projections: [])],
    tasks: [
      PublishedTask(name: "piqa", scoring: nil, documents: [4, 10_042]),
      PublishedTask(name: "sciq", scoring: nil, documents: [8]),
    ],
    averages: [PublishedAverage(name: "mean", tasks: ["piqa", "sciq"])],
    formulas: [
      ParameterFormula(method: "lora", unit: "rank", place: "here", terms: [[.number(7), .size("width"), .row]])
    ],
    tables: [
      PublishedTable(place: "Table 1", columns: columns, rows: [try row("one", size: 1, ["75.00", "62.50", "70.00"])]),
      PublishedTable(place: "Table 2", columns: columns, rows: [try row("two", size: 2, ["75.00", "62.50", "70.00"])]),
    ],
    statements: [])
}

@Suite struct AuditReportTests {
  @Test func `a reader finds every contradiction with the sum that shows it`() throws {
    let text = AuditReport(Audit(try publication())).plainText()
    #expect(text.contains("2 tables, 2 rows, 6 percentages: 4 contradictions."))
    #expect(text.contains("Averages: 0 of 2 recompute, in 0 of 2 rows all of them"))
    #expect(text.contains("mean is printed as 70.00, the scores give (75.00 + 62.50) / 2 = 68.750"))
    #expect(text.contains("✗ Table 2, two equals Table 1, one, under another label"))
    #expect(text.contains("no power"))
    #expect(text.contains("1 would"), "rank 1 would give the 14 parameters that are printed for rank 2")
  }

  @Test(arguments: [60, 80, 98])
  func `no line is longer than the terminal is wide`(width: Int) throws {
    let lines = AuditReport(Audit(try publication())).plainText(width: width).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width })
  }

  @Test func `Markdown keeps its tables whole`() throws {
    let text = AuditReport(Audit(try publication())).markdown()
    #expect(text.hasPrefix("# Tiny \\| small\n"))
    let table = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(table.contains("| sciq | 8 | 1 | 0 | 9e-04 | possible |"))
  }

  @Test func `JSON has every check and the contradictions`() throws {
    let text = try AuditRecord(Audit(try publication())).json()
    let record = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(record["schema"] as? String == "recollect-audit")
    #expect((record["averages"] as? [Any])?.count == 2)
    #expect((record["documents"] as? [Any])?.count == 3)
    let kinds = (record["contradictions"] as? [[String: Any]])?.compactMap { $0["kind"] as? String }
    #expect(kinds == ["average", "average", "label", "parameters"])
  }
}
