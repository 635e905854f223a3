/// Storage for a matrix: floats on a 64-byte boundary (a cache line, and the widest vector), freed with the last user;
/// or floats that lie elsewhere, such as in a mapped file, and are only read.
@usableFromInline
final class AlignedFloats: @unchecked Sendable {
  // Unchecked: written only through a Matrix that holds the only reference (see `Matrix.makeUnique`).
  @usableFromInline let base: UnsafeMutablePointer<Float>
  @usableFromInline let count: Int
  /// What keeps floats in place that are not this object's own.
  private let owner: AnyObject?

  @usableFromInline var isWritable: Bool { owner == nil }

  @usableFromInline init(uninitialized count: Int) {
    self.count = count
    owner = nil
    base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(count, 1))
  }

  init(borrowing floats: UnsafeBufferPointer<Float>, owner: AnyObject) {
    count = floats.count
    self.owner = owner
    base = UnsafeMutablePointer(mutating: floats.baseAddress.unsafelyUnwrapped)
  }

  deinit {
    if isWritable { UnsafeMutableRawPointer(base).deallocate() }
  }
}

/// A row-major matrix of floats: a value, copied when written to while shared.
package struct Matrix: Sendable {
  package let rowCount: Int
  package let columnCount: Int
  @usableFromInline var storage: AlignedFloats

  /// Contents are whatever the memory held; for results that are written whole.
  @inlinable package init(uninitializedRows rowCount: Int, columns columnCount: Int) {
    precondition(rowCount >= 0 && columnCount >= 0, "a matrix of \(rowCount) × \(columnCount)")
    self.rowCount = rowCount
    self.columnCount = columnCount
    storage = AlignedFloats(uninitialized: rowCount * columnCount)
  }

  @inlinable package init(rows rowCount: Int, columns columnCount: Int, repeating value: Float = 0) {
    self.init(uninitializedRows: rowCount, columns: columnCount)
    storage.base.initialize(repeating: value, count: rowCount * columnCount)
  }

  /// `elements` in row order; their count must be `rowCount` × `columnCount`.
  package init(rows rowCount: Int, columns columnCount: Int, _ elements: some Collection<Float>) {
    precondition(
      elements.count == rowCount * columnCount, "\(elements.count) elements for \(rowCount) × \(columnCount)")
    self.init(uninitializedRows: rowCount, columns: columnCount)
    _ = UnsafeMutableBufferPointer(start: storage.base, count: elements.count).initialize(from: elements)
  }

  /// A matrix over floats that lie elsewhere, in row order; `owner` keeps them in place, and nobody writes to them.
  package init(
    rows rowCount: Int, columns columnCount: Int, borrowing floats: UnsafeBufferPointer<Float>,
    owner: any AnyObject & Sendable
  ) {
    precondition(floats.count == rowCount * columnCount, "\(floats.count) elements for \(rowCount) × \(columnCount)")
    self.rowCount = rowCount
    self.columnCount = columnCount
    storage = floats.isEmpty ? AlignedFloats(uninitialized: 0) : AlignedFloats(borrowing: floats, owner: owner)
  }

  @inlinable package var count: Int { rowCount * columnCount }

  /// All elements in row order.
  package var elements: [Float] { Array(UnsafeBufferPointer(start: storage.base, count: count)) }

  @usableFromInline mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage), storage.isWritable { return }
    let copy = AlignedFloats(uninitialized: count)
    copy.base.update(from: storage.base, count: count)
    storage = copy
  }

  @inlinable package subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount, "outside of the matrix")
      return storage.base[row * columnCount + column]
    }
    set {
      precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount, "outside of the matrix")
      makeUnique()
      storage.base[row * columnCount + column] = newValue
    }
  }

  /// The elements in row order, for reading.
  @inlinable package func withElements<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.base, count: count))
  }

  /// The elements in row order, for writing; nobody else's copy changes.
  @inlinable package mutating func withMutableElements<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: storage.base, count: count))
  }

  /// One row.
  package func row(_ index: Int) -> [Float] {
    precondition(index >= 0 && index < rowCount, "row \(index) of \(rowCount)")
    return Array(UnsafeBufferPointer(start: storage.base + index * columnCount, count: columnCount))
  }

  /// The rows of `range`, as a matrix of their own.
  package func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    let result = Matrix(uninitializedRows: range.count, columns: columnCount)
    result.storage.base.update(from: storage.base + range.lowerBound * columnCount, count: result.count)
    return result
  }

  /// These rows above those of `other`.
  package func stacked(on other: Matrix) -> Matrix {
    precondition(columnCount == other.columnCount, "\(columnCount) columns on \(other.columnCount)")
    let result = Matrix(uninitializedRows: rowCount + other.rowCount, columns: columnCount)
    result.storage.base.update(from: storage.base, count: count)
    (result.storage.base + count).update(from: other.storage.base, count: other.count)
    return result
  }

  /// The rows of the indices given, in their order.
  package func gatheringRows(_ indices: [Int]) -> Matrix {
    let result = Matrix(uninitializedRows: indices.count, columns: columnCount)
    for (row, index) in indices.enumerated() {
      precondition(index >= 0 && index < rowCount, "row \(index) of \(rowCount)")
      (result.storage.base + row * columnCount).update(from: storage.base + index * columnCount, count: columnCount)
    }
    return result
  }

  /// The columns of `range`, as a matrix of their own.
  package func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columnCount, "columns \(range) of \(columnCount)")
    let result = Matrix(uninitializedRows: rowCount, columns: range.count)
    for row in 0..<rowCount {
      (result.storage.base + row * range.count).update(
        from: storage.base + row * columnCount + range.lowerBound, count: range.count)
    }
    return result
  }

  /// The columns of the indices given, in their order.
  package func gatheringColumns(_ indices: [Int]) -> Matrix {
    precondition(indices.allSatisfy { (0..<columnCount).contains($0) }, "columns outside of the \(columnCount)")
    let result = Matrix(uninitializedRows: rowCount, columns: indices.count)
    for row in 0..<rowCount {
      let from = storage.base + row * columnCount
      let to = result.storage.base + row * indices.count
      for (place, index) in indices.enumerated() { to[place] = from[index] }
    }
    return result
  }

  /// Writes `source` over the columns from `first` on.
  package mutating func replaceColumns(from first: Int, by source: Matrix) {
    precondition(
      source.rowCount == rowCount && first >= 0 && first + source.columnCount <= columnCount,
      "\(source.rowCount) × \(source.columnCount) into \(rowCount) × \(columnCount) from column \(first)")
    makeUnique()
    for row in 0..<rowCount {
      (storage.base + row * columnCount + first).update(
        from: source.storage.base + row * source.columnCount, count: source.columnCount)
    }
  }

  /// Multiplies all elements by one number.
  package mutating func multiply(by factor: Float) {
    withMutableElements { for index in $0.indices { $0[index] *= factor } }
  }

  /// Writes `source` over the rows from `first` on.
  package mutating func replaceRows(from first: Int, by source: Matrix) {
    precondition(
      source.columnCount == columnCount && first >= 0 && first + source.rowCount <= rowCount,
      "\(source.rowCount) × \(source.columnCount) into \(rowCount) × \(columnCount) from row \(first)")
    makeUnique()
    (storage.base + first * columnCount).update(from: source.storage.base, count: source.count)
  }

  /// Writes zeros over the rows of these ranges.
  package mutating func clearRows(_ ranges: [Range<Int>]) {
    makeUnique()
    for range in ranges {
      precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
      (storage.base + range.lowerBound * columnCount).update(repeating: 0, count: range.count * columnCount)
    }
  }

  /// The mean of each column, taken in double precision.
  package func columnMeans() -> [Double] {
    var sums = [Double](repeating: 0, count: columnCount)
    for row in 0..<rowCount {
      for column in 0..<columnCount { sums[column] += Double(storage.base[row * columnCount + column]) }
    }
    return sums.map { $0 / Double(rowCount) }
  }

  /// self ⊙ other.
  package mutating func multiply(elementwise other: Matrix) {
    precondition(rowCount == other.rowCount && columnCount == other.columnCount, "matrices of different shapes")
    makeUnique()
    for index in 0..<count { storage.base[index] *= other.storage.base[index] }
  }

  /// The sum of each column (1, columns), row after row.
  package func columnSums() -> Matrix {
    let sums = Matrix(rows: 1, columns: columnCount)
    for row in 0..<rowCount {
      let from = storage.base + row * columnCount
      for column in 0..<columnCount { sums.storage.base[column] += from[column] }
    }
    return sums
  }

  /// Adds row i of `source` to row `indices[i]`, in the order of the indices.
  package mutating func addRows(_ source: Matrix, at indices: [Int]) {
    precondition(
      source.columnCount == columnCount && source.rowCount == indices.count,
      "\(source.rowCount) × \(source.columnCount) to \(indices.count) rows of \(columnCount)")
    makeUnique()
    for (row, index) in indices.enumerated() {
      precondition(index >= 0 && index < rowCount, "row \(index) of \(rowCount)")
      let (from, to) = (source.storage.base + row * columnCount, storage.base + index * columnCount)
      for column in 0..<columnCount { to[column] += from[column] }
    }
  }

  package var transposed: Matrix {
    let result = Matrix(uninitializedRows: columnCount, columns: rowCount)
    for row in 0..<rowCount {
      for column in 0..<columnCount {
        result.storage.base[column * rowCount + row] = storage.base[row * columnCount + column]
      }
    }
    return result
  }
}

extension Matrix: Equatable {
  /// Same shape and same bits: a NaN equals itself, and 0 differs from -0.
  package static func == (left: Matrix, right: Matrix) -> Bool {
    guard left.rowCount == right.rowCount, left.columnCount == right.columnCount else { return false }
    return (0..<left.count).allSatisfy { left.storage.base[$0].bitPattern == right.storage.base[$0].bitPattern }
  }
}
