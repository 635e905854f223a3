import Evaluation
import Testing

@Suite struct BenchmarkTests {
  @Test(arguments: HarnessProtocol.allCases)
  func `each of the nine benchmarks has its name, and follows the harness asked for`(harness: HarnessProtocol) throws {
    #expect(Benchmark.names.count == 9)
    for name in Benchmark.names {
      let task = try #require(Benchmark.named(name, protocol: harness))
      #expect(task.name == name)
      #expect(task.harness == harness)
      #expect(Benchmark.named("\(name)@\(harness.rawValue)")?.version == task.version)
    }
  }

  @Test func `2023 is the default, and a version behind the name has the last word`() throws {
    #expect(Benchmark.named("sciq")?.harness == .master2023)
    #expect(Benchmark.named("sciq@0.4", protocol: .master2023)?.harness == .version04)
    #expect(Benchmark.named("sciq@2023", protocol: .version04)?.harness == .master2023)
  }

  @Test func `each version of a benchmark has a text of its own`() {
    for name in Benchmark.names {
      let versions = ["2023", "0.4"].compactMap { Benchmark.named("\(name)@\($0)")?.version }
      #expect(Set(versions).count == 2, "\(name)")
    }
    let forms = ["2023", "2023-v2", "2023-v3", "0.4"].compactMap { Benchmark.named("triviaqa@\($0)")?.version }
    #expect(Set(forms).count == 4)
  }

  @Test(arguments: ["", "arc", "ARC_easy", "sciq@", "sciq@0.3", "sciq@2023-v2", "@2023", "sciq@0.4@0.4"])
  func `any other name is none`(text: String) {
    #expect(Benchmark.named(text) == nil)
  }

  @Test func `the share of right documents has the harness's name`() {
    func name(_ text: String) -> String? { Benchmark.named(text)?.accuracyName }
    #expect(name("webqs") == "acc")
    #expect(name("webqs@0.4") == "exact_match")
    #expect(name("triviaqa") == "acc")
    #expect(name("triviaqa@2023-v3") == "em")
    #expect(name("triviaqa@0.4") == "exact_match")
    #expect(name("sciq@0.4") == "acc")
  }
}
