import Tensors

/// Goes through a weight's columns block by block, compresses them, and corrects those behind them for the errors made:
/// what GPTQ and SparseGPT have in common. `HessianFactor` tells how the corrections are found.
struct ColumnSweep {
  let factor: HessianFactor
  let blocks: [Range<Int>]
  let quantizer: Quantizer?
  /// Whether the grids of groups are fitted to the weights as they were given, before any correction, and groups are of
  /// neighbouring columns even where columns are taken in another order.
  let hasStaticGroups: Bool
  /// Of each block, U_BB.
  private let feedbacks: [Matrix]
  private let pieces: [RowPiece]
  private let weight: Matrix

  /// Rows that one piece of work takes: fixed, so that the bits do not depend on the number of threads.
  private static let rowsPerPiece = 256

  init(
    _ weight: Matrix, factor: HessianFactor, blockSize: Int, quantizer: Quantizer?, hasStaticGroups: Bool = false,
    workers: Workers
  ) throws {
    let columnCount = weight.columnCount
    precondition(factor.order.count == columnCount, "a Hessian of \(factor.order.count) for \(columnCount) columns")
    self.weight = weight
    self.factor = factor
    self.quantizer = quantizer
    self.hasStaticGroups = hasStaticGroups
    let blocks = stride(from: 0, to: columnCount, by: blockSize).map { $0..<min($0 + blockSize, columnCount) }
    self.blocks = blocks
    feedbacks = try workers.map(blocks.count) { factor.r.inverseOfUpperTriangle(blocks[$0]) }
    let rowCount = weight.rowCount
    pieces = try workers.map((rowCount + Self.rowsPerPiece - 1) / Self.rowsPerPiece) { piece in
      let first = piece * Self.rowsPerPiece
      return RowPiece(
        weight, rows: first..<min(first + Self.rowsPerPiece, rowCount), factor: factor, quantizer: quantizer,
        hasStaticGroups: hasStaticGroups)
    }
  }

  var pieceCount: Int { pieces.count }

  /// U's diagonal in a block.
  func diagonal(block: Int) -> [Float] { (0..<blocks[block].count).map { feedbacks[block][$0, $0] } }

  /// The columns of a block for the rows of a piece, corrected for all columns before the block: (rows, block). To be
  /// called once for each block and piece, the blocks in their order.
  func corrected(block: Int, piece: Int) -> Matrix {
    let piece = pieces[piece]
    let columns = blocks[block]
    let corrected = piece.corrected(columns, factor: factor, feedback: feedbacks[block])
    if let quantizer, !hasStaticGroups, let groupSize = quantizer.groupSize {
      piece.fitGroups(quantizer, groupSize, beginningIn: columns, corrected, factor: factor)
    }
    return corrected
  }

  /// Compresses a block's columns, as `corrected` gave them.
  func compress(block: Int, piece: Int, _ corrected: Matrix, removal: CompressedColumns.Removal) {
    let columns = blocks[block]
    let grids = quantizer.map { pieces[piece].grids.grids($0, groups: columns.map { group(of: $0) }) }
    let compressed = CompressedColumns(corrected, feedback: feedbacks[block], grids: grids, removal: removal)
    pieces[piece].store(compressed, columns: columns, factor: factor)
  }

  /// The group of a column, by its place in the order.
  private func group(of place: Int) -> Int {
    guard let groupSize = quantizer?.groupSize else { return 0 }
    return (hasStaticGroups ? factor.order[place] : place) / groupSize
  }

  /// All rows, when every block of every piece is compressed.
  func result(pattern: SparsityPattern?) -> CompressedMatrix {
    var values = Matrix(uninitializedRows: weight.rowCount, columns: weight.columnCount)
    for piece in pieces { values.replaceRows(from: piece.rows.lowerBound, by: piece.values) }
    // Back from the order in which the columns were compressed.
    var places = [Int](repeating: 0, count: weight.columnCount)
    for (place, column) in factor.order.enumerated() { places[column] = place }
    if factor.isReordered { values = values.gatheringColumns(places) }
    var quantization: CompressedMatrix.Quantization?
    if let quantizer {
      let groupCount = quantizer.groupCount(columns: weight.columnCount)
      var scales = Matrix(uninitializedRows: weight.rowCount, columns: groupCount)
      var zeros = scales
      for piece in pieces {
        scales.replaceRows(from: piece.rows.lowerBound, by: piece.grids.scales)
        zeros.replaceRows(from: piece.rows.lowerBound, by: piece.grids.zeros)
      }
      var codes = pieces.reduce(into: [UInt8]()) { $0 += $1.codes }
      if factor.isReordered {
        let swept = codes
        for start in stride(from: 0, to: swept.count, by: places.count) {
          for (column, place) in places.enumerated() { codes[start + column] = swept[start + place] }
        }
      }
      quantization = CompressedMatrix.Quantization(
        quantizer: quantizer, codes: codes, scales: scales, zeros: zeros, groups: places.map(group(of:)),
        order: factor.order)
    }
    return CompressedMatrix(
      weight: values, quantization: quantization, pattern: pattern,
      error: pieces.flatMap(\.losses).reduce(0, +) / 2)
  }
}

