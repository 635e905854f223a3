import Foundation
import Models
import Tensors

/// Inference-time dynamic prompting, written down once more: one run over [Z; X] with all scores in sight, in which a
/// mask says who sees whom (`idp.md` section 2).
struct PlainPrompting {
  let llama: PlainLlama
  let prompts: [Matrix]
  let input: [Int]
  let contextLength: Int
  let selection: PromptSelection
  let positions: PromptPositions

  struct Answer {
    /// Of the input's tokens.
    var logits: [PlainLlama.Vector]
    /// Of each block, how many choices each prompt won.
    var wins: [[Int]]
    /// The smallest lead of a prompt that was chosen.
    var lead: Double
  }

  /// Of a query's row and a head.
  private typealias Choices = (_ row: Int, _ head: Int) -> Int?

  private var lengths: [Int] { prompts.map(\.rowCount) }
  private var heads: Range<Int> { 0..<TinyLlama.headCount }

  private var promptRows: [Range<Int>] {
    lengths.indices.map { lengths[..<$0].reduce(0, +)..<lengths[...$0].reduce(0, +) }
  }

  private var inputRows: Range<Int> { lengths.reduce(0, +)..<lengths.reduce(0, +) + input.count }

  private var rowPositions: [Int] {
    let longest = lengths.max() ?? 0
    switch positions {
    case .contiguous: return Array(0..<inputRows.upperBound)
    case .leftAligned: return lengths.flatMap { 0..<$0 } + input.indices.map { longest + $0 }
    case .rightAligned: return lengths.flatMap { longest - $0..<longest } + input.indices.map { longest + $0 }
    }
  }

  var answer: Answer {
    var answer = Answer(logits: [], wins: [], lead: .infinity)
    var kept: Choices?
    let last = TinyLlama.blockCount - 1
    let chooser: Int? =
      switch selection.layers {
      case .first: 0
      case .block(let block, before: .allPrompts), .block(let block, before: .firstPrompt): block
      case .each, .last, .mean, .block: nil
      }
    let decisive: [Int]? =
      switch selection.layers {
      case .last: [last]
      case .mean: Array(0...last)
      case .block(let block, before: .secondPass): [block]
      case .each, .first, .block: nil
      }
    if let decisive {
      var sums: [PlainLlama.Scores] = []
      _ = run { block, scores in
        if decisive.contains(block) { sums.append(prompted(scores)) }
        return { _, _ in nil }
      }
      let means = sums[0].indices.map { prompt in
        heads.map { head in
          input.indices.map { token in sums.reduce(0) { $0 + $1[prompt][head][token] } / Double(sums.count) }
        }
      }
      kept = choices(means, &answer.lead)
    }
    answer.logits = run { block, scores in
      var choices: Choices = { _, _ in nil }
      if let kept {
        choices = kept
      } else if let chooser, block < chooser {
        if selection.layers == .block(chooser, before: .firstPrompt) { choices = { _, _ in 0 } }
        answer.wins.append(prompts.map { _ in 0 })
        return choices
      } else {
        choices = self.choices(prompted(scores), &answer.lead)
        if chooser != nil { kept = choices }
      }
      answer.wins.append(prompts.indices.map { prompt in count(choices) { $0 == prompt } })
      return choices
    }
    return answer
  }

  /// One for an input, a head, a token or each token's head, by what chooses for itself.
  private func count(_ choices: Choices, _ isCounted: (Int?) -> Bool) -> Int {
    let rows = selection.queries == .each ? Array(inputRows) : [inputRows.lowerBound]
    let heads = selection.heads == .each ? Array(heads) : [0]
    return rows.reduce(0) { sum, row in sum + heads.count { isCounted(choices(row, $0)) } }
  }

  private func run(_ choose: (_ block: Int, _ scores: PlainLlama.Scores) -> Choices) -> [PlainLlama.Vector] {
    let embeddings =
      prompts.flatMap { prompt in (0..<prompt.rowCount).map { prompt.row($0).map(Double.init) } }
      + llama.embedded(input)
    return Array(
      llama.logits(embeddings, at: rowPositions) { block, scores in
        let choices = choose(block, scores)
        return { row, head in
          if let own = promptRows.first(where: { $0.contains(row) }) { return Array(own.lowerBound...row) }
          let seen = choices(row, head).map { Array(promptRows[$0]) } ?? promptRows.flatMap { Array($0) }
          return seen + Array(inputRows.lowerBound...row)
        }
      }[inputRows])
  }

  /// What is compared, of each prompt, head and input token.
  private func prompted(_ scores: PlainLlama.Scores) -> PlainLlama.Scores {
    promptRows.map { own in
      heads.map { head in
        inputRows.map { row in
          let logits = scores[row][head]
          func mass(_ rows: some Sequence<Int>) -> Double { rows.reduce(0) { $0 + exp(logits[$1]) } }
          let before = mass(inputRows.lowerBound...row)
          let all = mass(promptRows.joined())
          return switch selection.score {
          case .logitMean: own.reduce(0) { $0 + logits[$1] } / Double(own.count)
          case .weightMean: mass(own) / (selection.support == .input ? all + before : all) / Double(own.count)
          case .weightMass: mass(own) / (selection.support == .input ? all + before : all)
          case .separateMean: mass(own) / (mass(own) + before) / Double(own.count)
          case .separateMass: mass(own) / (mass(own) + before)
          }
        }
      }
    }
  }

  private func choices(_ scores: PlainLlama.Scores, _ lead: inout Double) -> Choices {
    let groups: [[Int]] =
      switch selection.queries {
      case .all: [Array(input.indices)]
      case .last: [[input.count - 1]]
      case .context: [Array(0..<contextLength)]
      case .each: input.indices.map { [$0] }
      }
    let chosen = groups.map { tokens -> [Int] in
      let means = scores.map { $0.map { head in tokens.reduce(0) { $0 + head[$1] } / Double(tokens.count) } }
      func best(_ values: [Double]) -> Int {
        let order = values.indices.sorted { values[$0] > values[$1] || values[$0] == values[$1] && $0 < $1 }
        lead = min(lead, values[order[0]] - values[order[1]])
        return order[0]
      }
      switch selection.heads {
      case .mean: return heads.map { _ in best(means.map { $0.reduce(0, +) / Double(heads.count) }) }
      case .each: return heads.map { head in best(means.map { $0[head] }) }
      case .majority:
        let votes = heads.map { head in best(means.map { $0[head] }) }
        let counts = prompts.indices.map { prompt in votes.count { $0 == prompt } }
        // A draw of votes is no matter of rounding.
        let winner = counts.firstIndex(of: counts.max() ?? 0) ?? 0
        return heads.map { _ in winner }
      }
    }
    return { row, head in chosen[selection.queries == .each ? row - inputRows.lowerBound : 0][head] }
  }
}

extension PromptSelection {
  /// All readings that a model of two blocks allows.
  static let readings: [PromptSelection] = {
    let layers: [Layers] =
      [.each, .first, .last, .mean]
      + [0, 1].flatMap { block in Before.allCases.map { Layers.block(block, before: $0) } }
    var all: [PromptSelection] = []
    for score in Score.allCases {
      for layers in layers {
        for heads in Heads.allCases {
          for queries in Queries.allCases {
            for support in Support.allCases {
              all.append(
                PromptSelection(score: score, layers: layers, heads: heads, queries: queries, support: support))
            }
          }
        }
      }
    }
    return all.filter { selection in
      do throws(Conflict) {
        try selection.check(blockCount: 2)
        return true
      } catch {
        return false
      }
    }
  }()
}
