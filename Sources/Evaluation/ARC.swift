/// The AI2 Reasoning Challenge: questions of school examinations with three to five choices.
///
/// Source: Clark et al. 2018 (arXiv:1803.05457); lm-evaluation-harness, lm_eval/tasks/arc.py.
package struct ARC: BenchmarkTask {
  package enum Level: Sendable, CaseIterable {
    case easy, challenge
  }

  package let level: Level

  package let harness: HarnessProtocol

  package init(_ level: Level, _ harness: HarnessProtocol = .master2023) {
    self.level = level
    self.harness = harness
  }

  package var name: String {
    switch level {
    case .easy: "arc_easy"
    case .challenge: "arc_challenge"
    }
  }

  package var publishedDocumentCount: Int {
    switch level {
    case .easy: 2376
    case .challenge: 1172
    }
  }

  package var layout: FileLayout { .jsonLines }

  package func document(from record: Record) throws(TaskError) -> Document {
    let question = try record["question"]
    let entries = try question["choices"].elements
    let choices = try entries.map { choice throws(TaskError) in try choice["text"].text }
    let gold =
      switch harness {
      case .master2023: try gold(of: record, choiceCount: choices.count)
      case .version04:
        try gold(of: record, labels: entries.map { choice throws(TaskError) in try choice["label"].text })
      }
    return Document(
      index: record.index,
      requests: Prompt.requests(context: Prompt.question(try question["stem"].text), choices: choices),
      judgement: .normalizedChoice(gold: gold, choices: choices))
  }

  /// The choice that is labelled with the answer's key.
  private func gold(of record: Record, labels: [String]) throws(TaskError) -> Int {
    let answer = try record["answerKey"].text
    guard let position = labels.firstIndex(where: { $0.utf8.elementsEqual(answer.utf8) }) else {
      throw record.answerMatchesNoChoice(answer, choiceCount: labels.count)
    }
    return position
  }

  /// "A" to "E", or "1" to "5", name a choice by its position; as in the harness of 2023, the labels of choices are
  /// ignored.
  private func gold(of record: Record, choiceCount: Int) throws(TaskError) -> Int {
    let answer = try record["answerKey"].text
    let position: Int? =
      switch Array(answer.utf8) {
      case let key where key.count != 1: nil
      case let key where (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(key[0]): Int(key[0] - UInt8(ascii: "A"))
      case let key where (UInt8(ascii: "1")...UInt8(ascii: "5")).contains(key[0]): Int(key[0] - UInt8(ascii: "1"))
      default: nil
      }
    guard let position, position < choiceCount else {
      throw record.answerMatchesNoChoice(answer, choiceCount: choiceCount)
    }
    return position
  }
}
