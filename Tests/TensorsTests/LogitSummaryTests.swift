import Tensors
import Testing

@Suite struct LogitSummaryTests {
  private func summaries(_ logits: Matrix, stretch: Int) -> [LogitSummary] {
    var summaries = [LogitSummary](repeating: LogitSummary(), count: logits.rowCount)
    for first in stride(from: 0, to: logits.columnCount, by: stretch) {
      let columns = first..<min(first + stretch, logits.columnCount)
      var part = Matrix(
        rows: logits.rowCount, columns: columns.count, (0..<logits.rowCount).flatMap { logits.row($0)[columns] })
      part.add(to: &summaries, first: first)
    }
    return summaries
  }

  @Test(arguments: [1, 3, 8, 50, 1000])
  func `stretches give what whole rows give`(stretch: Int) {
    let logits = randomMatrix(3, 100, seed: 1)
    let targets = [7, 0, 99]
    let whole = logits.logProbabilities(of: targets)
    for (row, summary) in summaries(logits, stretch: stretch).enumerated() {
      let found = summary.logProbability(ofLogit: logits[row, targets[row]])
      // Exponentials within 3 ulp of single precision, in another order.
      #expect(abs(found - whole[row].logProbability) < 1e-6)
      #expect((summary.likeliest == targets[row]) == whole[row].isArgmax)
    }
  }

  @Test(arguments: [1, 2, 5])
  func `the first of equals is the likeliest`(stretch: Int) {
    let logits = Matrix(rows: 2, columns: 5, [1, 3, 0, 3, 3, -9, -9, -9, -9, -8] as [Float])
    #expect(summaries(logits, stretch: stretch).map(\.likeliest) == [1, 4])
  }

  @Test func `large logits neither overflow nor vanish`() {
    let logits = Matrix(rows: 1, columns: 4, [-3e38, 500, 3e5, 3e5] as [Float])
    let summary = summaries(logits, stretch: 1)[0]
    #expect(abs(summary.logProbability(ofLogit: 3e5) + 0.6931471805599453) < 1e-6)
  }

  @Test(arguments: [1, 4])
  func `a NaN makes a NaN of every probability`(stretch: Int) {
    for place in 0..<4 {
      var logits = Matrix(rows: 1, columns: 4, [1, 2, 3, 4] as [Float])
      logits[0, place] = .nan
      #expect(summaries(logits, stretch: stretch)[0].logProbability(ofLogit: 1).isNaN)
    }
  }
}
