import Experiments
import Foundation
import Testing

@Suite struct InterleavedTimingTests {
  @Test func `variants warm up, then take turns that begin with another one each time`() throws {
    var order: [Int] = []
    let timing = try InterleavedTiming(
      (0..<3).map { variant in
        {
          if order.last != variant { order.append(variant) }
          usleep(20_000)
        }
      }, repetitions: 3)
    // The last of a repetition is not the first of the next.
    #expect(order == [0, 1, 2, 0, 1, 2, 1, 2, 0, 2, 0, 1])
    // At least a quarter of a second a turn.
    #expect(timing.passes > 1 && timing.passes <= 13)
    #expect(timing.turns.map(\.count) == [3, 3, 3])
    #expect(timing.turns.joined().allSatisfy { $0.seconds >= 0.02 && $0.load.wallSeconds >= 0.02 })
  }

  @Test func `what takes twice as long takes twice as long`() throws {
    let timing = try InterleavedTiming([{ usleep(20_000) }, { usleep(40_000) }], repetitions: 2)
    let ratio = timing.seconds(1)[0] / timing.seconds(0)[0]
    // Sleeping takes no processor, so that a busy machine adds little.
    #expect((1.7...2.3).contains(ratio))
  }

  @Test func `it can be ended between turns`() throws {
    struct Ended: Error {}
    var count = 0
    #expect(throws: Ended.self) {
      _ = try InterleavedTiming([{ count += 1 }], repetitions: 5) { if $0 == 2 { throw Ended() } }
    }
    #expect(count > 1)
  }
}
