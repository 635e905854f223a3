import Models
import Tensors
import TestModels
import Testing

/// What a model says to an input behind prompts.
private struct Answer: Equatable {
  var logits: Matrix
  /// Of each block, how many choices each prompt won; empty where there was nothing to choose.
  var wins: [[Int]]

  /// Of each block, where it made one choice.
  var choices: [Int]? { PromptWins(counts: wins).winners }
}

@Suite struct PromptBankTests {
  private let model: Llama
  private let input = [7, 3, 21, 14, 7]

  init() throws { model = try TinyLlama().model() }

  private func answers(
    _ bank: PromptBank, to inputs: [[Int]], contextLength: Int? = nil, isSharing: Bool = true
  ) -> [Answer] {
    let forest = TokenForest.planting(inputs, isSharing: isSharing).forest
    let run = model.run(
      forest, prompts: bank, contextLengths: contextLength.map { length in inputs.map { _ in length } })
    return run.sequences.enumerated().map { number, nodes in
      Answer(
        logits: model.logits(model.normalized(run.hidden.gatheringRows(nodes.map(\.row)))),
        wins: run.routes.isEmpty ? [] : run.routes[number].wins.counts)
    }
  }

  private func answer(_ bank: PromptBank, contextLength: Int? = nil) -> Answer {
    answers(bank, to: [input], contextLength: contextLength)[0]
  }

  private func answer(
    _ prompts: [Matrix], _ selection: PromptSelection = PromptSelection(), _ positions: PromptPositions? = nil
  ) -> Answer {
    answer(PromptBank(prompts, of: model, selection: selection, positions: positions))
  }

  private func prompt(_ count: Int, seed: UInt64) -> Matrix { randomMatrix(count, TinyLlama.width, seed: seed) }

  // As in LlamaTests.
  private let tolerance: Float = 2e-5

  // MARK: Readings

  @Test func `choices and logits are those of a plain computation, in every reading`() {
    let tiny = TinyLlama()
    var readings = 0
    for (number, selection) in PromptSelection.readings.enumerated() {
      let prompts = [2, 4, 3].enumerated().map { prompt($1, seed: UInt64(10 * number + $0)) }
      let positions = PromptPositions.allCases[number % 3]
      let plain = PlainPrompting(
        llama: PlainLlama(weights: tiny), prompts: prompts, input: input, contextLength: 3, selection: selection,
        positions: positions
      ).answer
      // Closer ones are a matter of rounding: scores are up to a few units, weights up to 1.
      guard plain.lead > 1e-5 else { continue }
      readings += 1
      let found = answer(
        PromptBank(prompts, of: model, selection: selection, positions: positions), contextLength: 3)
      #expect(found.wins == plain.wins, "\(selection)")
      let logits = Matrix(
        rows: input.count, columns: TinyLlama.vocabularySize, plain.logits.flatMap { $0.map(Float.init) })
      #expect(found.logits.largestDifference(from: logits) < tolerance, "\(selection)")
    }
    // Five scores, of which two can do without the input; three ways of heads; of ten ways of layers all go with three
    // of queries, and those of one pass with the fourth. Few leads are too short.
    #expect(PromptSelection.readings.count == (5 + 2) * 3 * (10 * 3 + 6))
    #expect(readings > PromptSelection.readings.count * 9 / 10)
  }

  @Test func `an input has the bits that it has alone, whatever it shares, in every reading`() {
    let inputs = [[7, 3], [7, 3, 21], [7, 3, 21, 14, 7], [7, 3, 21, 14, 8], [7, 3, 22, 1], [9, 9]]
    var parted = 0
    for (number, selection) in PromptSelection.readings.enumerated() {
      let prompts = [2, 4, 3].enumerated().map { prompt($1, seed: UInt64(10 * number + $0)) }
      let bank = PromptBank(prompts, of: model, selection: selection)
      let together = answers(bank, to: inputs, contextLength: 2)
      let alone = inputs.map { answers(bank, to: [$0], contextLength: 2)[0] }
      #expect(together == alone, "\(selection)")
      if Set(together.prefix(5).map(\.wins)).count > 1 { parted += 1 }
    }
    // Or nothing has been tested: where tokens choose for themselves, sequences do not part.
    #expect(parted > 400)
  }

