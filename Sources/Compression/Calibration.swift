import Tensors

/// Calibration sequences drawn from a corpus exactly as the reference programs draw them, with CPython's generator.
///
/// Source: `get_c4` and `get_wikitext2` in datautils.py of IST-DASLab/gptq and IST-DASLab/sparsegpt; `gptq.md` section 5,
/// `sparsegpt.md` section 2.
package struct Calibration: Sendable, Equatable {
  /// Which documents are long enough to be drawn from.
  package enum MinimumLength: String, Sendable {
    /// As many tokens as a sequence or more. A document of exactly as many leaves no place to draw: an error, as in the
    /// reference (GPTQ).
    case atLeast
    /// More tokens than a sequence (SparseGPT, Wanda).
    case moreThan
  }

  /// What stands between the rows of Wikitext where they are made one text.
  package enum RowJoining: String, Sendable {
    /// GPTQ, and the evaluation texts of all.
    case twoNewlines = "\n\n"
    /// SparseGPT's and Wanda's training text.
    case blank = " "

    package func text(of rows: [String]) -> String { rows.joined(separator: rawValue) }
  }

  package struct Sample: Sendable, Equatable {
    package let document: Int
    package let offset: Int
    package let documentTokens: Int
  }

  package private(set) var sequences: [[Int]] = []
  package private(set) var samples: [Sample] = []
  /// Every document drawn, those too short included.
  package private(set) var drawnDocuments: [Int] = []

  /// Draws a document until one is long enough, then a place in it, `sampleCount` times.
  ///
  /// - Parameter tokens: of a document by its number, with its beginning token; asked for once a document.
  /// - Throws: `.noPlace` for a document that is exactly as long as a sequence, `.noDocument` when none is long enough.
  package init(
    documentCount: Int, tokens: (Int) -> [Int], minimum: MinimumLength, sampleCount: Int, length: Int, seed: Int
  ) throws {
    guard documentCount > 0 else { throw CalibrationError.noDocument(longestTokens: 0, length: length) }
    var generator = MersenneTwister(seed: seed)
    var known: [Int: [Int]] = [:]
    func isLongEnough(_ count: Int) -> Bool { minimum == .atLeast ? count >= length : count > length }
    while sequences.count < sampleCount {
      let document = try generator.randint(0, documentCount - 1)
      drawnDocuments.append(document)
      let drawn = known[document] ?? tokens(document)
      known[document] = drawn
      guard isLongEnough(drawn.count) else {
        // A document that is too short stays so: once all are known to be, there is no end to wait for.
        if known.count == documentCount, !known.values.contains(where: { isLongEnough($0.count) }) {
          throw CalibrationError.noDocument(longestTokens: known.values.map(\.count).max() ?? 0, length: length)
        }
        continue
      }
      guard drawn.count > length else { throw CalibrationError.noPlace(document: document, length: length) }
      let offset = try generator.randint(0, drawn.count - length - 1)
      samples.append(Sample(document: document, offset: offset, documentTokens: drawn.count))
      sequences.append(Array(drawn[offset..<offset + length]))
    }
  }

  /// Draws places in one long text.
  ///
  /// - Throws: `.noDocument` when the text is too short.
  package init(text tokens: [Int], sampleCount: Int, length: Int, seed: Int) throws {
    guard tokens.count > length else {
      throw CalibrationError.noDocument(longestTokens: tokens.count, length: length)
    }
    var generator = MersenneTwister(seed: seed)
    for _ in 0..<sampleCount {
      let offset = try generator.randint(0, tokens.count - length - 1)
      samples.append(Sample(document: 0, offset: offset, documentTokens: tokens.count))
      sequences.append(Array(tokens[offset..<offset + length]))
    }
  }
}

/// Why no calibration sequences can be drawn.
package enum CalibrationError: Error, Equatable {
  case noDocument(longestTokens: Int, length: Int)
  /// The reference's own rule fails on this document: another seed or length, or the rule `moreThan`, avoids it.
  case noPlace(document: Int, length: Int)
}

extension CompressionSettings.Method {
  /// Which documents the method's own program draws from.
  package var minimumLength: Calibration.MinimumLength { self == .gptq || self == .rtn ? .atLeast : .moreThan }

  /// What the method's own program puts between the rows of Wikitext.
  package var rowJoining: Calibration.RowJoining { self == .gptq || self == .rtn ? .twoNewlines : .blank }
}
