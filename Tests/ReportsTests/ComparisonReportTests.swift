import Comparison
import Foundation
import Reports
import Results
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ComparisonReportTests {
  private func cell(_ recovery: String) throws -> Cell {
    try Cell(model: "tiny", compression: "gptq", recovery: recovery)
  }

  private func result(
    _ cell: Cell, _ correct: String, kernel: String = "Haswell", change: (inout CellResult) -> Void = { _ in }
  ) -> CellResult {
    let digest = String(repeating: "0", count: 64)
    var result = CellResult(
      suite: "small", cell: cell, seed: 0, provenance: ["question": digest],
      parameters: ParameterCount(trainable: 3),
      tasks: [
        TaskResult(
          name: "piqa", version: "1", correct: correct.map { $0 == "1" }, answersDigest: digest, scoresDigest: digest)
      ],
      environment: Environment(
        programVersion: "1", openBLAS: "0.3", kernel: kernel, operatingSystem: "any", architecture: "any"),
      timing: Timing(threads: 1, secondsByStage: [:]))
    change(&result)
    return result
  }

  /// Five cells: one holds, one lost documents, one is better, one has no result, one has no baseline.
  private func report(documents: [DocumentRecord] = []) throws -> ComparisonReport {
    let cells = try ["none", "lora", "prompt", "prefix", "idp"].map(cell)
    let many = String(repeating: "1", count: 20)
    var expected = Dictionary(uniqueKeysWithValues: cells.map { ($0, result($0, many + "0000000000")) })
    expected[cells[4]] = nil
    var found = Dictionary(uniqueKeysWithValues: cells.map { ($0, result($0, many + "0000000000", kernel: "Zen")) })
    found[cells[1]] = result(
      cells[1], String(repeating: "1", count: 10) + String(repeating: "0", count: 20), kernel: "Zen"
    ) {
      $0.parameters.trainable = 4
    }
    found[cells[2]] = result(cells[2], many + "1111111111", kernel: "Zen")
    found[cells[3]] = nil
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (cell, result) in expected { try ResultFile.write(result, to: Baseline.path(of: cell, in: folder)) }
    let comparison = Comparison(
      suite: "small", cells: cells, found: found, failures: [cells[3]: "out of <memory> & \"time\"\u{1}"],
      baseline: Baseline(folder: folder, cells: cells))
    return ComparisonReport(
      comparison, results: found, documents: documents.isEmpty ? [:] : [cells[1]: DocumentRecords(documents)])
  }

  @Test func `the gravest comes first, what held is counted, and the next steps follow`() throws {
    let text = try report().plainText()
    let names = text.split(separator: "\n").filter { $0.hasPrefix("tiny") }
    #expect(
      names == [
        "tiny / gptq / prefix", "tiny / gptq / lora", "tiny / gptq / idp", "tiny / gptq / prompt",
      ])
    #expect(text.contains("regression        trainable parameters\n                    expected 3, found 4\n"))
    #expect(text.contains("difference in [-"))
    #expect(text.contains("lost: place 10, place 11, place 12"))
    #expect(text.contains("and all of them in 1 of 5 cells; 1 cell failed; 2 regression; 1 baseline missing; "))
    #expect(text.contains("3 cells by statistics: bits were not compared, as the kernel was Haswell, is Zen"))
    #expect(text.contains("3 accuracies over 30 documents each, of which 7 lost and none gained (23.3 points)"))
    #expect(text.contains("→ cells without a baseline"))
  }

  @Test func `flips have their documents and margins where those were recorded, the widest first`() throws {
    let records = (0..<30).map { place in
      DocumentRecord(
        task: "piqa", document: 100 + place, isCorrect: place < 10, margin: place < 10 ? 1 : -0.125 * Double(place))
    }
    let text = try report(documents: records).plainText()
    #expect(text.contains("lost: document 119 (by 2.375 nats), document 118 (by 2.250 nats)"))
    #expect(text.contains("and 2 more"))
    // Records of another run say otherwise which documents are right.
    var other = records
    other[0].isCorrect = false
    #expect(try report(documents: other).plainText().contains("lost: place 10,"))
  }

  @Test func `JUnit's XML has a suite for each cell and a case for each check, with what XML must escape`() throws {
    let xml = try report().junit()
    let reader = CaseReader()
    let parser = XMLParser(data: Data(xml.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(reader.suites == 5)
    #expect(reader.errors == ["cell failed"])
    #expect(reader.failures.sorted() == ["baseline missing", "regression", "regression"])
    #expect(reader.skipped.count == 1)
    #expect(reader.skipped.first?.contains("too good") == true)
    #expect(reader.text.contains("out of <memory> & \"time\"\u{FFFD}"))
    #expect(reader.text.contains("tolerance "))
    #expect(
      xml.contains("<testsuites name=\"small\" tests=\"\(reader.cases)\" failures=\"3\" errors=\"1\" skipped=\"1\">"))
  }

  @Test func `Markdown has a table for each verdict, and no row breaks it`() throws {
    let markdown = try report().markdown()
    #expect(markdown.hasPrefix("# small: cell failed\n"))
    for title in ["## regression: 2", "## inconclusive: 1", "## improvement: 1", "## Cells", "## What to do"] {
      #expect(markdown.contains(title + "\n"), "\(title)")
    }
    for table in markdown.components(separatedBy: "\n\n") where table.contains("\n| ") {
      let rows = table.split(separator: "\n").filter { $0.hasPrefix("|") }
      let columns = rows.map { $0.replacing("\\|", with: "").count { $0 == "|" } }
      #expect(Set(columns).count == 1, "\(table)")
    }
  }

  @Test func `annotations are one line each, as the runner reads them`() throws {
    let lines = try report().annotations()
    #expect(lines.count == 6)
    #expect(lines[0].hasPrefix("::error title=tiny / gptq / prefix%3A result::cell failed; out of"))
    #expect(lines.contains { $0.hasPrefix("::warning ") && $0.contains("100.00 %25") })
    #expect(lines.allSatisfy { !$0.contains("\n") })
  }

  @Test func `JSON is what its schema says`() throws {
    let schema = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Baselines/schemas/comparison.schema.json")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: schema))
    let json = try JSONSerialization.jsonObject(with: Data(report().json().utf8))
    #expect(contradictions(json, to: try #require(object as? [String: Any]), at: "") == [])
    let checks = try #require((json as? [String: Any])?["checks"] as? [[String: Any]])
    let lost = try #require(checks.first { ($0["flips"] as? [[String: Any]])?.first?["isLost"] as? Bool == true })
    #expect(lost["verdict"] as? String == "regression")
  }

  /// Where a value is not as a schema says; of the schema's words those that the comparison's uses.
  private func contradictions(_ value: Any, to schema: [String: Any], at place: String) -> [String] {
    if let constant = schema["const"] { return "\(constant)" == "\(value)" ? [] : [place] }
    if let words = schema["enum"] as? [Any] { return words.contains { "\($0)" == "\(value)" } ? [] : [place] }
    switch schema["type"] as? String {
    case "object":
      guard let object = value as? [String: Any], let properties = schema["properties"] as? [String: [String: Any]]
      else {
        return [place]
      }
      let required = schema["required"] as? [String] ?? []
      return required.filter { object[$0] == nil }.map { "\(place).\($0)" }
        + object.flatMap { name, member in
          properties[name].map { contradictions(member, to: $0, at: "\(place).\(name)") } ?? ["\(place).\(name)"]
        }
    case "array":
      guard let array = value as? [Any], let items = schema["items"] as? [String: Any] else { return [place] }
      return array.enumerated().flatMap { contradictions($0.element, to: items, at: "\(place).\($0.offset)") }
    case "string": return value is String ? [] : [place]
    case "boolean": return value is Bool ? [] : [place]
    case "integer", "number": return value is NSNumber ? [] : [place]
    default: return ["\(place): no type"]
    }
  }
}

private final class CaseReader: NSObject, XMLParserDelegate {
  var suites = 0
  var cases = 0
  var failures: [String] = []
  var errors: [String] = []
  var skipped: [String] = []
  var text = ""

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    switch name {
    case "testsuite": suites += 1
    case "testcase": cases += 1
    case "failure": failures.append(attributes["type"] ?? "")
    case "error": errors.append(attributes["type"] ?? "")
    case "skipped": skipped.append(attributes["message"] ?? "")
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
