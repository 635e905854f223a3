import Experiments
import Models
import Recovery
import Testing

@Suite struct PromptChoicesTests {
  @Test func `a combination of prompts is told in a suite's words`() throws {
    func combination(_ words: String) throws -> PromptCombination { try PromptCombination(words: words) }
    #expect(try combination("") == .selection(PromptSelection(), positions: nil))
    #expect(try combination("method: concatenation") == .concatenation)
    #expect(
      try combination("score: weight-mass, queries: context, positions: contiguous")
        == .selection(PromptSelection(score: .weightMass, queries: .context), positions: .contiguous))
    #expect(
      try combination("layers: 2, before: second-pass")
        == .selection(PromptSelection(layers: .block(2, before: .secondPass)), positions: nil))
  }

  @Test(arguments: ["scores: weight-mass", "method: concatenation, heads: each", "score: [", "score: weight", "}{"])
  func `words that mean nothing are refused`(words: String) {
    #expect(throws: SuiteError.self) { try PromptCombination(words: words) }
  }

  @Test func `wins are summed over requests, and written by prompt`() {
    let wins = [PromptWins(counts: [[1, 0], [0, 1]]), PromptWins(counts: [[1, 0], [1, 0]])]
    #expect(wins.sums == ["2 1", "0 1"])
    #expect([PromptWins]().sums == nil)
  }
}
