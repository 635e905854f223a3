/// The prompt that each head sees: one number where all see the same, else one for each head.
struct PromptChoice: Sendable, Hashable {
  let heads: [Int]

  init(_ prompt: Int) { heads = [prompt] }

  subscript(head: Int) -> Int { heads.count == 1 ? heads[0] : heads[head] }

  /// - Parameters:
  ///   - scores: of each prompt, those of its heads.
  ///   - reading: the first of equal prompts is taken.
  init(of scores: [[Double]], by reading: PromptSelection.Heads) {
    func best(_ values: [Double]) -> Int {
      var best = 0
      for index in values.indices where values[index] > values[best] { best = index }
      return best
    }
    let headCount = scores[0].count
    let favourites = { (0..<headCount).map { head in best(scores.map { $0[head] }) } }
    switch reading {
    case .mean: heads = [best(scores.map { $0.reduce(0, +) / Double(headCount) })]
    case .each: heads = favourites()
    case .majority:
      var votes = [Double](repeating: 0, count: scores.count)
      for favourite in favourites() { votes[favourite] += 1 }
      heads = [best(votes)]
    }
  }
}

/// How many choices each prompt won, block by block: one for each input, but one for each head, for each token or for
/// both where these choose for themselves.
package struct PromptWins: Sendable, Equatable {
  /// Of each block, those of each prompt. Blocks that see all prompts have no choices.
  package private(set) var counts: [[Int]]

  package init(counts: [[Int]]) { self.counts = counts }

  init(blockCount: Int, promptCount: Int) {
    counts = Array(repeating: Array(repeating: 0, count: promptCount), count: blockCount)
  }

  mutating func add(_ choice: PromptChoice, block: Int) {
    for prompt in choice.heads { counts[block][prompt] += 1 }
  }

  package static func + (left: PromptWins, right: PromptWins) -> PromptWins {
    PromptWins(counts: zip(left.counts, right.counts).map { zip($0, $1).map(+) })
  }

  /// Of each block, the prompt that won the only choice; nil where a block had none or several.
  package var winners: [Int]? {
    let winners = counts.compactMap { counts in counts.reduce(0, +) == 1 ? counts.firstIndex(of: 1) : nil }
    return winners.count == counts.count ? winners : nil
  }
}

/// Which prompts the blocks put in front of a sequence.
package struct PromptRoute: Sendable, Equatable {
  /// Of each block; nil where nothing was chosen for the sequence as a whole.
  private(set) var choices: [PromptChoice?]
  package private(set) var wins: PromptWins

  init(blockCount: Int, promptCount: Int) {
    choices = Array(repeating: nil, count: blockCount)
    wins = PromptWins(blockCount: blockCount, promptCount: promptCount)
  }

  mutating func take(_ choice: PromptChoice, blocks: Range<Int>) {
    for block in blocks {
      choices[block] = choice
      wins.add(choice, block: block)
    }
  }

  /// Counts a choice made for one token.
  mutating func count(_ choice: PromptChoice, block: Int) { wins.add(choice, block: block) }
}
