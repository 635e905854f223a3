import Models
import Tensors
import TestModels
import Testing

/// What a model says to an input behind prompts.
private struct Answer: Equatable {
  var logits: Matrix
  /// Of each block.
  var choices: [Int]
}

@Suite struct PromptBankTests {
  private let model: Llama
  private let input = [7, 3, 21, 14, 7]

  init() throws { model = try TinyLlama().model() }

  private func answer(_ bank: PromptBank, observer: ((ForwardPass.Observation) -> Void)? = nil) -> Answer {
    var choices: [Int] = []
    var pass = ForwardPass(
      firstPosition: bank.inputPosition, cache: model.cache(capacity: bank.longest + input.count), prompts: bank,
      observer: { observation in
        if case .choice(let block, let prompt, _) = observation {
          #expect(block == choices.count)
          choices.append(prompt)
        }
        observer?(observation)
      })
    let logits = model.logits(model.normalized(model.runBlocks(model.embedded(input), &pass)))
    return Answer(logits: logits, choices: choices)
  }

  private func answer(_ prompts: [Matrix]) -> Answer { answer(PromptBank(prompts, of: model)) }

  private func prompt(_ count: Int, seed: UInt64) -> Matrix { randomMatrix(count, TinyLlama.width, seed: seed) }

  // As in LlamaTests.
  private let tolerance: Float = 2e-5

  @Test func `a prompt of token embeddings is those tokens in front of the input`() {
    let tokens = [30, 2, 9, 17]
    let found = answer([model.embedded(tokens)])
    let whole = model.logits(of: tokens + input)
    #expect(found.logits.largestDifference(from: whole.rows(4..<9)) < tolerance)
    #expect(found.choices == [0, 0])
  }

  @Test func `of two equal prompts the first is chosen, and the other has no effect`() {
    let single = prompt(4, seed: 1)
    let pair = answer([single, single])
    #expect(pair.choices == [0, 0])
    #expect(pair.logits == answer([single]).logits)
  }

  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func `permuting prompts permutes the choice and changes nothing else`(order: [Int]) {
    var chosen: Set<Int> = []
    for seed in 0..<5 as Range<UInt64> {
      // Of different lengths.
      let prompts = (0..<3).map { prompt(2 + $0, seed: 10 * seed + UInt64($0)) }
      let straight = answer(prompts)
      let permuted = answer(order.map { prompts[$0] })
      #expect(permuted.choices.map { order[$0] } == straight.choices)
      #expect(permuted.logits == straight.logits)
      chosen.formUnion(straight.choices)
    }
    #expect(chosen.count > 1)  // or nothing has been tested
  }

  @Test func `a prompt that no block chooses has no effect on a single bit`() throws {
    for seed in 0..<5 as Range<UInt64> {
      let prompts = (0..<3).map { prompt(3, seed: 10 * seed + UInt64($0)) }
      let before = answer(prompts)
      // Two blocks leave one of three prompts out.
      let unchosen = try #require((0..<3).first { !before.choices.contains($0) })
      var perturbed = prompts
      perturbed[unchosen].withMutableElements { for place in $0.indices { $0[place] *= 1.001 } }
      #expect(answer(perturbed) == before)
    }
  }

  @Test func `a shorter prompt that every block chooses is that prompt alone`() {
    var cases = 0
    for seed in 0..<20 as Range<UInt64> {
      let short = prompt(2, seed: 100 + seed)
      let both = answer([prompt(5, seed: 200 + seed), short])
      guard both.choices == [1, 1] else { continue }
      cases += 1
      // Alone it stands three positions earlier, as does the input: the angles' rounding differs.
      #expect(both.logits.largestDifference(from: answer([short]).logits) < tolerance)
    }
    #expect(cases > 0)
  }

  @Test func `each block chooses the prompt of the largest mean score`() throws {
    for seed in 0..<5 as Range<UInt64> {
      let bank = PromptBank((0..<4).map { prompt(2 + $0 % 3, seed: 300 + 10 * seed + UInt64($0)) }, of: model)
      var inputs: [Matrix] = []
      let found = answer(bank) { observation in
        if case .linearInput(let paths, let x) = observation, paths.contains("self_attn.q_proj") { inputs.append(x) }
      }
      for block in 0..<2 {
        var queries = model[LinearName(block: block, path: "self_attn.q_proj")](inputs[block])
        model.angles(at: bank.inputPosition..<bank.inputPosition + input.count)?.rotate(&queries)
        let scores = bank.prompts.map { meanScore(queries, $0.blocks[block].keys) }
        let best = try #require(scores.max())
        #expect(found.choices[block] == scores.firstIndex(of: best), "\(scores)")
      }
    }
  }

  /// The mean over heads, queries (T, H · D) and keys (n, G · D) of q · k, in a plain loop.
  private func meanScore(_ queries: Matrix, _ keys: Matrix) -> Double {
    var sum = 0.0
    for query in 0..<queries.rowCount {
      for key in 0..<keys.rowCount {
        for channel in 0..<TinyLlama.width {
          // Heads of four channels; two query heads share a key head.
          let shared = channel / 8 * 4 + channel % 4
          sum += Double(queries[query, channel]) * Double(keys[key, shared])
        }
      }
    }
    return sum / Double(queries.rowCount * keys.rowCount)
  }

  @Test func `the input's first run makes the choice, and later ones keep it`() {
    let bank = PromptBank([prompt(2, seed: 1), prompt(2, seed: 2)], of: model)
    var choiceCount = 0
    var pass = ForwardPass(
      firstPosition: bank.inputPosition, cache: model.cache(capacity: 8), prompts: bank,
      observer: { if case .choice = $0 { choiceCount += 1 } })
    _ = model.runBlocks(model.embedded([1, 2]), &pass)
    #expect(choiceCount == 2)
    #expect(pass.cache?.counts == [4, 4])
    pass.continue(at: bank.inputPosition + 2)
    _ = model.runBlocks(model.embedded([3]), &pass)
    #expect(choiceCount == 2)
    #expect(pass.cache?.counts == [5, 5])
  }

  @Test func `prompts are right-aligned, and do not see one another`() {
    let (short, long) = (prompt(2, seed: 3), prompt(5, seed: 4))
    let bank = PromptBank([short, long], of: model)
    #expect(bank.inputPosition == 5)
    #expect(bank.prompts.map(\.counts) == [[2, 2], [5, 5]])
    // The long one begins at position 0, alone or not.
    #expect(bank.prompts[1].blocks[1].keys == PromptBank([long], of: model).prompts[0].blocks[1].keys)
    // The short one's values do not depend on positions but for rounding, its keys do.
    let alone = PromptBank([short], of: model)
    #expect(bank.prompts[0].blocks[1].values.largestDifference(from: alone.prompts[0].blocks[1].values) < tolerance)
    #expect(bank.prompts[0].blocks[1].keys.largestDifference(from: alone.prompts[0].blocks[1].keys) > 0.1)
  }
}
