import Models
import Recovery
import Results

extension PromptingSummary {
  /// nil for one prompt.
  ///
  /// - Parameter names: of the prompts, in their order.
  init?(_ adapted: AdaptedModel<some LanguageModel>, names: [String]) {
    guard let bank = adapted.prompts, names.count > 1 else { return nil }
    switch adapted.combination {
    case .selection(let selection, _):
      // A prefix has no positions, and there is never more than one.
      guard let positions = bank.positions else { return nil }
      self.init(
        prompts: names, method: "idp", selection: Selection(selection), positions: positions.rawValue,
        positionCount: bank.inputPosition)
    case .concatenation:
      self.init(
        prompts: names, method: "concatenation", selection: nil, positions: PromptPositions.contiguous.rawValue,
        positionCount: bank.inputPosition)
    }
  }
}

extension PromptingSummary.Selection {
  fileprivate init(_ selection: PromptSelection) {
    self.init(
      score: selection.score.rawValue, layers: selection.layers.name, before: selection.layers.before?.rawValue,
      heads: selection.heads.rawValue, queries: selection.queries.rawValue,
      support: selection.isJoint ? selection.support.rawValue : nil)
  }
}

extension [PromptWins] {
  /// Of each prompt, how many choices of all these it won, block by block; nil where there was nothing to choose.
  package var sums: [String]? {
    guard let first else { return nil }
    let counts = dropFirst().reduce(first, +).counts
    return (counts.first ?? []).indices.map { prompt in
      counts.map { String($0[prompt]) }.joined(separator: " ")
    }
  }
}

extension PromptWins {
  /// The prompt of each block's choice; where blocks have none or several, how many each prompt won.
  var canonical: CanonicalJSON {
    if let winners { return .array(winners.map { .integer($0) }) }
    return .array(counts.map { .array($0.map { .integer($0) }) })
  }
}
