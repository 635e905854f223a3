/// A document whose perplexity is measured: a page of Wikitext, a text of C4.
package struct PerplexityDocument: Sendable, Equatable {
  /// Its place among the documents of its file, from zero.
  package let index: Int
  /// What the model scores: the original, detokenized.
  package let text: String
  /// Words and bytes of the original.
  package let wordCount: Int
  package let byteCount: Int

  package init(index: Int, original: String) {
    self.index = index
    text = wikitextDetokenized(original)
    wordCount = pythonWordCount(original)
    byteCount = original.utf8.count
  }

  /// The first `limit` of `originals`: `Wikitext.pages`, or `TextCorpus.documents` for C4, which the harness detokenizes
  /// by the same rules.
  package static func documents(_ originals: [String], limit: Int? = nil) -> [PerplexityDocument] {
    originals.prefix(limit ?? originals.count).enumerated().map {
      PerplexityDocument(index: $0.offset, original: $0.element)
    }
  }
}
