import Evaluation
import Tensors
import Testing

@Suite struct BootstrapTests {
  private let values = (0..<50).map { Double($0 * $0 % 17) / 4 }

  @Test func `the numbers do not depend on the threads`() throws {
    let bootstrap = Bootstrap(iterations: 70, chunk: 10)
    let one = try bootstrap.resampled(.perplexity, of: values, workers: Workers(threadCount: 1))
    #expect(one.count == 70)
    #expect(try bootstrap.resampled(.perplexity, of: values, workers: Workers(threadCount: 3)) == one)
  }

  @Test func `a chunk has a generator of its own, and draws one choice a value`() throws {
    let found = try Bootstrap(iterations: 4, chunk: 2).resampled(.mean, of: values, workers: Workers(threadCount: 1))
    for seed in 0..<2 {
      var generator = MersenneTwister(seed: seed)
      for number in 0..<2 {
        let chosen = try generator.choices(values, k: values.count)
        #expect(found[2 * seed + number] == mean(chosen))
      }
    }
  }

  @Test func `the standard error of a mean is near the analytic one`() throws {
    let workers = Workers(threadCount: 2)
    let bootstrap = try #require(
      try Bootstrap(iterations: 20_000).standardError(of: .mean, over: values, workers: workers))
    // √((n - 1) / n) of it, and a few tenths of a percent of chance.
    let analytic = try #require(standardErrorOfMean(values))
    #expect(abs(bootstrap / (analytic * (49.0 / 50).squareRoot()) - 1) < 0.02)
  }
}