/// Some rows of a weight on their way through the blocks.
///
/// Unchecked: a piece is worked on by one thread at a time, that which has its number in `Workers.map`.
private final class RowPiece: @unchecked Sendable {
  let rows: Range<Int>
  /// What was given, with zeros for dead inputs: (rows, columns), in the order in which columns are compressed.
  private let given: Matrix
  /// (W - Q) R over the columns compressed so far, for the columns behind them.
  private var passedOn: Matrix
  private(set) var grids: GridTable
  /// (rows, columns), in the order in which columns are compressed, as are the codes.
  private(set) var values: Matrix
  private(set) var codes: [UInt8]
  private(set) var losses: [Double]

  init(_ weight: Matrix, rows: Range<Int>, factor: HessianFactor, quantizer: Quantizer?, hasStaticGroups: Bool) {
    let columnCount = weight.columnCount
    self.rows = rows
    var own = weight.rows(rows)
    grids = GridTable(rows: rows.count, groups: quantizer?.groupCount(columns: columnCount) ?? 0)
    // One grid a row is fitted to the unchanged weights, before those of dead inputs are cleared; those of groups after.
    if let quantizer, quantizer.groupSize == nil { grids = GridTable(fitting: own, by: quantizer) }
    for column in factor.dead { for row in 0..<rows.count { own[row, column] = 0 } }
    if let quantizer, quantizer.groupSize != nil, hasStaticGroups { grids = GridTable(fitting: own, by: quantizer) }
    given = factor.isReordered ? own.gatheringColumns(factor.order) : own
    passedOn = Matrix(rows: rows.count, columns: columnCount)
    values = Matrix(uninitializedRows: rows.count, columns: columnCount)
    codes = Array(repeating: 0, count: quantizer == nil ? 0 : rows.count * columnCount)
    losses = Array(repeating: 0, count: rows.count)
  }

  func corrected(_ columns: Range<Int>, factor: HessianFactor, feedback: Matrix) -> Matrix {
    var result = given.columns(columns)
    if columns.lowerBound > 0 {
      result.setProduct(passedOn.slice(columns: columns), feedback.slice(), adding: true)
    }
    return result
  }

  /// Fits the grids of the groups that begin in a block to the weights as they are before it. A group that begins inside
  /// it does not know of the corrections made there: so does the reference.
  func fitGroups(
    _ quantizer: Quantizer, _ groupSize: Int, beginningIn block: Range<Int>, _ corrected: Matrix, factor: HessianFactor
  ) {
    let firstGroup = (block.lowerBound + groupSize - 1) / groupSize
    let groups = firstGroup..<max((block.upperBound + groupSize - 1) / groupSize, firstGroup)
    guard !groups.isEmpty else { return }
    let end = min(groups.upperBound * groupSize, given.columnCount)
    var known = corrected
    if end > block.upperBound {
      let columns = block.lowerBound..<end
      known = self.corrected(columns, factor: factor, feedback: factor.r.inverseOfUpperTriangle(columns))
    }
    for group in groups {
      let start = group * groupSize - block.lowerBound
      grids.fit(quantizer, to: known, columns: start..<min(start + groupSize, known.columnCount), group: group)
    }
  }

  func store(_ compressed: CompressedColumns, columns: Range<Int>, factor: HessianFactor) {
    let width = given.columnCount
    values.replaceColumns(from: columns.lowerBound, by: compressed.values)
    if !codes.isEmpty {
      codes.withUnsafeMutableBufferPointer { codes in
        for row in 0..<rows.count {
          let own = compressed.codes[row * columns.count..<(row + 1) * columns.count]
          _ = UnsafeMutableBufferPointer(
            rebasing: codes[row * width + columns.lowerBound..<row * width + columns.upperBound]
          )
          .update(fromContentsOf: own)
        }
      }
    }
    for (row, loss) in compressed.losses.enumerated() { losses[row] += loss }
    guard columns.upperBound < width else { return }
    var difference = given.columns(columns)
    compressed.values.withElements { found in
      difference.withMutableElements { for index in $0.indices { $0[index] -= found[index] } }
    }
    let rest = columns.upperBound..<width
    passedOn.setProduct(
      difference.slice(), factor.r.slice(rows: columns, columns: rest), adding: true, columns: rest)
  }
}
