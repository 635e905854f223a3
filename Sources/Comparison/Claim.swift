/// What became of a claim.
package enum ClaimVerdict: String, Encodable, CaseIterable, Sendable {
  /// The numbers are on the claimed side, with their interval where they were measured.
  case supported
  case contradicted
  /// The interval contains both what is claimed and its opposite.
  case undecidable
  /// The claim's `reading` says which.
  case holdsUnderReading = "holds-under-reading"
  /// By arithmetic alone.
  case contradictedByOwnTables = "contradicted-by-own-tables"
  /// The claim says what is `missing`.
  case notMeasured = "not-measured"
}

/// A sentence of the paper, what its own numbers or measured ones give, and the verdict; with all that it takes to
/// check the verdict by hand.
package struct Claim: Equatable, Encodable, Sendable {
  package var id: String
  /// The sentence, or what the tables imply where no sentence says it.
  package var statement: String
  package var isQuoted: Bool
  package var place: String
  /// What is computed, and how.
  package var quantity: String
  package var formula: String
  /// As printed.
  package var published: String
  /// In short, with its unit; the numbers themselves are in `workings`.
  package var value: String
  package var verdict: ClaimVerdict
  package var reading: String?
  package var workings: [Working]
  /// The same for parts, such as single domains and tasks.
  package var details: [Working]
  package var notes: [String]
  package var inputs: [Input]
  /// For which models and how many documents a measured verdict holds.
  package var scale: String?
  /// What is absent, and what would measure it.
  package var missing: String?
  package var evidence: [EvidenceFile]

  /// One computed number.
  package struct Working: Equatable, Encodable, Sendable {
    package var name: String
    /// Numbers and signs, such as "0.37 ÷ 0.62".
    package var expression: String
    /// Nil where there is nothing to compute it from.
    package var value: Double?
    package var unit: String
    package var interval: Interval?
    package var note: String

    init(
      _ name: String, _ expression: String, _ value: Double?, _ unit: String = "", interval: Interval? = nil,
      note: String = ""
    ) {
      self.name = name
      self.expression = expression
      self.value = value
      self.unit = unit
      self.interval = interval
      self.note = note
    }
  }

  /// What was printed, or which cells were measured, and where.
  package struct Input: Hashable, Encodable, Sendable {
    package var name: String
    package var printed: String
    package var place: String
  }

  package struct Interval: Equatable, Encodable, Sendable {
    package var low: Double
    package var high: Double
    /// What it is, such as "95 %, paired" or "rounding".
    package var kind: String
  }
}

/// A file that a verdict rests on.
package struct EvidenceFile: Hashable, Encodable, Sendable {
  package let name: String
  package let sha256: String

  package init(name: String, sha256: String) {
    self.name = name
    self.sha256 = sha256
  }
}

/// What is known when claims are judged.
package struct ClaimEvidence: Sendable {
  package let publication: Publication
  package let publicationFile: EvidenceFile
  /// The results of one suite; nil where nothing was measured.
  package let suite: SuiteEvidence?
  /// What each document asks, in the order of scoring; nil where that is not known.
  package let facts: DocumentFacts?

  package init(
    publication: Publication, publicationFile: EvidenceFile, suite: SuiteEvidence?, facts: DocumentFacts? = nil
  ) {
    self.publication = publication
    self.publicationFile = publicationFile
    self.suite = suite
    self.facts = facts
  }

  /// Every claim of the paper, those decided by arithmetic first.
  package func claims() -> [Claim] {
    let definitions =
      ClaimDefinition.parameters + ClaimDefinition.textual + ClaimDefinition.tables + ClaimDefinition.accuracies
      + ClaimDefinition.measured
    return definitions.map { $0.claim(from: self) }
  }
}
