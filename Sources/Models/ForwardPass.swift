import Tensors

/// What accompanies a run of tokens through the blocks: where it stands, what it sees, and who looks on.
package struct ForwardPass {
  /// The position of the run's first token.
  package private(set) var firstPosition: Int
  /// What the run's tokens see besides themselves; they are appended to it. nil: nothing, and nothing is kept.
  package var cache: KeyValueCache?
  /// Prompts of which each block takes one when its cache is empty.
  package let prompts: PromptBank?
  package let observer: ((Observation) -> Void)?
  /// Where the run's tokens are those of a forest: of each tree, what the tokens in it see.
  let forest: TokenForest?
  /// What the trees of a forest see before their first tokens, one for each; their tokens are appended. nil: no more than
  /// a prompt, and nothing is kept.
  package internal(set) var caches: [KeyValueCache]?

  package init(
    firstPosition: Int = 0, cache: KeyValueCache? = nil, prompts: PromptBank? = nil,
    observer: ((Observation) -> Void)? = nil
  ) {
    precondition(prompts == nil || cache != nil, "prompts are put into a cache")
    self.firstPosition = firstPosition
    self.cache = cache
    self.prompts = prompts
    self.observer = observer
    forest = nil
    caches = nil
  }

  /// For the tokens of a forest, behind the prompt that each block takes for a tree where there are any.
  ///
  /// Where there are several prompts, each tree is to be one sequence, since a choice looks at all of its input.
  ///
  /// - Parameter caches: one for each tree, empty or with as many tokens behind the prompt as the tree's depth says.
  package init(
    _ forest: TokenForest, prompts: PromptBank? = nil, caches: [KeyValueCache]? = nil,
    observer: ((Observation) -> Void)? = nil
  ) {
    precondition(caches.map { $0.count == forest.treeCount } ?? true, "not a cache for each tree")
    firstPosition = prompts?.inputPosition ?? 0
    cache = nil
    self.prompts = prompts
    self.observer = observer
    self.forest = forest
    self.caches = caches
  }

  /// The positions of a run of so many rows.
  func positions(rowCount: Int) -> [Int] {
    forest?.depths.map { firstPosition + $0 } ?? Array(firstPosition..<firstPosition + rowCount)
  }

  /// Makes the pass ready for tokens that follow those in the cache.
  package mutating func `continue`(at position: Int) { firstPosition = position }

  /// Something that happens in a block, in the order in which it happens.
  package enum Observation {
    /// The input (T, in) that the linear layers of these paths share.
    case linearInput(paths: [String], Matrix)
    /// The probabilities (T, keys) with which a head attends.
    case attention(block: Int, head: Int, Matrix)
    /// The prompt that a block chose, and for which tree of a forest (0 where there is none).
    case choice(block: Int, prompt: Int, tree: Int)
  }

  func observe(_ observation: @autoclosure () -> Observation) {
    if let observer { observer(observation()) }
  }
}
