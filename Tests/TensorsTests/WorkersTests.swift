import Synchronization
import Tensors
import Testing

private struct Failure: Error, Equatable {
  let piece: Int
}

@Suite struct WorkersTests {
  @Test(arguments: [1, 2, 3, 8]) func `results come in the order of the pieces`(threadCount: Int) throws {
    let squares = try Workers(threadCount: threadCount).map(100) { $0 * $0 }
    #expect(squares == (0..<100).map { $0 * $0 })
  }

  @Test(arguments: [1, 2, 3]) func `every piece is done once`(threadCount: Int) throws {
    let runs = Mutex([Int](repeating: 0, count: 50))
    _ = try Workers(threadCount: threadCount).map(50) { piece in runs.withLock { $0[piece] += 1 } }
    #expect(runs.withLock { $0 } == [Int](repeating: 1, count: 50))
    Workers(threadCount: threadCount).forEach(50) { piece in runs.withLock { $0[piece] += 1 } }
    #expect(runs.withLock { $0 } == [Int](repeating: 2, count: 50))
    Workers(threadCount: threadCount).forEach(0) { _ in Issue.record("a piece of none") }
  }

  @Test func `the bits do not depend on the number of threads`() throws {
    let weight = randomMatrix(20, 30, seed: 1)
    func products(_ threadCount: Int) throws -> [Matrix] {
      try Workers(threadCount: threadCount).map(12) { piece in
        randomMatrix(piece + 1, 30, seed: UInt64(piece)).times(transposed: weight)
      }
    }
    let single = try products(1)
    #expect(try products(2) == single)
    #expect(try products(3) == single)
  }

  @Test(arguments: [1, 2, 3]) func `of several errors the first by number is thrown`(threadCount: Int) {
    for _ in 0..<20 {
      #expect(throws: Failure(piece: 7)) {
        try Workers(threadCount: threadCount).map(40) { piece in
          if piece >= 7 { throw Failure(piece: piece) }
        }
      }
    }
  }

  @Test func `a piece that fails late still wins over later pieces that failed before`() {
    // Piece 0 fails only after piece 1 has, or after a while where there is one processor alone.
    let hasFailed = Atomic(false)
    let end = ContinuousClock.now + .seconds(2)
    #expect(throws: Failure(piece: 0)) {
      try Workers(threadCount: 2).map(2) { piece in
        if piece == 0 {
          while !hasFailed.load(ordering: .acquiring), ContinuousClock.now < end {}
        } else {
          hasFailed.store(true, ordering: .releasing)
        }
        throw Failure(piece: piece)
      }
    }
  }

  @Test func `after an error no new piece is begun`() {
    let begun = Atomic(0)
    #expect(throws: Failure(piece: 2)) {
      try Workers(threadCount: 1).map(50) { piece in
        begun.add(1, ordering: .relaxed)
        if piece == 2 { throw Failure(piece: piece) }
      }
    }
    #expect(begun.load(ordering: .relaxed) == 3)
  }

  @Test func `no pieces have no results`() throws {
    #expect(try Workers(threadCount: 3).map(0) { $0 }.isEmpty)
  }
}
