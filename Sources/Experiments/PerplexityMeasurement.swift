import Evaluation
import Foundation
import Models
import Recovery
import Results
import Tensors

/// The file whose perplexity is measured.
package enum PerplexitySource: Sendable {
  case wikitext(Wikitext)
  case c4(TextCorpus)
  case text(path: String, String)

  package enum Kind: String, Sendable, CaseIterable {
    /// A raw file of Wikitext.
    case wikitext
    /// JSON lines with a member "text".
    case c4
    /// A text, which is one document.
    case text
  }

  package init(_ kind: Kind, path: String) throws(CheckpointError) {
    switch kind {
    case .wikitext: self = .wikitext(try Wikitext(path: path))
    case .c4: self = .c4(try TextCorpus(jsonLines: path))
    case .text:
      let file = try MappedFile(path: path)
      defer { withExtendedLifetime(file) {} }
      guard !file.bytes.isEmpty else { throw .unreadable(file: path, reason: "the file has no text") }
      guard let content = String(validating: file.bytes, as: UTF8.self) else {
        throw .unreadable(file: path, reason: "it is no valid UTF-8")
      }
      self = .text(path: path, content)
    }
  }

  /// - Precondition: exactly one path is given.
  package init(wikitext: String?, c4: String?, text: String?) throws(CheckpointError) {
    let named: [(Kind, String)] = [(.wikitext, wikitext), (.c4, c4), (.text, text)].compactMap { kind, path in
      path.map { (kind, $0) }
    }
    precondition(named.count == 1, "\(named.count) texts")
    try self.init(named[0].0, path: named[0].1)
  }

  package var path: String {
    switch self {
    case .wikitext(let file): file.path
    case .c4(let corpus): corpus.path
    case .text(let path, _): path
    }
  }

  var kind: Kind {
    switch self {
    case .wikitext: .wikitext
    case .c4: .c4
    case .text: .text
    }
  }

  /// What the rolling protocol scores one by one.
  var documents: [String] {
    switch self {
    case .wikitext(let file): file.pages
    case .c4(let corpus): corpus.documents
    case .text(_, let text): [text]
    }
  }

  /// The windows at most that are read of `joined`.
  ///
  /// Source: `get_c4_new` in IST-DASLab/gptq, datautils.py.
  var windowLimit: Int {
    switch self {
    case .c4: 256
    case .wikitext, .text: .max
    }
  }

  /// What the protocol of windows encodes as one.
  ///
  /// Source: `get_wikitext2` and `get_c4_new` in IST-DASLab/gptq, datautils.py.
  var joined: String {
    switch self {
    case .wikitext(let file): file.rows.joined(separator: "\n\n")
    case .c4(let corpus): corpus.documents.prefix(1100).joined(separator: " ")
    case .text(_, let text): text
    }
  }
}

/// What measuring a perplexity gave.
package struct PerplexityOutcome: Sendable {
  let window: Int
  var prefixToken: Int?
  var documents: Int?
  let windows: Int
  let tokens: Int
  /// Over all tokens, in nats.
  let negativeLogLikelihood: Double
  let tokenPerplexity: Double
  var rolling: RollingPerplexity?
  let flags: [String]
  let notComparableReasons: [String]
}

