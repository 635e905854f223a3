import Models

/// Where the documents of a perplexity come from.
package enum PerplexityCorpus: String, Sendable, CaseIterable {
  /// The pages of a raw Wikitext file.
  case wikitext
  /// The texts of C4, a JSON object a line; only the present harness has this task.
  case c4

  /// The first `limit` documents of a file.
  package func documents(path: String, limit: Int? = nil) throws(CheckpointError) -> [PerplexityDocument] {
    switch self {
    case .wikitext: PerplexityDocument.documents(try Wikitext(path: path).pages, limit: limit)
    case .c4: PerplexityDocument.documents(try TextCorpus(jsonLines: path, limit: limit ?? .max).documents)
    }
  }

  /// Perplexities of different versions are not comparable: they differ in what stands before a document.
  package func version(prefix: RequestEncoding.Prefix) -> String {
    let harness: HarnessProtocol =
      switch self {
      case .wikitext: prefix == .endOfText ? .master2023 : .version04
      case .c4: .version04
      }
    return RequestEncoding(boundary: harness.encoding.boundary, prefix: prefix)
      .noted(in: "\(harness.version) (\(rawValue), rolling windows)", of: harness)
  }
}
