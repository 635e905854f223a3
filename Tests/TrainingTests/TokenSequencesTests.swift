import Testing
import Training

@Suite struct TokenSequencesTests {
  private func sequences(count: Int = 23, length: Int = 4, seed: UInt64 = 1) throws -> TokenSequences {
    try TokenSequences(tokens: Array(0..<count), length: length, seed: seed)
  }

  /// The first tokens of the sequences of some batches.
  private func starts(_ sequences: TokenSequences, batches: Range<Int>, size: Int) -> [Int] {
    batches.flatMap { sequences.batch($0, size: size) }.map { $0[0] }
  }

  @Test func `sequences are consecutive, do not overlap, and leave a rest`() throws {
    let sequences = try sequences()
    #expect(sequences.sequencesPerEpoch == 5)  // ⌊23 / 4⌋
    let epoch = sequences.batch(0, size: 5).sorted { $0[0] < $1[0] }
    #expect(epoch == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15], [16, 17, 18, 19]])
  }

  @Test func `every sequence comes once an epoch, also when an epoch ends within a batch`() throws {
    let sequences = try sequences()
    // Batches of two: the third has the last sequence of the first epoch and the first one of the second.
    let drawn = starts(sequences, batches: 0..<10, size: 2)
    for epoch in 0..<4 { #expect(drawn[epoch * 5..<epoch * 5 + 5].sorted() == [0, 4, 8, 12, 16]) }
  }

  @Test func `the size of the batches does not change the order`() throws {
    let sequences = try sequences()
    let drawn = starts(sequences, batches: 0..<36, size: 1)
    #expect(starts(sequences, batches: 0..<18, size: 2) == drawn)
    #expect(starts(sequences, batches: 0..<3, size: 12) == drawn)  // more than two epochs a batch
  }

  @Test func `a batch can be had without those before it`() throws {
    let sequences = try sequences()
    #expect(sequences.batch(7, size: 3) == Array((0..<8).flatMap { sequences.batch($0, size: 3) }.suffix(3)))
  }

  @Test func `each epoch has an order of its own`() throws {
    let sequences = try sequences(count: 200)
    #expect(starts(sequences, batches: 0..<1, size: 50) != starts(sequences, batches: 1..<2, size: 50))
  }

  @Test func `the order is the seed's`() throws {
    let order = starts(try sequences(count: 200, seed: 1), batches: 0..<1, size: 50)
    #expect(starts(try sequences(count: 200, seed: 1), batches: 0..<1, size: 50) == order)
    #expect(starts(try sequences(count: 200, seed: 2), batches: 0..<1, size: 50) != order)
    #expect(order != order.sorted())
  }

  @Test func `the last whole sequences are held out, and no batch has a token of them`() throws {
    let sequences = try TokenSequences(tokens: Array(0..<23), length: 4, seed: 1, heldOutCount: 2)
    #expect(sequences.heldOut == [[12, 13, 14, 15], [16, 17, 18, 19]])
    #expect(sequences.sequencesPerEpoch == 3)
    #expect(Set((0..<20).flatMap { sequences.batch($0, size: 2) }.joined()) == Set(0..<12))
    // Held out or not there makes no difference to the others.
    let others = try TokenSequences(tokens: Array(0..<12), length: 4, seed: 1)
    #expect((0..<9).map { sequences.batch($0, size: 1) } == (0..<9).map { others.batch($0, size: 1) })
    #expect(throws: TrainingError.corpusTooShort(tokens: 23, needed: 24)) {
      try TokenSequences(tokens: Array(0..<23), length: 4, seed: 1, heldOutCount: 5)
    }
  }

  @Test func `a corpus shorter than a sequence is an error`() throws {
    #expect(throws: TrainingError.corpusTooShort(tokens: 3, needed: 4)) { try sequences(count: 3) }
    #expect(try sequences(count: 4).batch(0, size: 2) == [[0, 1, 2, 3], [0, 1, 2, 3]])
  }
}
