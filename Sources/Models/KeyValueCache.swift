import Tensors

/// The keys (rotated) and values of the tokens that a model has seen, block by block, before head repetition.
package struct KeyValueCache: Sendable {
  package var blocks: [Block]

  /// Room for `capacity` tokens in each block; `width` is the number of key-value heads times the head width.
  package init(blockCount: Int, width: Int, capacity: Int) {
    blocks = Array(repeating: Block(width: width, capacity: capacity), count: blockCount)
  }

  package struct Block: Sendable {
    /// (capacity, width); rows from `count` on mean nothing.
    package private(set) var keys: Matrix
    package private(set) var values: Matrix
    package private(set) var count = 0

    init(width: Int, capacity: Int) {
      keys = Matrix(rows: capacity, columns: width)
      values = Matrix(rows: capacity, columns: width)
    }

    package init(keys: Matrix, values: Matrix) {
      precondition(keys.rowCount == values.rowCount && keys.columnCount == values.columnCount, "keys and values differ")
      self.keys = keys
      self.values = values
      count = keys.rowCount
    }

    /// Makes room for `capacity` tokens in all.
    mutating func reserve(capacity: Int) {
      guard capacity > keys.rowCount else { return }
      keys = keys.extended(toRows: capacity, keeping: count)
      values = values.extended(toRows: capacity, keeping: count)
    }

    package mutating func append(keys newKeys: Matrix, values newValues: Matrix) {
      precondition(count + newKeys.rowCount <= keys.rowCount, "the cache holds \(keys.rowCount) tokens")
      keys.replaceRows(from: count, by: newKeys)
      values.replaceRows(from: count, by: newValues)
      count += newKeys.rowCount
    }

    /// Forgets all but the first `count` tokens.
    package mutating func truncate(to count: Int) {
      precondition(count <= self.count, "\(self.count) tokens cannot become \(count)")
      self.count = count
    }
  }

  /// The number of tokens held by each block (they differ when each block chose a prompt of its own).
  package var counts: [Int] { blocks.map(\.count) }

  /// Makes room for `capacity` tokens in each block, and for twice as many as now where it is to grow at all.
  package mutating func reserve(capacity: Int) {
    for index in blocks.indices where blocks[index].keys.rowCount < capacity {
      blocks[index].reserve(capacity: max(capacity, 2 * blocks[index].keys.rowCount))
    }
  }

  /// Forgets what was appended since `counts` was read.
  package mutating func truncate(to counts: [Int]) {
    for (index, count) in counts.enumerated() { blocks[index].truncate(to: count) }
  }
}

extension Matrix {
  /// With so many rows, of which the first `kept` are these; the others are zeros.
  fileprivate func extended(toRows rowCount: Int, keeping kept: Int) -> Matrix {
    var result = Matrix(rows: rowCount, columns: columnCount)
    result.replaceRows(from: 0, by: rows(0..<kept))
    return result
  }
}
