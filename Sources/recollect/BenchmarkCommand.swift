import ArgumentParser

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure how fast this machine does the work.",
    subcommands: [
      BenchmarkForward.self, BenchmarkPrompts.self, EvaluationBenchmarkCommand.self, CompressionBenchmarkCommand.self,
      RecoveryBenchmarkCommand.self, TokenizersBenchmarkCommand.self, BenchmarkFetch.self,
    ])
}
