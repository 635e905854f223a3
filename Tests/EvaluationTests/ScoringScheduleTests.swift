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
}
