import Evaluation
import Testing

@Suite struct ScoringScheduleTests {
  private let gigabyte = 1_000_000_000

  @Test func `weights that fit into the memory need no steps`() {
    let schedule = ScoringSchedule(weightBytes: 13 * gigabyte, memoryBytes: 24 * gigabyte, width: 4096)
    #expect(schedule == ScoringSchedule())
  }

  @Test func `weights that do not fit are read once for as many tokens as half of the memory holds`() {
    // 8 GB of hidden states before and after a block, of 4096 floats each.
    let schedule = ScoringSchedule(weightBytes: 13 * gigabyte, memoryBytes: 16 * gigabyte, width: 4096)
    #expect(schedule.tokensInStep == 244_140)
    // However little there is, a piece at a time.
    let least = ScoringSchedule(weightBytes: 13 * gigabyte, memoryBytes: 1_000_000, width: 4096)
    #expect(least.tokensInStep == least.pieceSize)
  }

  @Test func `pieces grow smaller towards the end, and have every input once`() {
    let inputs = (0..<1000).map { number in (0..<10).map { 10 * number + $0 } }
    let pieces = ScoringSchedule().pieces(of: inputs, isSharing: true, threadCount: 2)
    #expect(pieces.flatMap(\.self) == Array(0..<1000))
    // A quarter of the 10000 - 6000 tokens that are left behind six pieces is the first below 1008.
    #expect(pieces.prefix(7).map(\.count) == [100, 100, 100, 100, 100, 100, 100])
    #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.count >= $1.count })
    #expect(pieces[7].count == 75 && pieces.suffix(2).allSatisfy { $0.count <= 12 })
  }
}
