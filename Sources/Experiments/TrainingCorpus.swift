import Foundation
import Models

/// A text on which adapters are trained, or validated.
package struct TrainingCorpus: Sendable, Equatable {
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// JSON lines, whose documents are joined by blanks.
    case c4
    /// Raw Wikitext, whose rows are joined by blanks.
    case wikitext
    /// All of a file as one text.
    case text
  }

  package let kind: Kind
  package let file: String

  package init(_ kind: Kind, file: String) {
    self.kind = kind
    self.file = file
  }

  /// The tokens of all of it, encoded as one text.
  ///
  /// Source: the data of "Compress, then Prompt" (Xu et al. 2023), `peft.md` section 7.
  ///
  /// - Parameter documentLimit: of C4 no more than the first so many documents are read.
  package func tokens(by tokenizer: Tokenizer, documentLimit: Int = .max) throws -> [Int] {
    tokenizer.encodeWithBeginning(try text(documentLimit: documentLimit))
  }

  func text(documentLimit: Int) throws -> String {
    switch kind {
    case .c4: return try TextCorpus(jsonLines: file, limit: documentLimit).documents.joined(separator: " ")
    case .wikitext: return try Wikitext(path: file).rows.joined(separator: " ")
    case .text:
      let mapped = try MappedFile(path: file)
      defer { withExtendedLifetime(mapped) {} }
      guard let text = String(validating: mapped.bytes, as: UTF8.self) else {
        throw CheckpointError.unreadable(file: file, reason: "it is no valid UTF-8")
      }
      return text
    }
  }
}
