import Foundation
import Testing

@Suite struct WorldCommandTests {
  private func temporary() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
  }

  @Test func `the world is written where it is asked for, and says how much it holds`() throws {
    let folder = temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let outcome = try Command.run(["world", "--seed", "5", "--rounds", "1", "--documents", "40", "-o", folder])
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count == 10)
    #expect(outcome.output.hasPrefix("arc_easy: 40 documents\narc_challenge: 40 documents\nsciq: 40 documents\n"))
    let files = try #require(FileManager.default.subpaths(atPath: folder)).filter { $0.contains(".") }
    #expect(Set(files).isSuperset(of: ["hellaswag_val.jsonl", "winogrande_1.1/dev.jsonl", "world/facts.jsonl"]))
    let questions = try String(contentsOfFile: folder + "/world/questions.jsonl", encoding: .utf8)
    #expect(questions.split(separator: "\n").count == 9 * 40)
  }

  @Test func `what cannot be written is named`() throws {
    let outcome = try Command.run(["world", "--seed", "5", "--rounds", "1", "-o", "/dev/null/world"])
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("/dev/null/world/wikitext-2-raw/wiki.train.raw"))
  }

  @Test(arguments: ["--rounds", "--documents", "--size"]) func `numbers that make no sense are refused`(option: String)
    throws
  {
    let outcome = try Command.run(["world", "--seed", "5", option, "0", "-o", temporary()])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("\(option) 0"))
  }
}