/// Measures perplexities of texts by a model with adapters in place.
package struct PerplexityMeasurement<Model: LanguageModel>: Sendable {
  private let adapted: AdaptedModel<Model>
  private let tokenizer: Tokenizer
  private let askedLength: Int
  private let scorer: LogLikelihoodScorer<Model>

  package init(
    _ adapted: AdaptedModel<Model>, tokenizer: Tokenizer, maximumLength: Int, workers: Workers,
    schedule: ScoringSchedule
  ) {
    self.adapted = adapted
    self.tokenizer = tokenizer
    askedLength = maximumLength
    scorer = LogLikelihoodScorer(
      model: adapted.model, prompts: adapted.prompts, maximumLength: maximumLength, workers: workers,
      schedule: schedule)
  }

  /// How several prompts are combined; nil without them.
  ///
  /// - Parameter adapters: the folders of the adapters, in their order.
  package func prompting(_ adapters: [EvaluatedFolder]) -> PromptingSummary? {
    PromptingSummary(adapted, names: adapters.map(\.name))
  }

  /// How the scores of windows are found, in their order.
  package typealias Scoring = (_ windows: [EncodedRequest], _ scorer: LogLikelihoodScorer<Model>) throws ->
    [RequestScore]

  /// - Throws: `ScoringError`, `PerplexityError`, and what `score` throws.
  package func outcome(
    of source: PerplexitySource, by method: PerplexitySetting.Method, score: Scoring
  ) throws -> PerplexityOutcome {
    switch method {
    case .rolling(let documents, let prefix):
      try rolling(source, prefix: prefix, limit: documents, score: score)
    case .windows(let length, let windows): try self.windows(source, length: length, limit: windows, score: score)
    }
  }

  /// The digest of everything that determines the outcome: see `AdaptedModel.question`.
  package func question(
    of source: PerplexitySource, sha256: String, by method: PerplexitySetting.Method, model: EvaluatedFolder,
    adapters: [EvaluatedFolder], program: String
  ) -> String {
    let setting = PerplexitySetting(
      name: "", corpus: source.path, sha256: sha256, source: source.kind, method: method)
    return adapted.question(
      ["perplexity": setting.canonical, "maximumLength": .integer(askedLength)], model: model, adapters: adapters,
      program: program)
  }

  private func rolling(
    _ source: PerplexitySource, prefix: RequestEncoding.Prefix, limit: Int?, score: Scoring
  ) throws -> PerplexityOutcome {
    let shape = adapted.model.shape
    guard let prefixToken = RequestEncoding(prefix: prefix).prefixToken(of: tokenizer) else {
      throw PerplexityError.noPrefixToken
    }
    let all = source.documents
    let documents = PerplexityDocument.documents(all, limit: limit)
    for document in documents {
      try shape.expectTokens(tokenizer.encode(document.text), of: "\(source.path), document \(document.index)")
    }
    let found = try RollingPerplexity(
      of: documents, maximumLength: scorer.maximumLength, prefixToken: prefixToken, tokenize: tokenizer.encode
    ) { try score($0, scorer) }
    let tokens = found.documents.reduce(0) { $0 + $1.tokenCount }
    guard tokens > 0 else { throw PerplexityError.tooShort(file: source.path, tokens: 0, needed: 1) }
    return PerplexityOutcome(
      window: found.maximumLength, prefixToken: prefixToken, documents: documents.count,
      windows: found.documents.reduce(0) { $0 + $1.windowLogLikelihoods.count }, tokens: tokens,
      negativeLogLikelihood: -found.logLikelihood, tokenPerplexity: found.tokenPerplexity, rolling: found,
      flags: found.flags(vocabularySize: shape.vocabularySize).map(\.text)
        + adapted.shrinkage(from: askedLength, to: found.maximumLength),
      notComparableReasons: limitation(documents.count, of: all.count, "documents"))
  }

  /// - Parameter length: of a window; less where the model takes no more.
  private func windows(
    _ source: PerplexitySource, length: Int, limit: Int?, score: Scoring
  ) throws -> PerplexityOutcome {
    let shape = adapted.model.shape
    let window = min(length, scorer.maximumLength)
    guard window > 1 else { throw ScoringError.noRoom(needed: 2, available: window) }
    let tokens = tokenizer.encodeWithBeginning(source.joined)
    try shape.expectTokens(tokens, of: source.path)
    // What does not fill a window is left out, as in the reference.
    let all = min(tokens.count / window, source.windowLimit)
    guard all > 0 else { throw PerplexityError.tooShort(file: source.path, tokens: tokens.count, needed: window) }
    let count = min(all, limit ?? all)
    let found = try WindowPerplexity(of: (0..<count).map { Array(tokens[$0 * window..<($0 + 1) * window]) }) {
      try score($0, scorer)
    }
    var flags: [ResultFlag] = []
    let broken = found.windowLosses.indices.filter { found.windowLosses[$0].isNaN }
    if let first = broken.first { flags.append(.notANumber(document: first, count: broken.count)) }
    if found.perplexity > Double(shape.vocabularySize) {
      flags.append(.perplexityAboveVocabulary(perplexity: found.perplexity, vocabularySize: shape.vocabularySize))
    }
    return PerplexityOutcome(
      window: window, windows: count, tokens: count * (window - 1),
      negativeLogLikelihood: found.windowLosses.reduce(0) { $0 + $1 * Double(window - 1) },
      tokenPerplexity: found.perplexity,
      flags: flags.map(\.text) + adapted.shrinkage(from: length, to: window),
      notComparableReasons: limitation(count, of: all, "windows"))
  }

  private func limitation(_ count: Int, of all: Int, _ unit: String) -> [String] {
    count < all ? ["\(count) of \(all) \(unit) were read"] : []
  }
}

/// Why a perplexity cannot be measured.
package enum PerplexityError: Error, Equatable {
  case noPrefixToken
  case tooShort(file: String, tokens: Int, needed: Int)
}

extension PerplexityResult {
  package init(
    _ outcome: PerplexityOutcome, source: PerplexitySource, method: String, model: EvaluatedFolder,
    adapters: [EvaluatedFolder], prompting: PromptingSummary?, sha256: String, environment: Environment
  ) {
    func estimate(_ value: Double?) -> Estimate? { value.map { Estimate($0, standardError: nil) } }
    self.init(
      notComparableReasons: outcome.notComparableReasons, model: ScoredModel(model),
      adapters: adapters.map(ScoredModel.init), prompting: prompting, source: source.kind.rawValue, sha256: sha256,
      method: method,
      window: outcome.window, prefixToken: outcome.prefixToken, documents: outcome.documents, windows: outcome.windows,
      tokens: outcome.tokens, tokenPerplexity: Estimate(outcome.tokenPerplexity, standardError: nil),
      wordPerplexity: estimate(outcome.rolling?.wordPerplexity),
      bytePerplexity: estimate(outcome.rolling?.bytePerplexity),
      bitsPerByte: estimate(outcome.rolling?.bitsPerByte), flags: outcome.flags, environment: environment)
  }
}
