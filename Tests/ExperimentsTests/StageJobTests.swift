import Experiments
import Testing

@Suite struct StageJobTests {
  /// One compression, two trainings of it, and a scoring of each.
  private let jobs = [
    StageJob(seconds: 4, needs: []), StageJob(seconds: 3, needs: [0]), StageJob(seconds: 2, needs: [0, 1]),
    StageJob(seconds: 5, needs: [0]), StageJob(seconds: 1, needs: [0, 3]),
  ]

  @Test func `one machine takes the sum`() {
    #expect(span(of: jobs, machines: 1) == 15)
  }

  @Test func `two machines share what does not wait, and more do not help what waits`() {
    // 4, then 3 + 2 beside 5 + 1.
    #expect(span(of: jobs, machines: 2) == 10)
    #expect(span(of: jobs, machines: 100) == 10)
  }

  @Test func `independent jobs go to whoever is free, the longest first`() {
    let jobs = [3, 3, 2, 2, 2].map { StageJob(seconds: $0, needs: []) }
    // 3 + 2 + 2 beside 3 + 2.
    #expect(span(of: jobs, machines: 2) == 7)
    #expect(span(of: jobs, machines: 5) == 3)
  }

  @Test func `nothing takes no time`() {
    #expect(span(of: [], machines: 3) == 0)
  }
}
