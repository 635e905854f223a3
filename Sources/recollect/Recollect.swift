import ArgumentParser

@main
struct Recollect: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "recollect",
    abstract: "Is the knowledge of a compressed language model forgotten, or only displaced?",
    discussion: """
      Compresses a model, repairs it, scores it on benchmarks, and holds every number against a stored baseline. A suite \
      (Baselines/<suite>/suite.yaml) is the question; its results are the answer, one file a cell.

      To begin:  recollect run, then recollect compare and recollect report recollect-results/embedded.
      """,
    version: version,
    subcommands: [
      PlanCommand.self, RunCommand.self, CompareCommand.self, AcceptCommand.self, GateTestCommand.self,
      DeterminismCommand.self,
      ReportCommand.self, AuditCommand.self, ClaimsCommand.self, CompressCommand.self, RecoverCommand.self,
      EvaluateCommand.self, PerplexityCommand.self, SimilarityCommand.self, LatencyCommand.self, InspectCommand.self,
      LogLikelihoodCommand.self, TokenizeCommand.self, FetchCommand.self, CacheCommand.self, WorldCommand.self,
      TrainTokenizerCommand.self, PretrainCommand.self, FixturesCommand.self, BenchmarkCommand.self,
    ])
}
