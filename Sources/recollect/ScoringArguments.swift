import ArgumentParser
import Experiments
import Foundation

/// Where the result of a scoring goes, and what it leaves until then.
struct ScoringArguments: ParsableArguments {
  @OptionGroup var result: ResultArguments

  @Option(help: "The file of the journal.")
  var journal: String?

  /// What a command with a journal says of it.
  static let journalDiscussion = """
    Scores go to a journal as they are found. A run that was stopped or killed goes on from it when the same command is \
    given again, and ends in the same bytes; a journal of another question is refused. It lies beside --output, else in \
    journals below the cache, and is removed at the end.
    """

  func openedJournal(of question: String, counts: [Int]) throws -> ScoringJournal {
    try ScoringJournal(
      path: journal ?? result.output.map { $0 + ".journal" } ?? "\(Folders.cache)/journals/\(question).jsonl",
      question: question, counts: counts)
  }

  /// Shows progress while `work` runs, and where scores are kept if it is stopped.
  func showingProgress<Result>(
    _ signals: StopSignals, journal: () -> ScoringJournal?, _ work: (EvaluationProgress) throws -> Result
  ) throws -> Result {
    let progress = EvaluationProgress(isQuiet: result.quiet)
    do {
      let result = try work(progress)
      progress.end()
      return result
    } catch is RunStopped {
      progress.end()
      if let journal = journal() {
        try journal.synchronize()
        standardError("Stopped. What was scored is kept in \(journal.path): the same command goes on from there.")
      }
      throw signals.exitCode
    } catch {
      progress.end()
      throw error
    }
  }
}