  @Test func `one prompt is that prompt in every reading`() {
    let single = prompt(4, seed: 1)
    let expected = answer([single])
    #expect(expected.wins.isEmpty)
    for selection in PromptSelection.readings { #expect(answer([single], selection) == expected) }
  }

  @Test func `of equal prompts the first wins, and is that prompt`() {
    let single = prompt(4, seed: 1)
    let expected = answer([single])
    for selection in PromptSelection.readings {
      let pair = answer([single, single], selection)
      #expect(pair.wins.allSatisfy { $0[1] == 0 }, "\(selection)")
      // Where both are seen at once it is another question.
      if case .block(1, before: .allPrompts) = selection.layers { continue }
      #expect(pair.logits == expected.logits, "\(selection)")
    }
  }

  @Test(arguments: [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func `permuting prompts permutes the choice and changes nothing else`(order: [Int]) {
    var chosen: Set<Int> = []
    for (number, selection) in PromptSelection.readings.enumerated() {
      switch selection.layers {
      case .each, .first, .block(0, _): break
      // Sums over all prompts are rounded in their order; and the first prompt is another one.
      case .last, .mean, .block: continue
      }
      // Votes are soon even.
      if selection.heads == .majority { continue }
      // Of different lengths.
      let prompts = (0..<3).map { prompt(2 + $0, seed: UInt64(10 * number + $0)) }
      for positions in [PromptPositions.leftAligned, .rightAligned] {
        let straight = answer(prompts, selection, positions)
        let permuted = answer(order.map { prompts[$0] }, selection, positions)
        #expect(permuted.wins == straight.wins.map { wins in order.map { wins[$0] } }, "\(selection)")
        #expect(permuted.logits == straight.logits, "\(selection)")
        chosen.formUnion(straight.choices ?? [])
      }
    }
    #expect(chosen.count == 3)
  }

  @Test func `a prompt that is not chosen has no effect on a single bit`() throws {
    var cases = 0
    for (number, selection) in PromptSelection.readings.enumerated() {
      if case .block(1, before: .allPrompts) = selection.layers { continue }
      let prompts = (0..<3).map { prompt(3, seed: UInt64(10 * number + $0)) }
      let before = answer(prompts, selection)
      guard let unchosen = (1..<3).first(where: { prompt in before.wins.allSatisfy { $0[prompt] == 0 } }) else {
        continue
      }
      var perturbed = prompts
      perturbed[unchosen].withMutableElements { for place in $0.indices { $0[place] *= 1.0001 } }
      let after = answer(perturbed, selection)
      guard after.wins == before.wins else { continue }
      cases += 1
      #expect(after == before, "\(selection)")
    }
    #expect(cases > 300)
  }

  // MARK: Positions

  @Test func `a shorter prompt that every block chooses is that prompt alone`() {
    var cases = 0
    for seed in 0..<20 as Range<UInt64> {
      let short = prompt(2, seed: 100 + seed)
      let both = answer([prompt(5, seed: 200 + seed), short])
      guard both.choices == [1, 1] else { continue }
      cases += 1
      // Alone it stands three positions earlier, as does the input: the angles' rounding differs.
      #expect(both.logits.largestDifference(from: answer([short]).logits) < tolerance)
      // Farther from the input than in its training it is another prompt.
      #expect(answer([prompt(5, seed: 200 + seed), short], .init(), .leftAligned).logits != both.logits)
    }
    #expect(cases > 0)
  }

  @Test func `a prompt of token embeddings is those tokens in front of the input`() {
    let tokens = [30, 2, 9, 17]
    let whole = model.logits(of: tokens + input)
    #expect(answer([model.embedded(tokens)]).logits.largestDifference(from: whole.rows(4..<9)) < tolerance)
  }

  @Test func `prompts do not see one another, wherever they stand`() {
    let prompts = [prompt(2, seed: 3), prompt(5, seed: 4)]
    func keys(_ bank: PromptBank, _ prompt: Int) -> Matrix { bank.prompts[prompt].blocks[1].keys }
    let alone = prompts.map { PromptBank([$0], of: model) }
    let right = PromptBank(prompts, of: model, positions: .rightAligned)
    #expect(right.prompts.map(\.counts) == [[2, 2], [5, 5]])
    #expect(right.inputPosition == 5)
    #expect(keys(right, 1) == keys(alone[1], 0))
    // The values do not depend on positions but for rounding, the keys do.
    #expect(
      right.prompts[0].blocks[1].values.largestDifference(from: alone[0].prompts[0].blocks[1].values) < tolerance)
    #expect(keys(right, 0).largestDifference(from: keys(alone[0], 0)) > 0.1)

    let left = PromptBank(prompts, of: model, positions: .leftAligned)
    #expect(left.inputPosition == 5)
    #expect(keys(left, 0) == keys(alone[0], 0) && keys(left, 1) == keys(alone[1], 0))

    let contiguous = PromptBank(prompts, of: model, positions: .contiguous)
    #expect(contiguous.inputPosition == 7)
    #expect(keys(contiguous, 0) == keys(alone[0], 0))
    #expect(keys(contiguous, 1).largestDifference(from: keys(alone[1], 0)) > 0.1)
  }

  @Test func `prompts are right-aligned where positions are angles, and left-aligned where they are rows`() throws {
    #expect(PromptBank([prompt(2, seed: 3)], of: model).positions == .rightAligned)
    let opt = try OPT.random()
    let (short, long) = (randomMatrix(2, 16, seed: 3), randomMatrix(5, 16, seed: 4))
    let bank = PromptBank([short, long], of: opt)
    #expect(bank.positions == .leftAligned)
    #expect(bank.inputPosition == 5)
    #expect(bank.prompts[0].blocks[1].keys == PromptBank([short], of: opt).prompts[0].blocks[1].keys)
  }

  // MARK: Runs behind one another

  @Test func `the input's first run chooses, and later ones keep it, but where tokens choose`() throws {
    for (number, selection) in PromptSelection.readings.enumerated() {
      guard selection.queries == .context || selection.queries == .each else { continue }
      let prompts = [2, 4, 3].enumerated().map { prompt($1, seed: UInt64(10 * number + $0)) }
      let bank = PromptBank(prompts, of: model, selection: selection)
      var caches = [model.cache(capacity: 5)]
      var routes: [PromptRoute]?
      var rows: [Matrix] = []
      for part in [0..<3, 3..<4, 4..<5] {
        let forest = TokenForest.planting([Array(input[part])], depths: [part.lowerBound]).forest
        var run = model.run(forest, prompts: bank, caches: caches, routes: routes)
        rows.append(run.hidden.gatheringRows(run.sequences[0].map(\.row)))
        routes = run.routes
        let taken = run.takeCaches()
        caches = try #require(taken)
        #expect(caches[0].counts == [part.upperBound, part.upperBound])
      }
      // The choice of the first three tokens.
      let whole = answers(bank, to: [input], contextLength: 3)[0]
      let logits = rows[1...].reduce(rows[0]) { $0.stacked(on: $1) }
      #expect(model.logits(model.normalized(logits)) == whole.logits, "\(selection)")
      #expect(routes?[0].wins.counts == whole.wins, "\(selection)")
    }
  }

  // MARK: Conflicts

  @Test func `readings that cannot go together are refused`() {
    #expect(throws: PromptSelection.Conflict.supportWithoutJointWeights) {
      try PromptSelection(support: .prompts).check()
    }
    #expect(throws: PromptSelection.Conflict.supportWithoutJointWeights) {
      try PromptSelection(score: .separateMass, support: .prompts).check()
    }
    for layers in [PromptSelection.Layers.last, .mean, .block(1, before: .secondPass)] {
      #expect(throws: PromptSelection.Conflict.tokensInSecondPass) {
        try PromptSelection(layers: layers, queries: .each).check()
      }
    }
    for block in [-1, 2] {
      #expect(throws: PromptSelection.Conflict.noSuchBlock(block, blockCount: 2)) {
        try PromptSelection(layers: .block(block, before: .allPrompts)).check(blockCount: 2)
      }
    }
  }
}
