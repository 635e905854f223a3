import Glibc

/// What is kept of a row of logits that comes in stretches: enough for the log-probability of any token, and for which
/// token is the likeliest. No whole row is ever in memory.
///
/// The sum of exponentials is taken in double precision. A NaN among the logits makes it a NaN.
package struct LogitSummary: Sendable {
  private var largest = -Float.infinity
  /// Of exp(logit - largest).
  private var sum = 0.0
  /// The likeliest token so far, the first of equals.
  package private(set) var likeliest = 0

  package init() {}

  /// Takes in the logits of `count` tokens from `first` on, and overwrites them.
  mutating func add(_ logits: UnsafeMutablePointer<Float>, count: Int, first: Int) {
    let stretch = UnsafePointer(logits).largest(count)
    if stretch > largest {
      var place = 0
      while logits[place] != stretch { place += 1 }
      likeliest = first + place
    }
    let stretchSum = logits.replaceByExponentials(count)
    if stretch > largest {
      // Nothing before the first stretch.
      sum = sum == 0 ? stretchSum : sum * exp(Double(largest) - Double(stretch)) + stretchSum
      largest = stretch
    } else {
      sum += stretchSum * exp(Double(stretch) - Double(largest))
    }
  }

  /// Of the token whose logit this is, in nats.
  package func logProbability(ofLogit logit: Float) -> Double { Double(logit) - Double(largest) - log(sum) }
}

extension Matrix {
  /// Takes the rows, the logits of the tokens from `first` on, into the summaries, and overwrites them.
  package mutating func add(to summaries: inout [LogitSummary], first: Int) {
    precondition(summaries.count <= rowCount, "\(summaries.count) summaries of \(rowCount) rows")
    let columnCount = columnCount
    withMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      for row in summaries.indices { summaries[row].add(base + row * columnCount, count: columnCount, first: first) }
    }
  }
}
