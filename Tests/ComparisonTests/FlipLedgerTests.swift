import Comparison
import Testing

@Suite struct FlipLedgerTests {
  @Test func `each of the eight ways that a document can go is counted`() {
    let ledger = FlipLedger(before: "11110000", compressed: "11001100", recovered: "10101010")
    #expect(ledger.counts == [1, 1, 1, 1, 1, 1, 1, 1])
    #expect(ledger.rightBefore == 4)
    #expect(ledger.lost == 2 && ledger.broughtBack == 1)
    #expect(ledger.neverRight == 2 && ledger.learned == 1)
    #expect(ledger.gained == 2 && ledger.gainedAndLost == 1)
    #expect(ledger.documents == 8)
  }

  @Test func `ledgers of tasks add up`() {
    let one = FlipLedger(before: "110", compressed: "010", recovered: "110")
    let other = FlipLedger(before: "10", compressed: "00", recovered: "01")
    let sum = one + other
    #expect(sum.lost == 2 && sum.broughtBack == 1 && sum.neverRight == 2 && sum.learned == 1)
    #expect(sum.text == "1 of 2 lost, against 1 of 2 never right")
  }

  @Test func `the excess is the difference of two shares, with Newcombe's interval`() throws {
    // 56 of 70 lost brought back, 48 of 80 never right learned: Newcombe's example (a).
    let before = String(repeating: "1", count: 70) + String(repeating: "0", count: 80)
    let recovered =
      String(repeating: "1", count: 56) + String(repeating: "0", count: 14) + String(repeating: "1", count: 48)
      + String(repeating: "0", count: 32)
    let ledger = FlipLedger(before: before, compressed: String(repeating: "0", count: 150), recovered: recovered)
    let excess = try #require(ledger.excess(confidence: 0.95))
    #expect(abs(excess.difference - 0.2) < 1e-12)
    #expect(abs(excess.low - 0.0524) < 0.00005 && abs(excess.high - 0.3339) < 0.00005)
  }

  @Test func `where nothing was lost there is nothing to compare`() {
    #expect(FlipLedger(before: "10", compressed: "10", recovered: "10").excess(confidence: 0.95) == nil)
    #expect(FlipLedger(before: "11", compressed: "01", recovered: "11").excess(confidence: 0.95) == nil)
  }
}
