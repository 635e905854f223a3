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
  /// Where the run's tokens are several sequences in one matrix, none of which has a past or sees another.
  let packing: SequencePacking?

  package init(
    firstPosition: Int = 0, cache: KeyValueCache? = nil, prompts: PromptBank? = nil,
    observer: ((Observation) -> Void)? = nil
  ) {
    precondition(prompts == nil || cache != nil, "prompts are put into a cache")
    self.firstPosition = firstPosition
    self.cache = cache
    self.prompts = prompts
    self.observer = observer
    packing = nil
  }

  init(_ packing: SequencePacking) {
    firstPosition = 0
    prompts = nil
    observer = nil
    self.packing = packing
  }

  /// Makes the pass ready for tokens that follow those in the cache.
  package mutating func `continue`(at position: Int) { firstPosition = position }

  /// Something that happens in a block, in the order in which it happens.
  package enum Observation {
    /// The input (T, in) that the linear layers of these paths share.
    case linearInput(paths: [String], Matrix)
    /// The probabilities (T, keys) with which a head attends.
    case attention(block: Int, head: Int, Matrix)
    /// The prompt that a block chose.
    case choice(block: Int, prompt: Int)
  }

  func observe(_ observation: @autoclosure () -> Observation) {
    if let observer { observer(observation()) }
  }
}

/// The gradients of the low-rank updates of a model, by layer.
package struct LinearGradients: Sendable {
  package private(set) var updates: [LinearName: LowRankGradient] = [:]

  package init() {}

  mutating func add(_ gradient: LowRankGradient, to name: LinearName) { updates[name] = gradient }
}
