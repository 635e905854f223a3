import Tensors

/// A forest on its way through a model's blocks: what stands in front of its trees, and what was chosen for its
/// sequences.
///
/// Sequences share the tokens that they begin with as long as they see the same prompts. Where a block chooses
/// different ones for sequences of one tree, they part: from then on each has its own rows, copies of those that were
/// shared. So sharing changes no bit of a sequence's hidden states.
struct PromptedForest: Sendable {
  private(set) var forest: TokenForest
  let prompts: PromptBank?
  /// Earlier tokens of each tree; the tokens that run are appended. nil: there are none, and nothing is kept.
  var caches: [KeyValueCache]?
  /// Of each sequence; empty where there is nothing to choose.
  private(set) var routes: [PromptRoute] = []
  /// How many tokens each sequence's context has.
  private let contextLengths: [Int]
  /// Of each row, where tokens choose for themselves and keep their choice.
  private var rowChoices: [PromptChoice]?
  /// In the first of two passes: the sums of the scores so far, of each sequence, prompt and head.
  private var surveyed: [[[Double]]]?
  /// Of each row, the one that it was before sequences parted in the block that runs.
  private(set) var move: [Int]?

  /// - Parameters:
  ///   - contextLengths: for queries of the context; nil where all of the input is one.
  ///   - caches: one for each tree, of which each is one sequence, with as many tokens as the tree's depth says.
  ///   - routes: those of an earlier run of the sequences.
  init(
    _ forest: TokenForest, prompts: PromptBank?, contextLengths: [Int]? = nil, caches: [KeyValueCache]? = nil,
    routes: [PromptRoute]? = nil
  ) {
    precondition(caches.map { $0.count == forest.treeCount } ?? true, "not a cache for each tree")
    self.forest = forest
    self.prompts = prompts
    self.caches = caches
    self.contextLengths = contextLengths ?? forest.sequences.map(\.count)
    guard let prompts, prompts.isChoosing else { return }
    let fresh = PromptRoute(blockCount: prompts.prompts[0].blocks.count, promptCount: prompts.prompts.count)
    self.routes = routes ?? forest.sequences.map { _ in fresh }
    if prompts.selection.hasTwoPasses, routes == nil {
      surveyed = []
    }
  }

  var isSurvey: Bool { surveyed != nil }

  func positions() -> [Int] { forest.depths.map { (prompts?.inputPosition ?? 0) + $0 } }

  /// The rows as they were before sequences parted in the block that runs; nil where none did.
  mutating func takeMove() -> [Int]? { move.take() }

  // MARK: Choosing

  /// What a block puts in front of the trees. Sequences for which it chooses differently part.
  mutating func view(of block: Int, queries: Matrix, keys: Matrix, by attention: SelfAttention) -> PromptView {
    guard let prompts else { return .all }
    guard prompts.isChoosing else { return .trees(forest.trees.map { _ in PromptChoice(0) }) }
    let blockCount = prompts.prompts[0].blocks.count
    func evidence() -> PromptEvidence {
      PromptEvidence(queries, keys: keys, of: self, block: block, attention: attention)
    }
    if isSurvey {
      if prompts.selection.surveyedBlocks(of: blockCount).contains(block) {
        let evidence = evidence()
        survey(evidence)
      }
      return .all
    }
    switch prompts.selection.role(of: block) {
    case .seesAll: return .all
    case .seesFirst: return .trees(forest.trees.map { _ in PromptChoice(0) })
    case .chooses where prompts.selection.queries == .each:
      let evidence = evidence()
      rowChoices = (0..<forest.rowCount).map {
        PromptChoice(of: evidence.scores(of: [$0]), by: prompts.selection.heads)
      }
    case .chooses where routes.contains { $0.choices[block] == nil }:
      let blocks = prompts.selection.layers == .each ? block..<block + 1 : block..<blockCount
      let evidence = evidence()
      for sequence in routes.indices {
        let scores = evidence.scores(of: askedRows(of: sequence))
        routes[sequence].take(PromptChoice(of: scores, by: prompts.selection.heads), blocks: blocks)
      }
    case .chooses, .keeps: break
    }
    if let rowChoices {
      for (sequence, nodes) in forest.sequences.enumerated() {
        for node in nodes { routes[sequence].count(rowChoices[node.row], block: block) }
      }
      return .rows(rowChoices)
    }
    part(at: block)
    return .trees(
      forest.trees.map { tree in
        guard let choice = routes[tree.sequences[0]].choices[block] else {
          preconditionFailure("block \(block) has no choice to keep")
        }
        return choice
      })
  }

  /// The rows of the tokens of a sequence whose attention counts.
  private func askedRows(of sequence: Int) -> [Int] {
    let rows = forest.sequences[sequence].map(\.row)
    switch prompts?.selection.queries {
    case .last: return Array(rows.suffix(1))
    case .context: return Array(rows.prefix(contextLengths[sequence]))
    case .all, .each, nil: return rows
    }
  }

  private mutating func survey(_ evidence: PromptEvidence) {
    let found = routes.indices.map { evidence.scores(of: askedRows(of: $0)) }
    let before = surveyed ?? []
    surveyed = before.isEmpty ? found : zip(before, found).map { zip($0, $1).map { zip($0, $1).map(+) } }
  }

  /// Makes the choices of the first pass those of all blocks of the second.
  mutating func endSurvey() {
    guard let prompts, let scores = surveyed.take() else { return }
    for (sequence, scores) in scores.enumerated() {
      routes[sequence].take(
        PromptChoice(of: scores, by: prompts.selection.heads), blocks: prompts.prompts[0].blocks.indices)
    }
  }

  /// Gives sequences of one tree for which a block has different choices a tree each.
  private mutating func part(at block: Int) {
    var groups: [[Int]] = []
    for tree in forest.trees {
      var places: [PromptChoice?: Int] = [:]
      for sequence in tree.sequences {
        let choice = routes[sequence].choices[block]
        if let place = places[choice] {
          groups[place].append(sequence)
        } else {
          places[choice] = groups.count
          groups.append([sequence])
        }
      }
    }
    guard groups.count > forest.treeCount else { return }
    precondition(caches == nil, "sequences that share a cache cannot part")
    let (parted, rows) = forest.replanted(in: groups)
    forest = parted
    move = rows
  }
}

/// What a block puts in front of a forest's trees.
enum PromptView {
  /// All prompts (or none, where there are none).
  case all
  /// Of each tree.
  case trees([PromptChoice])
  /// Of each row.
  case rows([PromptChoice])
}
