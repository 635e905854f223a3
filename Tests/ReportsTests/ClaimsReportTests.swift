import Comparison
import Foundation
import Reports
import Testing

/// A publication that says two times and no more.
private func claims() throws -> [Claim] {
  func statement(_ name: String, _ value: String? = nil) -> PublishedStatement {
    PublishedStatement(
      name: name, value: value.flatMap(PrintedNumber.init), unit: "%", place: "Abstract", sentence: "says \(name)")
  }
  let publication = Publication(
    title: "Tiny", source: "a test", models: [], tasks: [], averages: [], formulas: [], tables: [],
    statements: [
      statement("latency-reduction", "60"), statement("prompt-seconds", "0.37"), statement("lora-seconds", "0.62"),
      statement("latency-batch", "16"), statement("latency-length", "1024"), statement("displaced"),
    ])
  let file = EvidenceFile(name: "published.yaml", sha256: String(repeating: "0a", count: 32))
  return ClaimEvidence(publication: publication, publicationFile: file, suite: nil).claims()
}

@Suite struct ClaimsReportTests {
  @Test func `the verdict can be checked by hand from what is printed`() throws {
    let text = ClaimsReport(try claims(), title: "Tiny").plainText()
    #expect(text.contains("latency-60: contradicted by the paper's own tables"))
    #expect(text.contains("“says latency-reduction” (Abstract)"))
    #expect(text.contains("1 - 0.37 ÷ 0.62  = 40.3 %  [39.02, 41.60]"))
    #expect(text.contains("displaced: not measured yet"))
    #expect(text.contains("needed     results of a suite"))
    #expect(text.contains("published.yaml SHA-256 0a0a"))
  }

  @Test(arguments: [80, 98])
  func `no line is longer than the terminal is wide`(width: Int) throws {
    let lines = ClaimsReport(try claims(), title: "Tiny").plainText(width: width).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width })
  }

  @Test func `the list of verdicts stands before the claims`() throws {
    let text = ClaimsReport(try claims(), title: "Tiny").markdown()
    #expect(text.contains("24 claims. contradicted by the paper's own tables: 1; not measured yet: 23."))
    #expect(text.contains("| latency-60 | contradicted by own tables | 40.3 % less time, 68 % faster |"))
    #expect(text.contains("- **found**: 40.3 % less time, 68 % faster"))
  }

  @Test func `JSON has every claim with its evidence`() throws {
    let text = try ClaimsReport(try claims(), title: "Tiny").json()
    let record = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let found = try #require(record["claims"] as? [[String: Any]])
    #expect(found.count == 24)
    let latency = try #require(found.first { $0["id"] as? String == "latency-60" })
    #expect(latency["verdict"] as? String == "contradicted-by-own-tables")
    #expect((latency["inputs"] as? [Any])?.count == 5)
    #expect(
      (latency["evidence"] as? [[String: Any]])?.first?["sha256"] as? String == String(repeating: "0a", count: 32))
    let saving = try #require(found.first { $0["id"] as? String == "parameters-21x" })
    #expect(saving["missing"] as? String == "the publication's file has no statement “parameter-saving”")
  }
}
