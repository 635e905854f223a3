internal import CKernels
import Glibc

extension UnsafePointer<Float> {
  /// The largest of the first `count` elements, NaNs aside.
  func largest(_ count: Int) -> Float { recollect_largest(self, count) }
}

extension Matrix {
  /// Each row's softmax over its first `visible` + row entries (rows counted from the first of `rows`), zeros behind them.
  ///
  /// With `visible` = 1 + the number of earlier tokens this is causal attention's softmax; rows of a score matrix
  /// (T, keys).
  package mutating func replaceByCausalSoftmax(rows: Range<Int>? = nil, visible: Int) {
    let rows = rows ?? 0..<rowCount
    let columnCount = columnCount
    withMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      for (step, row) in rows.enumerated() {
        let scores = base + row * columnCount
        let length = Swift.min(visible + step, columnCount)
        let factor = Float(1 / scores.replaceByExponentials(length))
        recollect_scale(scores, factor, length)
        (scores + length).update(repeating: 0, count: columnCount - length)
      }
    }
  }

  /// Turns the gradient of a causal softmax's outputs into that of its inputs, row by row: dS = P ⊙ (dP - Σ P ⊙ dP).
  ///
  /// self holds dP, `probabilities` P in the same rows. Behind the first `visible` + row entries (rows counted from the first
  /// of `rows`) P is zero, and so is dS.
  package mutating func replaceByCausalSoftmaxGradient(
    probabilities: Matrix, rows: Range<Int>? = nil, visible: Int
  ) {
    let rows = rows ?? 0..<rowCount
    precondition(
      probabilities.columnCount == columnCount && rows.lowerBound >= 0
        && rows.upperBound <= min(rowCount, probabilities.rowCount), "rows \(rows) of \(rowCount)")
    let columnCount = columnCount
    withMutableElements { gradients in
      probabilities.withElements { probabilities in
        guard let gradients = gradients.baseAddress, let probabilities = probabilities.baseAddress else { return }
        for (step, row) in rows.enumerated() {
          let gradient = gradients + row * columnCount
          let length = Swift.min(visible + step, columnCount)
          recollect_softmax_gradient(probabilities + row * columnCount, gradient, length)
          (gradient + length).update(repeating: 0, count: columnCount - length)
        }
      }
    }
  }

  /// For the rows of a logit matrix (T, V): the log-probability of `targets[row]`, and whether it is the row's argmax
  /// (the first of equals).
  ///
  /// The sum of exponentials is taken in double precision. A NaN among the logits gives a NaN.
  package func logProbabilities(of targets: [Int]) -> [(logProbability: Double, isArgmax: Bool)] {
    precondition(targets.count == rowCount, "\(targets.count) targets for \(rowCount) rows")
    let columnCount = columnCount
    var scratch = Matrix(uninitializedRows: 1, columns: columnCount)
    return withElements { elements in
      targets.enumerated().map { row, target in
        precondition(target >= 0 && target < columnCount, "target \(target) of \(columnCount)")
        let logits = UnsafeBufferPointer(rebasing: elements[row * columnCount..<(row + 1) * columnCount])
        let start = logits.baseAddress.unsafelyUnwrapped
        let largest = start.largest(columnCount)
        let sum = scratch.withMutableElements { scratch in
          let base = scratch.baseAddress.unsafelyUnwrapped
          base.update(from: start, count: columnCount)
          return base.replaceByExponentials(columnCount)
        }
        let logProbability = Double(logits[target]) - Double(largest) - log(sum)
        let isArgmax = !logProbability.isNaN && logits[target] == largest && !logits[..<target].contains(largest)
        return (logProbability, isArgmax)
      }
    }
  }
}
