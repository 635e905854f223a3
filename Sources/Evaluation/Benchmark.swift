/// The nine benchmarks by name.
package enum Benchmark {
  /// What a group of benchmarks tests.
  ///
  /// Source: Hoang et al. 2024, section 4, "Validation Tasks".
  package enum Domain: String, Sendable, CaseIterable {
    case world, common, language

    package var tasks: [String] {
      switch self {
      case .world: ["arc_easy", "arc_challenge", "sciq", "webqs", "triviaqa"]
      case .common: ["piqa"]
      case .language: ["hellaswag", "lambada_openai", "winogrande"]
      }
    }
  }

  /// In the order of the paper's tables.
  package static let names = Domain.allCases.flatMap(\.tasks)

  /// The benchmark that `text` names: a name, or a name with a version behind an at sign: "sciq@0.4".
  ///
  /// The versions are those of `HarnessProtocol`; TriviaQA also has "2023-v2" and "2023-v3".
  ///
  /// - Parameter harness: holds where the text has no version.
  package static func named(_ text: String, protocol harness: HarnessProtocol = .master2023) -> (any BenchmarkTask)? {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { return task(text, harness) }
    switch (parts[0], parts[1]) {
    case ("triviaqa", "2023-v2"): return TriviaQA(.exactMatch2023(reducesAliases: true))
    case ("triviaqa", "2023-v3"): return TriviaQA(.exactMatch2023(reducesAliases: false))
    case (let name, let version): return HarnessProtocol(rawValue: version).flatMap { task(name, $0) }
    }
  }

  private static func task(_ name: String, _ harness: HarnessProtocol) -> (any BenchmarkTask)? {
    switch name {
    case "arc_easy": ARC(.easy, harness)
    case "arc_challenge": ARC(.challenge, harness)
    case "sciq": SciQ(harness)
    case "webqs": WebQuestions(harness)
    case "triviaqa": TriviaQA(harness == .master2023 ? .greedyMatch : .exactMatch04)
    case "piqa": PIQA(harness)
    case "hellaswag": HellaSwag(harness)
    case "lambada_openai": LAMBADA(harness)
    case "winogrande": WinoGrande(harness)
    default: nil
    }
  }
}
