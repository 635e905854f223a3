/// Questions that people typed into a search engine; right when greedy decoding gives any of the answers.
///
/// Source: Berant et al. 2013 (D13-1160 in the ACL Anthology); lm-evaluation-harness, lm_eval/tasks/webqs.py.
package struct WebQuestions: BenchmarkTask {
  package let harness: HarnessProtocol

  package init(_ harness: HarnessProtocol = .master2023) { self.harness = harness }

  package var name: String { "webqs" }
  package var accuracyName: String {
    switch harness {
    case .master2023: "acc"
    case .version04: "exact_match"
    }
  }

  package var publishedDocumentCount: Int { 2032 }
  package var layout: FileLayout { .jsonArray }

  package func document(from record: Record) throws(TaskError) -> Document {
    let target = try record["targetValue"]
    guard let answers = Self.answers(in: try target.text) else {
      throw target.expected("(list (description …) …)", found: try target.text)
    }
    return Document(
      index: record.index,
      requests: Prompt.requests(
        context: Prompt.question(try record["utterance"].text), choices: reducedAliases(answers)),
      judgement: .greedyMatch)
  }

  /// The X of every `(description X)` in `(list (description X) …)`; nil when the form is another or holds no answer.
  ///
  /// X is a text in quotes when a quote and a parenthesis end it together, else all up to the next parenthesis. So
  /// `"a (b)"` is read whole, while of `"a ("b"): c"`, which the training questions hold once, `"a ("b"` is left with
  /// its quotes: this is how the published reader takes it.
  ///
  /// Source: huggingface/datasets, datasets/web_questions/web_questions.py, the pattern
  /// `\(description (?:"([^"]+?)"|([^)]+?))\)\w*`.
  package static func answers(in targetValue: String) -> [String]? {
    let text = Array(targetValue.utf8)
    let head = Array("(list ".utf8)
    let opening = Array("(description ".utf8)
    let quote = UInt8(ascii: "\"")
    let closing = UInt8(ascii: ")")
    guard text.starts(with: head), text.count > head.count, text.last == closing else { return nil }

    let body = text[head.count..<(text.count - 1)]
    var answers: [String] = []
    var position = body.startIndex
    while position < body.endIndex {
      guard body[position...].starts(with: opening) else {
        position += 1
        continue
      }
      let start = position + opening.count
      let content = body[min(start, body.endIndex)...]
      let answer: ArraySlice<UInt8>
      if content.first == quote, let end = content.dropFirst().firstIndex(of: quote), end > start + 1,
        body[end...].dropFirst().first == closing
      {
        answer = body[(start + 1)..<end]
        position = end + 2
      } else if let end = content.firstIndex(of: closing), end > start {
        answer = body[start..<end]
        position = end + 1
      } else {
        position += 1
        continue
      }
      answers.append(String(decoding: answer, as: UTF8.self))
    }
    return answers.isEmpty ? nil : answers
  }
}
