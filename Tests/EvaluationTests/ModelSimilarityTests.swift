import Evaluation
import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct ModelSimilarityTests {
  private let texts = [[3, 1, 4, 1, 5, 9, 2], [6, 5, 3], [5, 8]]
  private let workers = Workers(threadCount: 2)

  private func prompt(_ rowCount: Int, seed: UInt64 = 8) -> Matrix { randomMatrix(rowCount, 16, seed: seed) }

  // MARK: Cosines

  @Test func `a cosine is that of the vectors, 24/25 for (3, 4) and (4, 3)`() {
    var sums = CosineSums()
    sums.add(3, 4)
    sums.add(4, 3)
    #expect(sums.cosine == 24.0 / 25)
  }

  @Test func `a vector and itself have a cosine of exactly 1, whatever it is`() {
    var stream = RandomStream(seed: 5, purpose: "cosines")
    for length in 1..<200 {
      var sums = CosineSums()
      for _ in 0..<length {
        let value = stream.nextNormal() * 1e-9
        sums.add(value, value)
      }
      #expect(sums.cosine == 1)
    }
  }

  @Test func `nothing is like nothing, and unlike all else`() {
    var sums = CosineSums()
    sums.add(0, 0)
    #expect(sums.cosine == 1)
    sums.add(0, 2)
    #expect(sums.cosine == 0)
  }

  // MARK: Models

  private func isOne(_ found: ModelSimilarity) -> Bool {
    [found.attentionByRow, found.attentionFlattened, found.activationsByRow, found.activationsFlattened]
      .allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 == 1 } }
  }

  @Test func `a model is exactly like itself`() throws {
    let (llama, opt) = (try Llama.random(), try OPT.random())
    #expect(isOne(try ModelSimilarity(of: llama, to: llama, texts: texts, workers: workers)))
    #expect(isOne(try ModelSimilarity(of: opt, to: opt, texts: texts, workers: workers)))
  }

  /// Each head's probabilities and each block's hidden states by a pass that knows no forest; of a prompt in front its rows
  /// and columns are dropped, of a cache its columns.
  private func plain(
    _ model: some LanguageModel, _ text: [Int], behind prompt: Matrix? = nil, cache: KeyValueCache? = nil
  ) -> (attention: [[Matrix]], hidden: [Matrix]) {
    var attention = [[Matrix]](repeating: [], count: model.shape.blockCount)
    var hidden: [Matrix] = []
    let first = prompt?.rowCount ?? 0
    let past = cache?.blocks[0].count ?? 0
    var pass = ForwardPass(firstPosition: past, cache: cache) { observation in
      guard case .attention(let block, _, let seen) = observation else { return }
      attention[block].append(seen.rows(first..<first + text.count).columns(first + past..<first + past + text.count))
    }
    let embedded = model.embedded(text)
    _ = model.runBlocks(prompt?.stacked(on: embedded) ?? embedded, &pass) {
      hidden.append($0.rows(first..<first + text.count))
    }
    return (attention, Array(hidden.dropFirst()))
  }

  private func cosine(_ left: [Float], _ right: [Float]) -> Double {
    var (product, leftSquare, rightSquare) = (0.0, 0.0, 0.0)
    for (a, b) in zip(left, right) {
      product += Double(a) * Double(b)
      leftSquare += Double(a) * Double(a)
      rightSquare += Double(b) * Double(b)
    }
    return product / sqrt(leftSquare) / sqrt(rightSquare)
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The four curves from what plain passes left, of one text after the other.
  private func plainCurves(
    _ originals: [(attention: [[Matrix]], hidden: [Matrix])], _ changed: [(attention: [[Matrix]], hidden: [Matrix])]
  ) -> [[Double]] {
    let blocks = originals[0].hidden.indices
    let pairs = Array(zip(originals, changed))
    func rows(_ matrix: Matrix) -> [[Float]] { (0..<matrix.rowCount).map(matrix.row) }
    return [
      blocks.map { block in
        mean(
          pairs.map { left, right in
            mean(zip(left.attention[block], right.attention[block]).flatMap { zip(rows($0), rows($1)).map(cosine) })
          })
      },
      blocks.map { block in
        mean(
          pairs.map { left, right in
            cosine(
              left.attention[block].flatMap { rows($0).joined() }, right.attention[block].flatMap { rows($0).joined() })
          })
      },
      blocks.map { block in
        mean(pairs.map { left, right in mean(zip(rows(left.hidden[block]), rows(right.hidden[block])).map(cosine)) })
      },
      blocks.map { block in
        mean(
          pairs.map { left, right in
            cosine(Array(rows(left.hidden[block]).joined()), Array(rows(right.hidden[block]).joined()))
          })
      },
    ]
  }

  private func expect(_ found: ModelSimilarity, is curves: [[Double]]) {
    let own = [found.attentionByRow, found.attentionFlattened, found.activationsByRow, found.activationsFlattened]
    for (found, expected) in zip(own, curves) {
      #expect(found.count == expected.count)
      // Both sum in double precision what single precision computed in other orders: some 1e-6.
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5) }
    }
  }

  @Test func `two models are as alike as plain passes through them say`() throws {
    let (original, changed) = (try Llama.random(), try Llama.random(seed: 2))
    let found = try ModelSimilarity(of: changed, to: original, texts: texts, workers: workers)
    expect(found, is: plainCurves(texts.map { plain(original, $0) }, texts.map { plain(changed, $0) }))
    #expect(found.attentionByRow.allSatisfy { $0 < 0.999 })
  }

  @Test func `behind a prompt only the text's own rows and columns count`() throws {
    let model = try Llama.random()
    let prompt = prompt(4)
    let found = try ModelSimilarity(
      of: model, prompts: PromptBank([prompt], of: model), to: model, texts: texts, workers: workers)
    let changed = texts.map { plain(model, $0, behind: prompt) }
    expect(found, is: plainCurves(texts.map { plain(model, $0) }, changed))
    // What goes to the prompt is missing in the rows, and a cosine of all of them tells.
    #expect(zip(found.attentionByRow, found.attentionFlattened).contains { abs($0 - $1) > 1e-3 })
  }

  @Test func `behind a prefix of OPT too, which has no rows at all`() throws {
    let model = try OPT.random()
    var pass = ForwardPass(cache: model.cache(capacity: 3))
    _ = model.runBlocks(model.embedded([7, 2, 8]), &pass)
    let prefix = try #require(pass.cache)
    var cache = prefix
    cache.reserve(capacity: 20)
    let found = try ModelSimilarity(
      of: model, prompts: PromptBank(prefixes: [prefix]), to: model, texts: texts, workers: workers)
    expect(found, is: plainCurves(texts.map { plain(model, $0) }, texts.map { plain(model, $0, cache: cache) }))
  }

  @Test(arguments: [
    PromptSelection(), PromptSelection(heads: .each), PromptSelection(queries: .each), PromptSelection(layers: .last),
    PromptSelection(layers: .first, queries: .last),
  ])
  func `two prompts that are the same are one, however one is chosen`(selection: PromptSelection) throws {
    let model = try Llama.random()
    let one = try ModelSimilarity(
      of: model, prompts: PromptBank([prompt(4)], of: model), to: model, texts: texts, workers: workers)
    let two = try ModelSimilarity(
      of: model, prompts: PromptBank([prompt(4), prompt(4)], of: model, selection: selection), to: model, texts: texts,
      workers: workers)
    #expect(one == two)
  }

  @Test func `a dynamic choice is as alike as the prompt that it chose for each text`() throws {
    let model = try Llama.random()
    let bank = PromptBank([prompt(4), prompt(4, seed: 9)], of: model, selection: PromptSelection(layers: .first))
    for text in texts {
      let run = model.run(TokenForest.planting([text], isSharing: false).forest, prompts: bank)
      let chosen = try #require(run.routes[0].wins.winners)[0]
      let found = try ModelSimilarity(of: model, prompts: bank, to: model, texts: [text], workers: workers)
      let alone = PromptBank([prompt(4, seed: chosen == 0 ? 8 : 9)], of: model)
      #expect(found == (try ModelSimilarity(of: model, prompts: alone, to: model, texts: [text], workers: workers)))
    }
  }

  @Test func `similarities have the same bits on any number of threads`() throws {
    let (original, changed) = (try Llama.random(), try Llama.random(seed: 2))
    let bank = PromptBank([prompt(4), prompt(6)], of: changed)
    let found = try [1, 2, 3].map {
      try ModelSimilarity(
        of: changed, prompts: bank, to: original, texts: texts, workers: Workers(threadCount: $0))
    }
    #expect(found[0] == found[1] && found[0] == found[2])
  }

  @Test func `models of different shapes are not compared, nor texts that do not fit`() throws {
    let (llama, opt) = (try Llama.random(), try OPT.random())
    let wide = try RandomCheckpoint.llama(widthFactor: 2).load(Llama.self)
    #expect(throws: ModelSimilarity.Mismatch.otherShape(llama.shape, wide.shape)) {
      try ModelSimilarity(of: wide, to: llama, texts: texts, workers: workers)
    }
    let positions = opt.shape.maximumPositions
    #expect(throws: PositionError(needed: positions + 1, available: positions)) {
      try ModelSimilarity(of: opt, to: opt, texts: [[Int](repeating: 1, count: positions + 1)], workers: workers)
    }
  }
}
