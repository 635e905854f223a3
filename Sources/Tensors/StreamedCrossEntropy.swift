internal import CKernels
import Glibc

/// The losses of rows of logits that come in stretches of tokens, and what their gradient needs. No whole row is ever in
/// memory.
///
/// With z the logits, the gradient of -log softmax(z)[target] with respect to z W is softmax(z) W - W[target]. Stretches
/// behind one another add to Σ exp(zᵢ - m) Wᵢ and Σ exp(zᵢ - m), where m is the largest logit so far; when a larger one
/// comes, both sums are multiplied by exp(m - m′). In the end the one is divided by the other.
///
/// Sums of exponentials are taken in double precision. A NaN among the logits makes its row's loss a NaN.
package struct StreamedCrossEntropy: Sendable {
  private let targets: [Int]
  private var largest: [Float]
  private var sums: [Double]
  private var targetLogits: [Float]

  /// - Parameter targets: one for each row.
  package init(targets: [Int]) {
    self.targets = targets
    largest = Array(repeating: -.infinity, count: targets.count)
    sums = Array(repeating: 0, count: targets.count)
    targetLogits = Array(repeating: .nan, count: targets.count)
  }

  /// Takes in the logits of the tokens from `first` on for the rows from `firstRow` on, and replaces them by their
  /// exponentials, which stand for themselves when `weighted` (rows, E), the sum of the weights' rows that they are the
  /// factors of, has been multiplied by what makes up for a larger logit.
  package mutating func add(
    _ logits: inout Matrix, firstRow: Int, first: Int, rescaling weighted: inout Matrix
  ) {
    let (rowCount, columnCount, width) = (logits.rowCount, logits.columnCount, weighted.columnCount)
    precondition(firstRow + rowCount <= targets.count && targets.count == weighted.rowCount, "rows without targets")
    logits.withMutableElements { logits in
      weighted.withMutableElements { weighted in
        guard let logits = logits.baseAddress, let weighted = weighted.baseAddress else { return }
        for index in 0..<rowCount {
          let (row, target) = (firstRow + index, targets[firstRow + index] - first)
          let stretch = logits + index * columnCount
          if target >= 0, target < columnCount { targetLogits[row] = stretch[target] }
          let stretchLargest = UnsafePointer(stretch).largest(columnCount)
          if stretchLargest > largest[row] {
            let factor = exponential(largest[row] - stretchLargest)
            largest[row] = stretchLargest
            sums[row] *= Double(factor)
            recollect_scale(weighted + row * width, factor, width)
          }
          sums[row] += stretch.replaceByExponentials(columnCount, largest: largest[row])
        }
      }
    }
  }

  /// Σ -log softmax(z)[target] over the rows, once all logits have been taken in.
  package var loss: Double {
    targets.indices.reduce(0) { $0 - (Double(targetLogits[$1]) - Double(largest[$1]) - log(sums[$1])) }
  }

  /// Turns the exponentials that `add` made of the logits of every token at once, for all rows, into `weight` times the
  /// gradient of the loss with respect to these logits: softmax(z) - 1 at the target.
  package func turnIntoGradient(_ exponentials: inout Matrix, weight: Float) {
    let columnCount = exponentials.columnCount
    precondition(exponentials.rowCount == targets.count, "\(exponentials.rowCount) rows for \(targets.count) targets")
    exponentials.withMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      for row in targets.indices {
        recollect_scale(base + row * columnCount, Float(Double(weight) / sums[row]), columnCount)
        base[row * columnCount + targets[row]] -= weight
      }
    }
  }

  /// `weight` times the gradient of the loss, from the sum that `add` rescaled, and the weights' rows of the targets.
  package func gradient(_ weighted: Matrix, targetRows: Matrix, weight: Float) -> Matrix {
    precondition(
      weighted.rowCount == targets.count && targetRows.rowCount == targets.count
        && targetRows.columnCount == weighted.columnCount, "\(targetRows.rowCount) rows for \(targets.count) targets")
    let width = weighted.columnCount
    var result = weighted
    result.withMutableElements { result in
      targetRows.withElements { targetRows in
        for row in targets.indices {
          let factor = Float(Double(weight) / sums[row])
          for place in row * width..<(row + 1) * width {
            result[place] = factor * result[place] - weight * targetRows[place]
          }
        }
      }
    }
    return result
  }
}
