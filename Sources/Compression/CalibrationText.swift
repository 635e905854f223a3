import Artifacts
import Foundation
import Models

/// A text from which calibration sequences are drawn.
package struct CalibrationText: Sendable {
  package enum Source: String, Sendable, CaseIterable {
    /// JSON lines, each document by itself.
    case c4
    /// The rows of raw Wikitext, joined as the method's own program joins them.
    case wikitext
    /// All of a file as one text.
    case text
  }

  package let source: Source
  package let file: String

  package init(_ source: Source, file: String) {
    self.source = source
    self.file = file
  }

  /// The sequences that the method's own program draws from the text.
  package func drawn(
    for method: CompressionSettings.Method, tokenizer: Tokenizer, samples: Int, length: Int, seed: Int
  ) throws -> Calibration {
    switch source {
    case .c4:
      let documents = try TextCorpus(jsonLines: file).documents
      return try Calibration(
        documentCount: documents.count, tokens: { tokenizer.encodeWithBeginning(documents[$0]) },
        minimum: method.minimumLength, sampleCount: samples, length: length, seed: seed)
    case .wikitext:
      let text = method.rowJoining.text(of: try Wikitext(path: file).rows)
      return try Calibration(
        text: tokenizer.encodeWithBeginning(text), sampleCount: samples, length: length, seed: seed)
    case .text:
      let mapped = try MappedFile(path: file)
      defer { withExtendedLifetime(mapped) {} }
      guard let text = String(validating: mapped.bytes, as: UTF8.self) else {
        throw CheckpointError.unreadable(file: file, reason: "it is no valid UTF-8")
      }
      return try Calibration(
        text: tokenizer.encodeWithBeginning(text), sampleCount: samples, length: length, seed: seed)
    }
  }

  /// What is to be known of the text and of what was drawn from it.
  package func record(of drawn: Calibration, seed: Int) throws -> CalibrationRecord {
    CalibrationRecord(
      source: source.rawValue, file: URL(fileURLWithPath: file).lastPathComponent, sha256: try sha256(ofFile: file),
      seed: seed, sequences: drawn.sequences)
  }
}
