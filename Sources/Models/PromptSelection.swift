/// How one of several prompts is chosen for an input: a reading of each thing that the paper leaves open.
///
/// The paper chooses the prompt of the largest mean of the attention A[Zᵢ : X] from the input X to the prompt Zᵢ, layer
/// by layer, with b and h "taken as one". The standard reading is the most literal: A before the softmax, in which the
/// -∞ between prompts stand too; each block for itself; one choice for all heads; all tokens of the input. Of equals
/// the first prompt wins, always.
///
/// Source: Hoang et al. 2024, section 3.1.1; `idp.md` section 2, whose letters stand at the cases.
package struct PromptSelection: Sendable, Hashable {
  package var score: Score
  package var layers: Layers
  package var heads: Heads
  package var queries: Queries
  /// Matters to joint weights alone.
  package var support: Support

  package init(
    score: Score = .logitMean, layers: Layers = .each, heads: Heads = .mean, queries: Queries = .all,
    support: Support = .input
  ) {
    self.score = score
    self.layers = layers
    self.heads = heads
    self.queries = queries
    self.support = support
  }

  /// What of the attention to a prompt's tokens is compared.
  package enum Score: String, CaseIterable, Sendable {
    /// A1: the mean over its tokens before the softmax.
    case logitMean = "logit-mean"
    /// A2: the mean over its tokens of the weights, with one softmax over all prompts. Favours short prompts.
    case weightMean = "weight-mean"
    /// A3: the sum of these weights. Favours long prompts.
    case weightMass = "weight-mass"
    /// A4: the mean of the weights, with a softmax for each prompt as if it were the only one.
    case separateMean = "separate-mean"
    /// A4: the sum of these weights.
    case separateMass = "separate-mass"
  }

  package enum Layers: Sendable, Hashable {
    /// B1: each block chooses for itself.
    case each
    /// B2: the first block's choice holds for all.
    case first
    /// B3: the last block of a first pass, in which all prompts are seen, chooses for all blocks of a second.
    case last
    /// B3: as `last`, by the mean of the scores over the blocks.
    case mean
    /// B4: a block's choice holds for it and those behind it.
    case block(Int, before: Before)
  }

  /// What the blocks before the one that chooses see.
  package enum Before: String, CaseIterable, Sendable {
    case allPrompts = "all-prompts"
    case firstPrompt = "first-prompt"
    /// The chosen prompt, in a second pass; all of them in the first.
    case secondPass = "second-pass"
  }

  package enum Heads: String, CaseIterable, Sendable {
    /// C1: one choice, by the mean of the heads' scores.
    case mean
    /// C2: each head sees the prompt that it scores highest.
    case each
    /// C3: one choice, that of most heads.
    case majority
  }

  /// Whose attention is averaged over.
  package enum Queries: String, CaseIterable, Sendable {
    /// D1: all tokens that are read, those of a continuation that is scored included.
    case all
    /// D2: the last token that is read.
    case last
    /// D3: the tokens of the context.
    case context
    /// D4: nothing is averaged, each token has its own choice.
    case each
  }

  /// The keys over which the softmax of joint weights goes.
  package enum Support: String, CaseIterable, Sendable {
    /// All prompts' and the input's.
    case input
    case prompts
  }

  /// Readings that cannot go together.
  package enum Conflict: Error, Equatable {
    /// Without the input's keys a softmax by itself gives each prompt all of the mass, and logits have none.
    case supportWithoutJointWeights
    /// A token's second pass would need what the first left of all tokens before it.
    case tokensInSecondPass
    case noSuchBlock(Int, blockCount: Int)
  }

  /// - Parameter blockCount: of the model, where it is known.
  /// - Throws: the first conflict.
  package func check(blockCount: Int? = nil) throws(Conflict) {
    if support == .prompts, !isJoint { throw .supportWithoutJointWeights }
    if queries == .each, hasTwoPasses { throw .tokensInSecondPass }
    if case .block(let block, _) = layers, let blockCount, !(0..<blockCount).contains(block) {
      throw .noSuchBlock(block, blockCount: blockCount)
    }
  }

  /// Whether weights are those of one softmax over all prompts.
  package var isJoint: Bool { score == .weightMean || score == .weightMass }

  package var hasTwoPasses: Bool {
    switch layers {
    case .last, .mean, .block(_, before: .secondPass): true
    case .each, .first, .block: false
    }
  }

  /// The blocks whose scores make the choice in the first of two passes.
  func surveyedBlocks(of blockCount: Int) -> Range<Int> {
    switch layers {
    case .last: blockCount - 1..<blockCount
    case .mean: 0..<blockCount
    case .block(let block, before: .secondPass): block..<block + 1
    case .each, .first, .block: 0..<0
    }
  }

  enum Role {
    case chooses
    /// What a block before it chose, or the first pass.
    case keeps
    case seesAll
    case seesFirst
  }

  /// What a block does, but in the first of two passes.
  func role(of block: Int) -> Role {
    switch layers {
    case .each: .chooses
    case .first: block == 0 ? .chooses : .keeps
    case .last, .mean, .block(_, before: .secondPass): .keeps
    case .block(let chooser, before: .allPrompts): block < chooser ? .seesAll : block == chooser ? .chooses : .keeps
    case .block(let chooser, before: .firstPrompt): block < chooser ? .seesFirst : block == chooser ? .chooses : .keeps
    }
  }
}

/// Where prompts of different lengths stand in front of an input.
///
/// Source: `idp.md` section 3.
package enum PromptPositions: String, CaseIterable, Sendable {
  /// P1: one behind the other, and the input behind the last, though prompts do not see one another.
  case contiguous
  /// P2: each at 0, as in its training, and the input behind the longest.
  case leftAligned = "left-aligned"
  /// P3: each ends where the input begins. For rotary embeddings, which depend on distances alone, that is each
  /// prompt's own inference.
  case rightAligned = "right-aligned"

  /// Right-aligned where positions are angles. Where they are rows of a table, a prompt that stands elsewhere than in
  /// its training is another one: left-aligned.
  package static func recommended(for shape: ModelShape) -> PromptPositions {
    shape.hasPositionTable ? .leftAligned : .rightAligned
  }

  /// The position of an input's first token behind prompts of these lengths.
  package func inputPosition(behind lengths: [Int]) -> Int {
    self == .contiguous ? lengths.reduce(0, +) : lengths.max() ?? 0
  }

  func firstPositions(of lengths: [Int]) -> [Int] {
    switch self {
    case .contiguous: lengths.indices.map { lengths[..<$0].reduce(0, +) }
    case .leftAligned: lengths.map { _ in 0 }
    case .rightAligned: lengths.map { inputPosition(behind: lengths) - $0 }
    }
  }
}
