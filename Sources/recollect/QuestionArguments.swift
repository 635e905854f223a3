import ArgumentParser
import Comparison
import Evaluation
import Experiments
import Foundation
import Results

/// What the documents of an embedded world ask.
struct QuestionArguments: ParsableArguments {
  @Option(help: "The questions.jsonl of an embedded world: documents that ask for the same fact then count as one.")
  var questions: String?

  /// What each document asks, in the order of scoring.
  func facts(for suite: Suite) throws -> DocumentFacts? {
    guard let questions else { return nil }
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: questions))
    } catch {
      throw ResultError.unreadable(file: questions, reason: error.localizedDescription)
    }
    let facts = try DocumentFacts(contentsOf: bytes, file: questions)
    let order = DocumentSelection(
      order: suite.evaluation.order == .shuffled ? .shuffled : .file, limit: suite.evaluation.documents)
    // "triviaqa@0.4" is another form of the same file.
    let tasks = suite.tasks.map { (name: String($0.task.prefix { $0 != "@" }), documents: $0.documents) }
    guard tasks.contains(where: { facts.count(of: $0.name) > 0 }) else {
      throw ValidationError("\(questions) has no question of a task of the suite \(suite.name).")
    }
    for task in tasks where ![0, task.documents].contains(facts.count(of: task.name)) {
      throw ValidationError(
        "\(questions) has \(facts.count(of: task.name)) questions of \(task.name), the suite \(suite.name) has "
          + "\(task.documents): they are of different worlds.")
    }
    return facts.reordered(
      Dictionary(uniqueKeysWithValues: facts.tasks.map { ($0, order.selected(from: facts.count(of: $0))) }))
  }
}
