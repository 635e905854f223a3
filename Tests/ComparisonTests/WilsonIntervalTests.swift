import Comparison
import Testing

@Suite struct WilsonIntervalTests {
  /// The formula in Python, with the quantile of its `statistics` (Wichura's AS 241); the last has lost digits to the
  /// difference of nearly equal terms, in both.
  @Test(arguments: [
    (1, 4, 0.95, 0.0455872608097006, 0.699358157417598), (5, 10, 0.5, 0.39569991542468774, 0.6043000845753123),
    (999, 1000, 1 - 1e-9, 0.9621155366902756, 0.9999745537341047), (3, 7, 0.1, 0.4052539225803508, 0.4522104699308101),
    (1, 100_000, 0.999, 7.843678070560366e-07, 0.00012747740627111335),
  ])
  func `the interval is that of the formula`(successes: Int, trials: Int, confidence: Double, low: Double, high: Double)
  {
    let interval = WilsonInterval(successes: successes, trials: trials, confidence: confidence)
    #expect(abs(interval.low / low - 1) < 1e-12)
    #expect(abs(interval.high / high - 1) < 1e-12)
  }

  @Test func `none and all end exactly at the ends`() {
    let none = WilsonInterval(successes: 0, trials: 40, confidence: 0.95)
    let all = WilsonInterval(successes: 40, trials: 40, confidence: 0.95)
    #expect(none.low == 0)
    #expect(all.high == 1)
    #expect(abs(none.high - 0.08762160119728662) < 1e-15)  // z²/(n + z²)
    #expect(abs(none.high + all.low - 1) < 1e-15)
  }

  @Test func `more confidence makes it wider, more trials narrower`() {
    func width(_ successes: Int, _ trials: Int, _ confidence: Double) -> Double {
      let interval = WilsonInterval(successes: successes, trials: trials, confidence: confidence)
      return interval.high - interval.low
    }
    #expect(width(9, 40, 0.95) < width(9, 40, 0.99))
    #expect(width(90, 400, 0.95) < width(9, 40, 0.95))
  }
}
