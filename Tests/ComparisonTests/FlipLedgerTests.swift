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
  }
}
