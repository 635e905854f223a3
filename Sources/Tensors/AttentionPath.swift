internal import CKernels
import Foundation

/// One head's keys and values of the tokens on a path through a tree of tokens, and causal attention of the path's last
/// tokens to all of it.
///
/// A token's result is a sum over the tokens before it in their order, so that its bits do not depend on how a sequence
/// was cut into runs, nor on what else is attended to.
package struct AttentionPath {
  private let width: Int
  /// The width rounded up to whole vectors.
  private let paddedWidth: Int
  /// Tokens that there is room for, rounded up to whole tiles.
  private let stride: Int
  /// (width, stride): a column for each token.
  private var keys: Matrix
  /// (stride, padded width)
  private var values: Matrix
  package private(set) var count = 0

  private var queries: Matrix
  private var scores: Matrix
  private var mixed: Matrix

  /// Queries that are taken at once.
  private static let queriesTogether = 64

  /// - Parameters:
  ///   - headWidth: D.
  ///   - capacity: of the longest path.
  package init(headWidth: Int, capacity: Int) {
    width = headWidth
    paddedWidth = (headWidth + 7) / 8 * 8
    stride = (capacity + 15) / 16 * 16
    // Zeros, since whole tiles are read.
    keys = Matrix(rows: headWidth, columns: stride)
    values = Matrix(rows: stride, columns: paddedWidth)
    queries = Matrix(uninitializedRows: Self.queriesTogether, columns: width)
    scores = Matrix(uninitializedRows: Self.queriesTogether, columns: stride)
    mixed = Matrix(uninitializedRows: Self.queriesTogether, columns: paddedWidth)
  }

  /// Forgets all but the first `count` tokens.
  package mutating func truncate(to count: Int) {
    precondition(count <= self.count, "\(self.count) tokens cannot become \(count)")
    self.count = count
  }

  /// Appends the keys and values that stand in these rows of the columns from `column` on.
  package mutating func append(keys newKeys: Matrix, values newValues: Matrix, rows: [Int], column: Int) {
    precondition(count + rows.count <= stride, "a path of \(stride) tokens")
    precondition(
      newKeys.columnCount == newValues.columnCount && column >= 0 && column + width <= newKeys.columnCount
        && rows.allSatisfy { $0 >= 0 && $0 < newKeys.rowCount && $0 < newValues.rowCount }, "outside of the matrices")
    let (first, width, paddedWidth, stride) = (count, width, paddedWidth, stride)
    let sourceWidth = newKeys.columnCount
    keys.withMutableElements { keys in
      newKeys.withElements { newKeys in
        guard let keys = keys.baseAddress, let newKeys = newKeys.baseAddress else { return }
        for place in rows.indices {
          let source = newKeys + rows[place] * sourceWidth + column
          for channel in 0..<width { keys[channel * stride + first + place] = source[channel] }
        }
      }
    }
    values.withMutableElements { values in
      newValues.withElements { newValues in
        guard let values = values.baseAddress, let newValues = newValues.baseAddress else { return }
        for place in rows.indices {
          (values + (first + place) * paddedWidth).update(
            from: newValues + rows[place] * sourceWidth + column, count: width)
        }
      }
    }
    count += rows.count
  }

  /// Writes to these rows of `result` the attention of the queries in them, which are those of the path's last tokens,
  /// in the columns from `column` on; only to those for which `isWanted` holds, where there is one. Of those, `visit` is
  /// shown the probabilities of all that the query sees.
  package mutating func attend(
    _ allQueries: Matrix, rows: [Int], column: Int, scale: Float, to result: inout Matrix,
    where isWanted: ((_ row: Int) -> Bool)? = nil,
    visit: ((_ row: Int, _ probabilities: UnsafeBufferPointer<Float>) -> Void)? = nil
  ) {
    precondition(rows.count <= count, "\(rows.count) queries on a path of \(count) tokens")
    for start in Swift.stride(from: 0, to: rows.count, by: Self.queriesTogether) {
      let some = rows[start..<min(start + Self.queriesTogether, rows.count)]
      let past = count - rows.count + start
      gather(allQueries, some, column)
      let (width, paddedWidth, stride) = (width, paddedWidth, stride)
      scores.withMutableElements { scores in
        guard let scores = scores.baseAddress else { return }
        queries.withElements { queries in
          keys.withElements { keys in
            recollect_attention_scores(
              queries.baseAddress, some.count, width, keys.baseAddress, stride, past, scale, scores)
          }
        }
        for query in 0..<some.count {
          let row = scores + query * stride
          let visible = past + query + 1
          let factor = Float(1 / row.replaceByExponentials(visible))
          forEachEight(visible) { row.setEight($0, row.eight($0) * factor) }
          guard let visit, isWanted?(some[start + query]) ?? true else { continue }
          visit(some[start + query], UnsafeBufferPointer(start: row, count: visible))
        }
        mixed.withMutableElements { mixed in
          values.withElements { values in
            recollect_attention_mix(
              scores, stride, some.count, past, values.baseAddress, paddedWidth, mixed.baseAddress)
          }
        }
      }
      scatter(some, column, to: &result, where: isWanted)
    }
  }

  private mutating func gather(_ allQueries: Matrix, _ rows: ArraySlice<Int>, _ column: Int) {
    let (width, sourceWidth) = (width, allQueries.columnCount)
    queries.withMutableElements { queries in
      allQueries.withElements { all in
        guard let queries = queries.baseAddress, let all = all.baseAddress else { return }
        for (place, row) in rows.enumerated() {
          (queries + place * width).update(from: all + row * sourceWidth + column, count: width)
        }
      }
    }
  }

  /// Of each of the queries in these rows, log Σ exp of its scores over each of the parts that the path begins with,
  /// and over what it sees of the rest.
  ///
  /// - Parameter ends: where the parts end, of which each has a token at least.
  package mutating func logSums(
    _ allQueries: Matrix, rows: [Int], column: Int, scale: Float, ends: [Int]
  ) -> [[Double]] {
    precondition(rows.count + (ends.last ?? 0) <= count, "\(rows.count) queries on a path of \(count) tokens")
    var sums: [[Double]] = []
    for start in Swift.stride(from: 0, to: rows.count, by: Self.queriesTogether) {
      let some = rows[start..<min(start + Self.queriesTogether, rows.count)]
      let past = count - rows.count + start
      gather(allQueries, some, column)
      let (width, stride) = (width, stride)
      scores.withMutableElements { scores in
        guard let scores = scores.baseAddress else { return }
        queries.withElements { queries in
          keys.withElements { keys in
            recollect_attention_scores(
              queries.baseAddress, some.count, width, keys.baseAddress, stride, past, scale, scores)
          }
        }
        for query in 0..<some.count {
          let row = scores + query * stride
          sums.append(
            zip([0] + ends, ends + [past + query + 1]).map { logSum(of: row + $0, count: $1 - $0) })
        }
      }
    }
    return sums
  }

  private func scatter(
    _ rows: ArraySlice<Int>, _ column: Int, to result: inout Matrix, where isWanted: ((Int) -> Bool)?
  ) {
    let (width, paddedWidth, resultWidth) = (width, paddedWidth, result.columnCount)
    result.withMutableElements { result in
      mixed.withElements { mixed in
        guard let result = result.baseAddress, let mixed = mixed.baseAddress else { return }
        for (place, row) in rows.enumerated() where isWanted?(row) ?? true {
          (result + row * resultWidth + column).update(from: mixed + place * paddedWidth, count: width)
        }
      }
    }
  }
}

/// log Σ exp of the values, in double precision.
private func logSum(of values: UnsafePointer<Float>, count: Int) -> Double {
  var largest = values[0]
  for index in 1..<max(count, 1) { largest = max(largest, values[index]) }
  var sum = 0.0
  for index in 0..<count { sum += exp(Double(values[index]) - Double(largest)) }
  return Double(largest) + log(sum)
}
