import Evaluation
import Testing

@Suite struct DocumentSelectionTests {
  @Test func `file order never shuffles`() {
    let none: ([Int]) -> [Int] = { _ in
      Issue.record("shuffled")
      return []
    }
    #expect(DocumentSelection(order: .file, limit: nil).selected(from: 4, shuffle: none) == [0, 1, 2, 3])
    #expect(DocumentSelection(order: .file, limit: 2).selected(from: 4, shuffle: none) == [0, 1])
    #expect(DocumentSelection(order: .file, limit: 9).selected(from: 4, shuffle: none) == [0, 1, 2, 3])
  }

  @Test func `the limit applies after shuffling`() {
    let reversed: ([Int]) -> [Int] = { $0.reversed() }
    #expect(DocumentSelection(order: .shuffled, limit: nil).selected(from: 3, shuffle: reversed) == [2, 1, 0])
    #expect(DocumentSelection(order: .shuffled, limit: 2).selected(from: 5, shuffle: reversed) == [4, 3])
  }
}
