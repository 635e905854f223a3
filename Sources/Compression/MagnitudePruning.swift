import Tensors

/// Removes the weights of the least magnitude.
///
/// A share of the whole matrix is what is not above a limit, the number at the share's place among the magnitudes: the
/// limit itself goes too, and with it every weight that equals it.
///
/// Source: the option `--gmp` of IST-DASLab/sparsegpt; `sparsegpt.md` sections 2 and 3.
package struct MagnitudePruning: LayerCompressor, Equatable {
  package let pattern: SparsityPattern

  package init(_ pattern: SparsityPattern) {
    pattern.expectPossible()
    self.pattern = pattern
  }

  // The weight, the magnitudes and the result.
  package var bytesPerWeight: Int { 12 }

  package func compressed(_ weight: Matrix, _: Void, workers: Workers) throws -> CompressedMatrix {
    var result = weight
    switch pattern {
    case .unstructured(let share):
      guard weight.count > 0 else { break }
      let magnitudes = weight.magnitudes
      let limit = magnitudes.withElements { numbers in
        RankSearch.value(rank: SparsityPattern.count(share, of: numbers.count), of: numbers).value
      }
      result.withMutableElements { for index in $0.indices where abs($0[index]) <= limit { $0[index] = 0 } }
    case .ofEach(let zeros, let width):
      result.removeSmallest(zeros, ofEach: width, by: weight.magnitudes)
    }
    return CompressedMatrix(weight: result, quantization: nil, pattern: pattern, error: nil)
  }
}

extension Matrix {
  /// |w| of each number.
  fileprivate var magnitudes: Matrix {
    var result = self
    result.withMutableElements { for index in $0.indices { $0[index] = abs($0[index]) } }
    return result
  }

  /// Writes zeros where, of `width` columns in a row of a row, the `count` smallest scores are; of equal ones the first.
  /// Where a row ends with fewer columns, as many of these.
  mutating func removeSmallest(_ count: Int, ofEach width: Int, by scores: Matrix) {
    let (rowCount, columnCount) = (self.rowCount, self.columnCount)
    scores.withElements { scores in
      withMutableElements { elements in
        var marks = [Bool](repeating: false, count: width)
        for row in 0..<rowCount {
          for start in stride(from: 0, to: columnCount, by: width) {
            let places = row * columnCount + start..<row * columnCount + min(start + width, columnCount)
            for index in marks.indices { marks[index] = false }
            marks.withUnsafeMutableBufferPointer { marks in
              markSmallest(min(count, places.count), of: UnsafeBufferPointer(rebasing: scores[places]), in: marks)
            }
            for (index, place) in places.enumerated() where marks[index] { elements[place] = 0 }
          }
        }
      }
    }
  }
}
