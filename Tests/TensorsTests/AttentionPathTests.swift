import Tensors
import Testing

/// Attention by its definition, in double precision: of the queries of the last rows of one head.
private func plainAttention(_ queries: [[Float]], keys: [[Float]], values: [[Float]], scale: Float) -> [[Double]] {
  queries.enumerated().map { place, query in
    let visible = keys.count - queries.count + place + 1
    let scores = keys.prefix(visible).map { key in
      zip(query, key).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } * Double(scale)
    }
    let largest = scores.max() ?? 0
    let weights = scores.map { plainExponential($0 - largest) }
    let sum = weights.reduce(0, +)
    return query.indices.map { channel in
      zip(weights, values).reduce(0.0) { $0 + $1.0 / sum * Double($1.1[channel]) }
    }
  }
}

/// By its series, for the arguments up to zero that a softmax has.
private func plainExponential(_ x: Double) -> Double {
  let part = x / 1024
  var term = 1.0
  var sum = 1.0
  for n in 1..<20 {
    term *= part / Double(n)
    sum += term
  }
  return (0..<10).reduce(sum) { result, _ in result * result }
}

@Suite struct AttentionPathTests {
  /// Of a path with two heads of so many channels; the second is looked at.
  private func check(width: Int, count: Int, asked: Int) {
    let keys = randomMatrix(count, 2 * width, seed: 1)
    let values = randomMatrix(count, 2 * width, seed: 2)
    let queries = randomMatrix(asked, 2 * width, seed: 3)
    var path = AttentionPath(headWidth: width, capacity: count)
    path.append(keys: keys, values: values, rows: Array(0..<count), column: width)
    var found = Matrix(rows: asked, columns: 2 * width, repeating: 7)
    path.attend(queries, rows: Array(0..<asked), column: width, scale: 0.3, to: &found)

    func head(_ matrix: Matrix) -> [[Float]] { (0..<matrix.rowCount).map { Array(matrix.row($0)[width...]) } }
    let expected = plainAttention(head(queries), keys: head(keys), values: head(values), scale: 0.3)
    for row in 0..<asked {
      #expect(Array(found.row(row)[..<width]) == Array(repeating: 7, count: width))
      for channel in 0..<width {
        // Means of values of a few units, by sums of up to 150 terms in single precision.
        #expect(abs(Double(found[row, width + channel]) - expected[row][channel]) < 5e-6)
      }
    }
  }

  @Test func `it is attention`() {
    for width in [1, 2, 8, 12, 64] {
      for (count, asked) in [(1, 1), (2, 1), (5, 5), (16, 3), (17, 17), (150, 150), (150, 70)] {
        check(width: width, count: count, asked: asked)
      }
    }
  }

  @Test func `a token's result has the same bits however the path was cut into runs`() {
    let (width, count) = (24, 90)
    let keys = randomMatrix(count, width, seed: 4)
    let values = randomMatrix(count, width, seed: 5)
    let queries = randomMatrix(count, width, seed: 6)
    func attended(_ cuts: [Int]) -> Matrix {
      var path = AttentionPath(headWidth: width, capacity: count)
      var result = Matrix(rows: count, columns: width)
      for (start, end) in zip([0] + cuts, cuts + [count]) {
        // What was appended and taken back leaves no trace.
        path.append(keys: values, values: keys, rows: Array(start..<end), column: 0)
        path.truncate(to: start)
        path.append(keys: keys, values: values, rows: Array(start..<end), column: 0)
        path.attend(queries, rows: Array(start..<end), column: 0, scale: 0.2, to: &result)
      }
      return result
    }
    let whole = attended([])
    for cuts in [[1], [45], [7, 8, 70], Array(1..<count)] { #expect(attended(cuts) == whole) }
  }
}
