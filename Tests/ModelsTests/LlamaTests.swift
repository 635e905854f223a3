import Models
import Tensors
import Testing

@Suite struct LlamaTests {
  private let tokens = [3, 1, 4, 1, 5, 9, 2, 6, 31, 0]

  // Logits of size up to ten from some thirty roundings of 6e-8 in a row: about 1e-5 at worst.
  private let tolerance: Float = 2e-5

  @Test(arguments: [1, 2, 4], [false, true])
  func `logits are those of a plain computation in double precision`(keyValueHeadCount: Int, tiesHead: Bool) throws {
    let tiny = TinyLlama(keyValueHeadCount: keyValueHeadCount, tiesHead: tiesHead)
    let found = try tiny.model().logits(of: tokens)
    let expected = PlainLlama(weights: tiny).logits(tokens)
    #expect(found.rowCount == tokens.count && found.columnCount == TinyLlama.vocabularySize)
    let plain = Matrix(rows: found.rowCount, columns: found.columnCount, expected.flatMap { $0.map(Float.init) })
    #expect(found.largestDifference(from: plain) < tolerance)
  }

  @Test(arguments: [1, 4, 10]) func `a cache filled bit by bit gives the logits of one pass`(prefillCount: Int) throws {
    let model = try TinyLlama().model()
    let whole = model.logits(of: tokens)
    var pass = ForwardPass(cache: model.cache(capacity: tokens.count))
    var found = model.logits(
      model.normalized(model.runBlocks(model.embedded(Array(tokens[..<prefillCount])), &pass)))
    for position in prefillCount..<tokens.count {
      pass.continue(at: position)
      let hidden = model.runBlocks(model.embedded([tokens[position]]), &pass)
      found = found.stacked(on: model.logits(model.normalized(hidden)))
    }
    #expect(found.largestDifference(from: whole) < tolerance)
    #expect(pass.cache?.counts == [tokens.count, tokens.count])
  }

  @Test func `a truncated cache forgets`() throws {
    let model = try TinyLlama().model()
    var pass = ForwardPass(cache: model.cache(capacity: tokens.count))
    _ = model.runBlocks(model.embedded(Array(tokens[..<4])), &pass)
    let counts = try #require(pass.cache?.counts)
    pass.continue(at: 4)
    let first = model.runBlocks(model.embedded([7, 8, 9]), &pass)
    pass.cache?.truncate(to: counts)
    _ = model.runBlocks(model.embedded([20, 21, 22]), &pass)
    pass.cache?.truncate(to: counts)
    #expect(model.runBlocks(model.embedded([7, 8, 9]), &pass) == first)
  }

  @Test func `a tied head is the embedding`() throws {
    var separate = TinyLlama(tiesHead: false)
    separate.set("lm_head.weight", separate["model.embed_tokens.weight"])
    var tied = TinyLlama(tiesHead: true)
    for name in tied.tensors.keys { tied.tensors[name] = separate.tensors[name] }
    #expect(try tied.model().logits(of: tokens) == separate.model().logits(of: tokens))
    #expect(try tied.model().separateHead == nil)
  }

  @Test func `shared key-value heads serve neighbouring query heads`() throws {
    let grouped = TinyLlama(keyValueHeadCount: 2)
    var repeated = TinyLlama(keyValueHeadCount: 4)
    for (name, tensor) in grouped.tensors {
      guard name.contains("k_proj") || name.contains("v_proj") else {
        repeated.tensors[name] = tensor
        continue
      }
      // Query heads 0 and 1 share the first, 2 and 3 the second.
      repeated.set(name, grouped[name].gatheringRows([0, 0, 1, 1].flatMap { $0 * 4..<($0 + 1) * 4 }))
    }
    let difference = try grouped.model().logits(of: tokens).largestDifference(from: repeated.model().logits(of: tokens))
    #expect(difference < tolerance)
  }

  @Test func `no token sees a later one`() throws {
    let model = try TinyLlama().model()
    var changed = tokens
    changed[7] = 30
    let (before, after) = (model.logits(of: tokens), model.logits(of: changed))
    // Weights of zero change no sum.
    #expect(before.rows(0..<7) == after.rows(0..<7))
    for row in 7..<10 { #expect(before.rows(row..<row + 1) != after.rows(row..<row + 1)) }
  }

  @Test func `only distances between positions matter`() throws {
    let model = try TinyLlama().model()
    func logits(at position: Int) -> Matrix {
      var pass = ForwardPass(firstPosition: position)
      return model.logits(model.normalized(model.runBlocks(model.embedded(tokens), &pass)))
    }
    // Angles of up to 60 are rounded to 2e-6 each; the scores' error is a few times that.
    #expect(logits(at: 0).largestDifference(from: logits(at: 50)) < 1e-4)
  }

  @Test func `observers see attention that sums to one, and the inputs of the linear layers in order`() throws {
    let model = try TinyLlama().model()
    var paths: [String] = []
    var heads: [[Int]] = []
    var pass = ForwardPass(observer: { observation in
      switch observation {
      case .linearInput(let names, let x):
        paths += names
        #expect(x.rowCount == 10 && x.columnCount == (names == ["mlp.down_proj"] ? 24 : 16))
      case .attention(let block, let head, let probabilities):
        heads.append([block, head])
        for row in 0..<10 {
          #expect(abs(probabilities.row(row).reduce(0, +) - 1) < 1e-6)
          #expect(probabilities.row(row)[(row + 1)...].allSatisfy { $0 == 0 })
        }
      }
    })
    _ = model.runBlocks(model.embedded(tokens), &pass)
    #expect(paths == Llama.linearPaths + Llama.linearPaths)
    #expect(heads == [0, 1].flatMap { block in (0..<4).map { [block, $0] } })
  }

  @Test func `what an observer sees and whether one looks changes nothing`() throws {
    let model = try TinyLlama().model()
    var observed = ForwardPass(observer: { _ in })
    var cached = ForwardPass(cache: model.cache(capacity: 12), observer: { _ in })
    let hidden = model.runBlocks(model.embedded(tokens), &observed)
    var visited: [Matrix] = []
    var plain = ForwardPass()
    #expect(model.runBlocks(model.embedded(tokens), &plain) { visited.append($0) } == hidden)
    #expect(model.runBlocks(model.embedded(tokens), &cached) == hidden)
    #expect(visited.count == 3 && visited[0] == model.embedded(tokens) && visited[2] == hidden)
  }

  @Test func `linear layers are reached by name, and writing to a copy leaves the model alone`() throws {
    let tiny = TinyLlama()
    let model = try tiny.model()
    #expect(model.linearNames.count == 14)
    for name in model.linearNames { #expect(model[name].weight.matrix == tiny[model.weightName(of: name)]) }
    let before = model.logits(of: tokens)
    var changed = model
    for name in model.linearNames {
      changed[name].weight = Weight(
        Matrix(rows: changed[name].weight.rowCount, columns: changed[name].weight.columnCount))
    }
    #expect(model.logits(of: tokens) == before)
    // Without linear layers a block passes its input on.
    var pass = ForwardPass()
    #expect(changed.runBlocks(changed.embedded(tokens), &pass) == changed.embedded(tokens))
  }
}
