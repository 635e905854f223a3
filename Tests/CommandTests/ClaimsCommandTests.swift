import Foundation
import Testing

@Suite struct ClaimsCommandTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private var paper: String { root.appendingPathComponent("Baselines/paper/published.yaml").path }
  private var stories: String { root.appendingPathComponent("Baselines/stories").path }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func `the paper's contradictions end an audit with status 2`() throws {
    let audit = try Command.run(["audit", paper])
    #expect(audit.status == 2, "\(audit.errors)")
    #expect(audit.output.contains("3 tables, 52 rows, 676 percentages: 15 contradictions."))
    #expect(audit.errors.isEmpty)
    let json = try Command.run(["audit", paper, "--json"])
    #expect(json.status == 2)
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.output.utf8)) }
    #expect(try Command.run(["audit", paper, "--markdown"]).output.hasPrefix("# "))
  }

  @Test func `tables without contradictions end with status 0, and a file that is none with 64`() throws {
    try withFolder { folder in
      let file = folder + "/tiny.yaml"
      let sound = """
        title: Tiny
        source: a test
        models: [{model: tiny}]
        tasks: [{task: piqa, documents: [4]}]
        tables:
          - table: Table 1
            columns: [piqa]
            rows:
              - {row: one, model: tiny, compression: none, method: none, scores: [75.00]}
        """
      try sound.write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try Command.run(["audit", file]).status == 0)
      try sound.replacingOccurrences(of: "75.00", with: "175.00").write(
        toFile: file, atomically: true, encoding: .utf8)
      let spoiled = try Command.run(["audit", file])
      #expect(spoiled.status == 64)
      #expect(spoiled.errors.contains("tiny.yaml:9"), "\(spoiled.errors)")
    }
    #expect(try Command.run(["audit", "/nowhere.yaml"]).status == 64)
    #expect(try Command.run(["audit", paper, "--json", "--markdown"]).status == 64)
  }

  @Test func `claims are judged without results`() throws {
    let claims = try Command.run(["claims", "--paper", paper])
    #expect(claims.status == 0, "\(claims.errors)")
    #expect(claims.output.contains("24 claims."))
    #expect(claims.output.contains("displaced: not measured yet"))
  }

  @Test func `results of a suite decide what they can, and name their files`() throws {
    let claims = try Command.run([
      "claims", "\(stories)/expected", "--suite", "\(stories)/suite.yaml", "--paper", paper, "--json",
    ])
    #expect(claims.status == 0, "\(claims.errors)")
    let record = try #require(JSONSerialization.jsonObject(with: Data(claims.output.utf8)) as? [String: Any])
    let found = try #require(record["claims"] as? [[String: Any]])
    let displaced = try #require(found.first { $0["id"] as? String == "displaced" })
    #expect(displaced["verdict"] as? String == "undecidable")
    #expect((displaced["scale"] as? String)?.hasPrefix("suite stories; stories260K; documents: arc_easy 100") == true)
    #expect((displaced["evidence"] as? [Any])?.count == 6, "the paper, and five of the suite's cells")
    let eightBits = try #require(found.first { $0["id"] as? String == "int8-harmless" })
    #expect(eightBits["missing"] as? String == "the suite stories quantizes nothing to 8 bits")
  }

  @Test func `results of several suites, or none, are refused`() throws {
    try withFolder { folder in
      let arguments = ["claims", folder, "--suite", "\(stories)/suite.yaml", "--paper", paper]
      #expect(try Command.run(arguments).status == 64)
      let result = try String(contentsOfFile: "\(stories)/expected/stories260K/dense/none.json", encoding: .utf8)
      try result.write(toFile: folder + "/a.json", atomically: true, encoding: .utf8)
      try result.replacingOccurrences(of: "\"suite\" : \"stories\"", with: "\"suite\" : \"other\"").write(
        toFile: folder + "/b.json", atomically: true, encoding: .utf8)
      let mixed = try Command.run(arguments)
      #expect(mixed.status == 64)
      #expect(mixed.errors.contains("results of several suites: other, stories"), "\(mixed.errors)")
    }
  }
}
