import Tensors

/// What accompanies a run of tokens through the blocks: where it stands, what it sees, and who looks on.
package struct ForwardPass {
  /// The position of the run's first token.
  package private(set) var firstPosition: Int
  /// What the run's tokens see besides themselves; they are appended to it. nil: nothing, and nothing is kept.
  package var cache: KeyValueCache?
  package let observer: ((Observation) -> Void)?
  /// Where the run's tokens are those of a forest: it, and what its tokens see besides.
  var front: PromptedForest?

  package init(
    firstPosition: Int = 0, cache: KeyValueCache? = nil, observer: ((Observation) -> Void)? = nil
  ) {
    self.firstPosition = firstPosition
    self.cache = cache
    self.observer = observer
    front = nil
  }

  /// For the tokens of a forest.
  init(_ front: PromptedForest, observer: ((Observation) -> Void)?) {
    self.init(observer: observer)
    self.front = front
  }

  /// The forest as the pass left it.
  mutating func takeFront() -> PromptedForest {
    guard let front = front.take() else { preconditionFailure("a pass without a forest") }
    return front
  }

  /// The positions of a run of so many rows.
  func positions(rowCount: Int) -> [Int] {
    Array(firstPosition..<firstPosition + rowCount)
  }

  /// Makes the pass ready for tokens that follow those in the cache.
  package mutating func `continue`(at position: Int) { firstPosition = position }

  /// Something that happens in a block, in the order in which it happens.
  package enum Observation {
    /// The input (T, in) that the linear layers of these paths share.
    case linearInput(paths: [String], Matrix)
    /// The probabilities (T, keys) with which a head attends. Of a forest: a row for each of its rows, a column for each
    /// token of a sequence from its first on; what stands in front is left out, so that rows need not sum to one.
    case attention(block: Int, head: Int, Matrix)
  }

  func observe(_ observation: @autoclosure () -> Observation) {
    if let observer { observer(observation()) }
  }
}
