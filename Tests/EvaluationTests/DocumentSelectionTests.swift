import Evaluation
import Testing

@Suite struct DocumentSelectionTests {
  @Test func `file order never shuffles`() {
    #expect(DocumentSelection(order: .file, limit: nil).selected(from: 4) == [0, 1, 2, 3])
    #expect(DocumentSelection(order: .file, limit: 2).selected(from: 4) == [0, 1])
    #expect(DocumentSelection(order: .file, limit: 9).selected(from: 4) == [0, 1, 2, 3])
  }

  // Random(42).shuffle of CPython 3.11.
  @Test func `the limit applies after shuffling`() {
    #expect(DocumentSelection(order: .shuffled, limit: nil).selected(from: 10) == [7, 3, 2, 8, 5, 6, 9, 4, 0, 1])
    #expect(DocumentSelection(order: .shuffled, limit: 4).selected(from: 2376) == [193, 1827, 2040, 107])
  }

  @Test func `the harness of 2023 shuffles, and the present one does not`() {
    #expect(HarnessProtocol.master2023.documentOrder == .shuffled)
    #expect(HarnessProtocol.version04.documentOrder == .file)
  }
}
