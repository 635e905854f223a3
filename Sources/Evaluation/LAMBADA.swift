/// The last word of a passage from a novel, in OpenAI's edition of the texts, which keeps case and punctuation.
///
/// The word is what follows the last U+0020: in seven of the published passages it contains a line feed.
///
/// Source: Paperno et al. 2016 (arXiv:1606.06031); lm-evaluation-harness, lm_eval/tasks/lambada.py.
package struct LAMBADA: BenchmarkTask {
  package let harness: HarnessProtocol

  package init(_ harness: HarnessProtocol = .master2023) { self.harness = harness }

  package var name: String { "lambada_openai" }
  package var publishedDocumentCount: Int { 5153 }
  package var layout: FileLayout { .jsonLines }

  package func document(from record: Record) throws(TaskError) -> Document {
    let field = try record["text"]
    let text = try field.text.utf8
    guard let space = text.lastIndex(of: UInt8(ascii: " ")) else {
      throw field.expected("a text with a space", found: "a text without one")
    }
    let request = Request(
      context: String(decoding: text[..<space], as: UTF8.self),
      continuation: String(decoding: text[space...], as: UTF8.self))
    return Document(index: record.index, requests: [request], judgement: .lastWord)
  }
}
