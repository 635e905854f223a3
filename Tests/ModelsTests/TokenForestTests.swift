import Models
import Tensors
import TestModels
import Testing

@Suite struct TokenForestTests {
  /// In order, with common beginnings, one within another, and one twice.
  private let sequences = [
    [1], [1, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], [1, 2, 3, 4, 5, 9], [1, 2, 3, 4, 5, 9], [1, 7],
    [2, 2, 2, 2], [30] + Array(3..<30),
  ]

  @Test func `what sequences begin with stands there once`() {
    let (forest, nodes) = TokenForest.planting(sequences)
    #expect(forest.nodeCount == 14 + 1 + 1 + 4 + 28)
    #expect(forest.treeCount == 3)
    #expect(forest.rowCount % 12 == 0)
    #expect(nodes.map(\.count) == sequences.map(\.count))
    #expect(nodes[3] == nodes[4])
    #expect(nodes[1] == Array(nodes[2].prefix(3)))
    #expect(Set(nodes.flatMap(\.self)).count == forest.nodeCount)

    let alone = TokenForest.planting(sequences, isSharing: false)
    #expect(alone.forest.nodeCount == sequences.reduce(0) { $0 + $1.count })
    #expect(alone.forest.treeCount == 8)
  }

  @Test func `hidden states are those of the sequences alone, to the bit whatever is shared`() throws {
    try check(try Llama.random())
    try check(try OPT.random())
    try check(try OPT.random(isProjected: true))
  }

  private func check(_ model: some LanguageModel) throws {
    func rows(_ hidden: Matrix, _ nodes: [TokenForest.Node]) -> Matrix { hidden.gatheringRows(nodes.map(\.row)) }
    let (forest, nodes) = TokenForest.planting(sequences)
    let together = model.run(forest).hidden
    let (separate, separateNodes) = TokenForest.planting(sequences.reversed(), isSharing: false)
    let apart = model.run(separate).hidden
    for (index, sequence) in sequences.enumerated() {
      let found = rows(together, nodes[index])
      var pass = ForwardPass()
      // Hidden states of a few units after sums in another order.
      #expect(found.largestDifference(from: model.runBlocks(model.embedded(sequence), &pass)) < 2e-5)
      #expect(rows(apart, separateNodes[sequences.count - 1 - index]) == found)
      let (own, ownNodes) = TokenForest.planting([sequence])
      #expect(rows(model.run(own).hidden, ownNodes[0]) == found)
    }
  }

  @Test func `tokens behind those in a cache have the bits of the whole`() throws {
    let model = try OPT.random()
    let whole = TokenForest.planting([[3, 1, 4, 1, 5], [9, 2, 6]], isSharing: false)
    let expected = model.run(whole.forest).hidden
    var caches = [0, 1].map { _ in model.cache(capacity: 8) }
    for (sequences, starts) in [([[3, 1], [9]], [0, 0]), ([[4, 1, 5], [2]], [2, 1]), ([[6]], [2])] {
      let (forest, nodes) = TokenForest.planting(sequences, depths: starts)
      // The last run is of the second sequence alone.
      let used = sequences.count == 2 ? caches : [caches[1]]
      var run = model.run(forest, caches: used)
      let hidden = run.hidden
      let taken = run.takeCaches()
      caches = sequences.count == 2 ? try #require(taken) : caches
      for (index, start) in starts.enumerated() {
        let sequence = sequences.count == 2 ? index : 1
        let places = whole.nodes[sequence][start..<start + sequences[index].count]
        #expect(hidden.gatheringRows(nodes[index].map(\.row)) == expected.gatheringRows(places.map(\.row)))
      }
    }
  }
}
