internal import CKernels

/// What a stretch of a weight's columns becomes when each column's error is passed on to those behind it.
package struct CompressedColumns: Sendable {
  /// (rows, columns): the values.
  package private(set) var values: Matrix
  /// (rows, columns) in row order; empty where nothing is quantized.
  package private(set) var codes: [UInt8]
  /// Of each row, the sum of ((w - q) / U's diagonal)².
  package private(set) var losses: [Double]

  /// The values that quantized weights may have.
  package enum Levels: Sendable, Equatable {
    /// scale · (code - zero), with codes from 0 to this one.
    case upTo(Int)
    /// scale where the weight is above half of it, zero where it is below half of that, else 0: the codes 2, 0 and 1.
    case three
  }

  /// A grid for each column.
  package struct Grids: Sendable {
    let levels: Levels
    let scales: Matrix
    let zeros: Matrix
    let places: [Int32]

    /// - Parameters:
    ///   - scales: (rows, grids), as are the zeros.
    ///   - places: the grid of each column.
    package init(_ levels: Levels, scales: Matrix, zeros: Matrix, places: [Int]) {
      precondition(places.allSatisfy { (0..<scales.columnCount).contains($0) }, "a grid beyond \(scales.columnCount)")
      self.levels = levels
      self.scales = scales
      self.zeros = zeros
      self.places = places.map(Int32.init)
    }
  }

  /// The weights that become zero.
  package enum Removal: Sendable {
    case none
    /// (rows, columns) in row order: whether a weight is removed.
    case these([Bool])
    /// Of each row's `of` columns in a row, `count`, chosen when the first of them is reached: those of the smallest
    /// (w / U's diagonal)², of equal ones the first.
    case ofEach(count: Int, of: Int)
  }

  /// As many as fit into a core's nearest cache with 128 columns.
  private static let rowsAtOnce = 64

  /// With w a column, corrected for the columns before it, q the values that take its place and U (columns, columns) an
  /// upper triangle: e = (w - q) / U_cc, and each column j behind it loses e · U_cj.
  ///
  /// - Parameters:
  ///   - weight: (rows, columns), corrected for the columns before these.
  ///   - grids: nil where weights are not quantized.
  package init(_ weight: Matrix, feedback: Matrix, grids: Grids?, removal: Removal) {
    let (rowCount, columnCount) = (weight.rowCount, weight.columnCount)
    if case .ofEach(let count, let width) = removal {
      precondition((1...256).contains(width) && count >= 0, "\(count) of each \(width) columns")
    }
    precondition(
      feedback.rowCount == columnCount && feedback.columnCount == columnCount,
      "U of \(feedback.rowCount) × \(feedback.columnCount) for \(columnCount) columns")
    values = Matrix(uninitializedRows: rowCount, columns: columnCount)
    codes = Array(repeating: 0, count: grids == nil ? 0 : rowCount * columnCount)
    losses = Array(repeating: 0, count: rowCount)
    var tile = Tile(columnCount: columnCount, gridCount: grids?.scales.columnCount ?? 0)
    for start in stride(from: 0, to: rowCount, by: Self.rowsAtOnce) {
      let rows = start..<min(start + Self.rowsAtOnce, rowCount)
      tile.load(weight, rows)
      if let grids { tile.load(grids, rows) }
      if case .these(let removed) = removal { tile.load(removed, rows) }
      tile.compress(rows, feedback: feedback, levels: grids?.levels, grids?.places ?? [], removal, losses: &losses)
      tile.store(rows, values: &values, codes: &codes)
    }
  }

  /// Some rows, a column after the other: what is done to a column is done to neighbours in memory.
  private struct Tile {
    let columnCount: Int
    var weights: [Float]
    var codes: [UInt8]
    var removed: [UInt8]
    var scales: [Float]
    var zeros: [Float]

    init(columnCount: Int, gridCount: Int) {
      self.columnCount = columnCount
      weights = Array(repeating: 0, count: rowsAtOnce * columnCount)
      codes = Array(repeating: 0, count: rowsAtOnce * columnCount)
      removed = Array(repeating: 0, count: rowsAtOnce * columnCount)
      scales = Array(repeating: 0, count: rowsAtOnce * gridCount)
      zeros = scales
    }

    mutating func load(_ weight: Matrix, _ rows: Range<Int>) {
      weight.withElements { turn($0, rows, columnCount, into: &weights) }
    }

    mutating func load(_ grids: Grids, _ rows: Range<Int>) {
      grids.scales.withElements { turn($0, rows, grids.scales.columnCount, into: &scales) }
      grids.zeros.withElements { turn($0, rows, grids.zeros.columnCount, into: &zeros) }
    }

    mutating func load(_ removed: [Bool], _ rows: Range<Int>) {
      for (place, row) in rows.enumerated() {
        for column in 0..<columnCount {
          self.removed[column * rows.count + place] = removed[row * columnCount + column] ? 1 : 0
        }
      }
    }

    private func turn(
      _ source: UnsafeBufferPointer<Float>, _ rows: Range<Int>, _ width: Int, into target: inout [Float]
    ) {
      target.withUnsafeMutableBufferPointer { target in
        for (place, row) in rows.enumerated() {
          for column in 0..<width { target[column &* rows.count &+ place] = source[row &* width &+ column] }
        }
      }
    }

    mutating func compress(
      _ rows: Range<Int>, feedback: Matrix, levels: Levels?, _ places: [Int32], _ removal: Removal,
      losses: inout [Double]
    ) {
      var columns = RecollectColumns()
      columns.rowCount = rows.count
      columns.columnCount = columnCount
      switch levels {
      case nil: columns.largestCode = 0
      case .upTo(let largest): columns.largestCode = Int32(largest)
      case .three: columns.largestCode = -1
      }
      var removes = true
      switch removal {
      case .none: removes = false
      case .these: break
      case .ofEach(let count, let width):
        columns.groupWidth = Int32(width)
        columns.removedPerGroup = Int32(count)
      }
      weights.withUnsafeMutableBufferPointer { weights in
        codes.withUnsafeMutableBufferPointer { codes in
          removed.withUnsafeMutableBufferPointer { removed in
            scales.withUnsafeBufferPointer { scales in
              zeros.withUnsafeBufferPointer { zeros in
                places.withUnsafeBufferPointer { places in
                  feedback.withElements { feedback in
                    losses.withUnsafeMutableBufferPointer { losses in
                      columns.weights = weights.baseAddress
                      columns.codes = codes.baseAddress
                      columns.removed = removes ? removed.baseAddress : nil
                      columns.scales = scales.baseAddress
                      columns.zeros = zeros.baseAddress
                      columns.grids = places.baseAddress
                      columns.feedback = feedback.baseAddress
                      columns.losses = losses.baseAddress.map { $0 + rows.lowerBound }
                      recollect_compress_columns(&columns)
                    }
                  }
                }
              }
            }
          }
        }
      }
    }

    func store(_ rows: Range<Int>, values: inout Matrix, codes: inout [UInt8]) {
      values.withMutableElements { values in
        weights.withUnsafeBufferPointer { weights in
          for (place, row) in rows.enumerated() {
            for column in 0..<columnCount {
              values[row &* columnCount &+ column] = weights[column &* rows.count &+ place]
            }
          }
        }
      }
      guard !codes.isEmpty else { return }
      codes.withUnsafeMutableBufferPointer { codes in
        self.codes.withUnsafeBufferPointer { turned in
          for (place, row) in rows.enumerated() {
            for column in 0..<columnCount {
              codes[row &* columnCount &+ column] = turned[column &* rows.count &+ place]
            }
          }
        }
      }
    }
  }
}
