import Tensors

/// A forest's tokens on their way through a model, a block at a time.
///
/// Where prompts are chosen by a first pass over all of them (`PromptSelection.hasTwoPasses`), the way goes through
/// some blocks twice.
package struct ForestRun: Sendable {
  /// nil while a block has it.
  private var front: PromptedForest?
  /// (rows, C)
  package private(set) var hidden: Matrix
  private var angles: RotaryAngles?

  /// A stretch of the way.
  package struct Step: Sendable, Equatable {
    package let block: Int
    /// In the first of two passes, of which nothing is left but the choices.
    package let isSurvey: Bool
  }

  /// - Parameters:
  ///   - contextLengths: of each sequence, how many of its tokens are context; nil for all of them.
  ///   - caches: one for each tree, of which each is one sequence, with as many tokens as the tree's depth says. The
  ///     tokens that run are appended.
  ///   - routes: of the sequences whose tokens are in the caches; nil where there are none.
  package init(
    _ forest: TokenForest, through model: some LanguageModel, prompts: PromptBank? = nil,
    contextLengths: [Int]? = nil, caches: [KeyValueCache]? = nil, routes: [PromptRoute]? = nil
  ) {
    let front = PromptedForest(
      forest, prompts: prompts, contextLengths: contextLengths, caches: caches, routes: routes)
    (hidden, angles) = model.beginning(front)
    self.front = front
  }

  /// The steps from the embeddings to the last block.
  package static func steps(
    through model: some LanguageModel, prompts: PromptBank?, continuing: Bool = false
  ) -> [Step] {
    let blocks = 0..<model.shape.blockCount
    var steps: [Step] = []
    if let prompts, prompts.isChoosing, !continuing {
      let last = prompts.selection.surveyedBlocks(of: blocks.count).upperBound
      steps = blocks.prefix(last).map { Step(block: $0, isSurvey: true) }
    }
    return steps + blocks.map { Step(block: $0, isSurvey: false) }
  }

  package mutating func advance(
    _ step: Step, through model: some LanguageModel, observer: ((ForwardPass.Observation) -> Void)? = nil
  ) {
    guard var front = front.take() else { preconditionFailure("a run within a block") }
    if front.isSurvey, !step.isSurvey {
      front.endSurvey()
      (hidden, angles) = model.beginning(front)
    }
    let treeCount = front.forest.treeCount
    var pass = ForwardPass(front, observer: observer)
    hidden = model.runBlock(step.block, hidden, angles: angles, &pass)
    front = pass.takeFront()
    // Rows have moved where sequences parted.
    if front.forest.treeCount != treeCount { angles = model.angles(at: front.positions()) }
    self.front = front
  }

  /// The nodes of each sequence, which say where its tokens stand in `hidden` now.
  package var sequences: [[TokenForest.Node]] { front?.forest.sequences ?? [] }

  /// Of each sequence; empty where there is nothing to choose.
  package var routes: [PromptRoute] { front?.routes ?? [] }

  package mutating func takeCaches() -> [KeyValueCache]? { front?.caches.take() }
}

extension LanguageModel {
  /// What enters the first block for the tokens of a forest, and the angles for all blocks.
  fileprivate func beginning(_ front: PromptedForest) -> (hidden: Matrix, angles: RotaryAngles?) {
    let positions = front.positions()
    return (hiddenStates(embedded(front.forest.tokens), at: positions), angles(at: positions))
  }

  /// A forest after the last block, before the last norm.
  package func run(
    _ forest: TokenForest, prompts: PromptBank? = nil, contextLengths: [Int]? = nil, caches: [KeyValueCache]? = nil,
    routes: [PromptRoute]? = nil
  ) -> ForestRun {
    var run = ForestRun(
      forest, through: self, prompts: prompts, contextLengths: contextLengths, caches: caches, routes: routes)
    for step in ForestRun.steps(through: self, prompts: prompts, continuing: routes != nil) {
      run.advance(step, through: self)
    }
    return run
  }
}
