import Tensors

/// GPTQ: quantizes a weight column by column, each time correcting the columns to come for the error made.
///
/// Source: Frantar et al. 2023, "GPTQ" (arXiv:2210.17323), Algorithm 1; `fasterquant` in IST-DASLab/gptq; `gptq.md`
/// section 2, whose letters are used here: W weight, H Hessian, U the upper Cholesky factor of its dampened inverse.
package struct GPTQ: Sendable, Equatable {
  package let bits: Int
  /// Columns that share a scale; nil: all columns of a row.
  package let groupSize: Int?
  package let blockSize: Int
  package let dampeningFraction: Float

  package init(
    bits: Int, groupSize: Int? = nil,
    blockSize: Int = 128,  // blocksize in IST-DASLab/gptq
    dampeningFraction: Float = 0.01  // percdamp in IST-DASLab/gptq
  ) {
    precondition((1...8).contains(bits) && blockSize > 0 && groupSize ?? 1 > 0, "GPTQ with impossible settings")
    self.bits = bits
    self.groupSize = groupSize
    self.blockSize = blockSize
    self.dampeningFraction = dampeningFraction
  }

  /// Rows that one piece of work takes: fixed, so that the bits do not depend on the number of threads.
  private static let rowsPerPiece = 64

  /// `weight` (out, in) quantized for inputs of that Hessian (in, in).
  ///
  /// Inputs that never fired have a zero on the Hessian's diagonal; it is taken as one, and their weights as zero.
  ///
  /// - Throws: the order of the failing minor when the dampened Hessian cannot be factorized.
  package func quantized(_ weight: Matrix, hessian: Hessian, workers: Workers) throws -> QuantizedMatrix {
    let columnCount = weight.columnCount
    var h = hessian.matrix
    precondition(h.rowCount == columnCount, "a Hessian of \(h.rowCount) for \(columnCount) columns")
    let dead = (0..<columnCount).filter { h[$0, $0] == 0 }
    for column in dead { h[column, column] = 1 }
    let meanDiagonal = (0..<columnCount).reduce(0.0) { $0 + Double(h[$1, $1]) } / Double(columnCount)
    let dampening = dampeningFraction * Float(meanDiagonal)
    for column in 0..<columnCount { h[column, column] += dampening }
    let u = try h.upperFactorOfInverse()

    let pieceCount = (weight.rowCount + Self.rowsPerPiece - 1) / Self.rowsPerPiece
    let pieces = try workers.map(pieceCount) { piece in
      let first = piece * Self.rowsPerPiece
      let rows = weight.rows(first..<min(first + Self.rowsPerPiece, weight.rowCount))
      return quantizedRows(rows, u: u, dead: dead)
    }
    return QuantizedMatrix(joining: pieces)
  }

  /// Rows are quantized independently of one another once U is known.
  private func quantizedRows(_ weight: Matrix, u: Matrix, dead: [Int]) -> QuantizedMatrix {
    let rowCount = weight.rowCount
    let columnCount = weight.columnCount
    let groupSize = self.groupSize ?? columnCount
    let groupCount = (columnCount + groupSize - 1) / groupSize
    var result = QuantizedMatrix(rows: rowCount, columns: columnCount, groupSize: groupSize, groupCount: groupCount)
    var grids: [QuantizationGrid] = []
    if self.groupSize == nil {
      // One grid a row, fitted to the unchanged weights: before those of dead inputs are cleared.
      weight.withElements { w in
        grids = (0..<rowCount).map { row in
          QuantizationGrid(fitting: slice(w, row * columnCount..<(row + 1) * columnCount), bits: bits)
        }
      }
      for row in 0..<rowCount { result.set(grids[row], row: row, group: 0) }
    }
    var w = weight
    for column in dead { for row in 0..<rowCount { w[row, column] = 0 } }

    for blockStart in stride(from: 0, to: columnCount, by: blockSize) {
      let block = blockStart..<min(blockStart + blockSize, columnCount)
      var errors = Matrix(uninitializedRows: rowCount, columns: block.count)
      var current = [Float](repeating: 0, count: block.count)
      for row in 0..<rowCount {
        w.withElements { w in
          for column in block { current[column - blockStart] = w[row * columnCount + column] }
        }
        var grid = grids.isEmpty ? nil : grids[row]
        if grids.isEmpty, blockStart % groupSize != 0 {
          grid = result.grid(row: row, group: blockStart / groupSize, bits: bits)
        }
        for column in block {
          if grids.isEmpty, column % groupSize == 0 {
            // A group that begins inside a block is fitted to weights that do not know of the block's corrections yet:
            // so does the reference.
            let group = w.withElements { w in
              QuantizationGrid(
                fitting: slice(
                  w, row * columnCount + column..<row * columnCount + min(column + groupSize, columnCount)),
                bits: bits)
            }
            result.set(group, row: row, group: column / groupSize)
            grid = group
          }
          guard let grid else { preconditionFailure("a column before its group") }
          let place = column - blockStart
          let value = current[place]
          let code = grid.code(of: value)
          let quantized = grid.value(of: code)
          let d = u[column, column]
          let error = (value - quantized) / d
          errors[row, place] = error
          result.set(code: code, value: quantized, row: row, column: column)
          result.error += Double(error) * Double(error) / 2
          u.withElements { u in
            let uRow = u.baseAddress.unsafelyUnwrapped + column * columnCount + blockStart
            current.withUnsafeMutableBufferPointer { current in
              for later in place + 1..<block.count { current[later] -= error * uRow[later] }
            }
          }
        }
      }
      if block.upperBound < columnCount {
        let rest = block.upperBound..<columnCount
        w.setProduct(errors.slice(), u.slice(rows: block, columns: rest), scale: -1, adding: true, columns: rest)
      }
    }
    return result
  }

  private func slice(_ elements: UnsafeBufferPointer<Float>, _ range: Range<Int>) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: elements[range])
  }
}
