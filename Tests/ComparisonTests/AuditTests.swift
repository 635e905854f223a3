import Comparison
import Testing

@Suite struct AuditTests {
  @Test func `sound tables have no contradictions`() throws {
    let rows = [
      try smallRow("dense", ["75.00", "62.50", "68.75"]),
      try smallRow("one", size: 1, parameters: "14", ["50.00", "62.50", "56.25"]),
    ]
    let audit = Audit(smallPublication(tables: [smallTable(rows), smallTable([rows[1]], place: "Table 2")]))
    #expect(audit.findings.isEmpty)
    #expect(audit.exitStatus == 0)
    #expect(audit.averages.count == 3)
    #expect(audit.labels.map(\.holds) == [true])
  }

  @Test func `an average may be off by what rounding explains, and no more`() throws {
    // (37.5 + 62.5) / 2 = 50. With scores of one place and an average of one, 0.1 is explained.
    for (average, holds) in [("50.0", true), ("50.1", true), ("49.9", true), ("50.2", false), ("49.8", false)] {
      let table = smallTable([try smallRow("dense", ["37.5", "62.5", average])])
      let check = try #require(Audit(smallPublication(tables: [table], documents: [8])).averages.first)
      #expect(check.holds == holds, "\(average)")
      #expect(abs(check.tolerance - 0.1) < 1e-12)
      #expect(check.working == "(37.5 + 62.5) / 2 = 50.00")
    }
  }

  @Test func `places may differ from column to column`() throws {
    // Half a unit of 51 and half a unit of each score: 0.5 + (0.05 + 0.005) / 2 = 0.5275; the mean is 50.475.
    let table = smallTable([try smallRow("dense", ["37.5", "63.45", "51"])])
    #expect(Audit(smallPublication(tables: [table], documents: [8])).averages.map(\.holds) == [true])
    let beyond = smallTable([try smallRow("dense", ["37.5", "63.44", "51"])])
    #expect(Audit(smallPublication(tables: [beyond], documents: [8])).averages.map(\.holds) == [false])
  }

  @Test func `the average of one score is that score`() throws {
    var publication = smallPublication(tables: [smallTable([try smallRow("dense", ["75.00", "62.50", "75.01"])])])
    publication.averages = [PublishedAverage(name: "mean", tasks: ["piqa"])]
    #expect(Audit(publication).averages.map(\.holds) == [false])
  }

  @Test func `a percentage that is no count of documents is found`() throws {
    let table = smallTable([try smallRow("dense", ["70.00", "62.50", "66.25"])])
    let audit = Audit(smallPublication(tables: [table]))
    #expect(audit.findings.map(\.kind) == [.documents])
    #expect(audit.findings.first?.detail == "no count of documents gives n = 4: 70.00 (Table 1, dense)")
    #expect(audit.exitStatus == 2)
  }

  @Test func `one possible number of documents is enough, and the others are excluded`() throws {
    let table = smallTable([try smallRow("dense", ["70.00", "62.50", "66.25"])])
    let audit = Audit(smallPublication(tables: [table], documents: [4, 10, 10_000]))
    #expect(audit.findings.isEmpty)
    #expect(audit.documents.filter { $0.task == "piqa" }.map(\.verdict) == [.excluded, .possible, .noPower])
    let possible = try #require(audit.documents.first { $0.documents == 10 })
    #expect(abs(possible.chance - 11.0 / 10_001) < 1e-15)
  }

  @Test func `equal rows of one table are duplicates, of two tables they are not`() throws {
    let scores = ["75.00", "62.50", "68.75"]
    let twice = smallTable([try smallRow("dense", scores), try smallRow("one", size: 1, scores)])
    let audit = Audit(smallPublication(tables: [twice]))
    #expect(audit.findings.map(\.kind) == [.duplicate])
    #expect(audit.findings.first?.detail == "equals dense in all 3 columns")
    let apart = [
      smallTable([try smallRow("one", size: 1, scores)]), smallTable([try smallRow("a", size: 1, scores)], place: "2"),
    ]
    #expect(Audit(smallPublication(tables: apart)).findings.isEmpty)
  }

  @Test func `a row that is another table's row of another label is found`() throws {
    let one = try smallRow("one", size: 1, ["75.00", "62.50", "68.75"])
    let two = try smallRow("two", size: 2, ["50.00", "62.50", "56.25"])
    let swapped = try smallRow("1", size: 1, ["50.00", "62.50", "56.25"])
    let audit = Audit(smallPublication(tables: [smallTable([one, two]), smallTable([swapped], place: "Table 2")]))
    let label = try #require(audit.labels.first)
    #expect(audit.findings.map(\.kind) == [.label])
    #expect(label.alike.map(\.row) == ["one"])
    #expect(label.equal.map(\.row) == ["two"])
    #expect(
      label.detail == "equals Table 1, two, under another label; differs from Table 1, one, of the "
        + "same label: mean 56.25 here, 68.75 there, and 1 more columns")
  }

  @Test func `a row that gives no size may stand for any of its method`() throws {
    var unsized = try smallRow("method", size: 1, ["50.00", "62.50", "56.25"])
    unsized.size = nil
    let rows = [
      try smallRow("one", size: 1, ["75.00", "62.50", "68.75"]),
      try smallRow("two", size: 2, ["50.00", "62.50", "56.25"]),
    ]
    #expect(
      Audit(smallPublication(tables: [smallTable(rows), smallTable([unsized], place: "Table 2")])).findings.isEmpty)
    #expect(
      Audit(smallPublication(tables: [smallTable([rows[0]]), smallTable([unsized], place: "2")])).findings.count == 1)
  }

  @Test func `a printed size that the formula does not give is found, with the one that would`() throws {
    let scores = ["75.00", "62.50", "68.75"]
    let wrong = Audit(smallPublication(tables: [smallTable([try smallRow("r", size: 2, parameters: "42", scores)])]))
    #expect(wrong.findings.map(\.detail) == ["7 · 2 · 2 = 28, printed 42; rank = 3 would fit"])
    let impossible = Audit(
      smallPublication(tables: [smallTable([try smallRow("r", size: 2, parameters: "43", scores)])]))
    #expect(impossible.findings.map(\.detail) == ["7 · 2 · 2 = 28, printed 43; no whole number for rank would fit"])
  }

  @Test func `the projections that a printed size needs are found`() throws {
    // One of a and b with c: 4 + 6 = 10 a rank. Both without c: 8. All: 14.
    let scores = ["75.00", "62.50", "68.75"]
    let rows = [
      try smallRow("r", size: 2, parameters: "20", scores), try smallRow("s", size: 3, parameters: "30", scores),
    ]
    let audit = Audit(smallPublication(tables: [smallTable(rows)]))
    let adapted = try #require(audit.adapted.first)
    #expect(adapted.all.parameters(rank: 1) == 14)
    #expect(adapted.fitting.map(\.text) == ["1 of a and b; c"])
    #expect(adapted.fitting.map { $0.parameters(rank: 5) } == [50])
  }

  @Test func `a formula beyond any integer is not computed`() {
    let formula = ParameterFormula(
      method: "lora", unit: "rank", place: "here", terms: [[.number(.max), .size("width"), .row]])
    let model = PublishedModel(name: "tiny", sizes: ["width": 2], projections: [])
    #expect(formula.parameters(of: model, size: 2) == nil)
    #expect(formula.parameters(of: PublishedModel(name: "none", sizes: [:], projections: []), size: 1) == nil)
  }
}
