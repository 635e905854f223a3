import Comparison
import Testing

@Suite struct TimeRatioTests {
  @Test func `the ratio is the median of the repetitions' own`() {
    // 2/1, 6/2, 12/4: 2, 3, 3.
    let ratio = TimeRatio(of: [2, 6, 12], to: [1, 2, 4])
    #expect(ratio.value == 3)
    #expect(ratio.lower == 2 && ratio.upper == 3)
    #expect(abs(ratio.reduction - -2) < 1e-12 && abs(ratio.speedUp - 1.0 / 3) < 1e-12)
  }

  @Test func `what slows both turns of a repetition does not move it`() {
    let ratio = TimeRatio(of: [1.2, 12, 1.2, 3.6, 1.2], to: [1, 10, 1, 3, 1])
    #expect(abs(ratio.value - 1.2) < 1e-12 && ratio.upper - ratio.lower < 1e-12)
  }

  @Test func `one disturbed repetition in nine is not within the interval`() {
    let ratio = TimeRatio(
      of: [1.00, 1.01, 0.99, 1.02, 5, 1.00, 1.01, 0.98, 1.00], to: [Double](repeating: 1, count: 9))
    #expect(ratio.value == 1 && ratio.upper < 1.03 && ratio.lower >= 0.98)
  }

  @Test func `the interval is the same in every run, and covers what it should`() {
    let times = (0..<11).map { 1 + 0.01 * Double($0) }
    let unit = [Double](repeating: 1, count: 11)
    let ratio = TimeRatio(of: times, to: unit)
    #expect(ratio == TimeRatio(of: times, to: unit))
    // Of eleven values the median's exact interval is from the second to the tenth: 2 · (1 + 11) ÷ 2¹¹ = 1.2 % outside.
    #expect((1.01...1.03).contains(ratio.lower) && (1.07...1.09).contains(ratio.upper))
  }

  @Test func `a ratio of ratios has the ends that theirs give together`() {
    let ratio = TimeRatio(
      TimeRatio(value: 1.2, lower: 1.1, upper: 1.5), dividedBy: TimeRatio(value: 1.0, lower: 0.5, upper: 2))
    #expect(ratio == TimeRatio(value: 1.2, lower: 0.55, upper: 3))
  }

  @Test func `the median of an even number is between the middle two`() {
    #expect(median([4, 1, 3, 2]) == 2.5)
    #expect(median([7]) == 7)
  }
}

@Suite struct TurnLoadTests {
  private func load(own: Double, all: Double?) -> TurnLoad {
    TurnLoad(wallSeconds: 1, ownSeconds: own, allSeconds: all, processorCount: 2)
  }

  @Test func `a turn is disturbed when others have more than a tenth of the processors`() {
    let quiet = load(own: 1.9, all: 1.95)
    #expect(!quiet.isDisturbed(besides: [quiet]))
    #expect(abs(quiet.othersShare - 0.025) < 1e-12)
    #expect(load(own: 1.75, all: 2).isDisturbed(besides: []))
  }

  @Test func `where the machine does not tell, by what this process was left`() {
    let best = load(own: 1.9, all: nil)
    #expect(!load(own: 1.8, all: nil).isDisturbed(besides: [best]))
    #expect(load(own: 1.7, all: nil).isDisturbed(besides: [best]))
  }

  @Test func `work that leaves processors idle is not disturbed by itself`() {
    let single = load(own: 1, all: 1.02)
    #expect(!single.isDisturbed(besides: [single, load(own: 1.02, all: 1.04)]))
  }
}
