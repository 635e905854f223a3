import Testing
import Training

@Suite struct LearningRateScheduleTests {
  private func factors(_ schedule: LearningRateSchedule, updates: Int) -> [Double] {
    (0..<updates).map { schedule.factor(update: $0) }
  }

  @Test func `a constant rate does not change`() {
    #expect(factors(.constant, updates: 3) == [1, 1, 1])
  }

  @Test func `a linear schedule rises from zero and falls to zero`() {
    #expect(factors(.linear(warmupSteps: 2, totalSteps: 6), updates: 8) == [0, 0.5, 1, 0.75, 0.5, 0.25, 0, 0])
  }

  @Test func `without a warm-up the first update has the full rate`() {
    #expect(factors(.linear(warmupSteps: 0, totalSteps: 2), updates: 3) == [1, 0.5, 0])
  }

  @Test func `a warm-up over all steps, or over none, divides by no zero`() {
    #expect(factors(.linear(warmupSteps: 2, totalSteps: 2), updates: 3) == [0, 0.5, 0])
    #expect(factors(.linear(warmupSteps: 0, totalSteps: 0), updates: 1) == [0])
  }
}
