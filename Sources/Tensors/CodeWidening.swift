internal import CKernels

/// The grids of some outputs of a matrix of codes: the values are scale · (code - zero).
package struct OutputGrids: Sendable {
  package let outputs: Range<Int>
  /// (groups, outputs)
  package let scales: Matrix
  /// (groups, outputs): whole numbers.
  package let zeros: Matrix

  package init(outputs: Range<Int>, scales: Matrix, zeros: Matrix) {
    precondition(
      scales.columnCount == outputs.count && zeros.columnCount == outputs.count && scales.rowCount == zeros.rowCount,
      "scales of \(scales.rowCount) × \(scales.columnCount), zeros of \(zeros.rowCount) × \(zeros.columnCount)")
    self.outputs = outputs
    self.scales = scales
    self.zeros = zeros
  }
}

/// The values (outputs, inputs) of the outputs that `grids` are for.
///
/// The difference in scale · (code - zero) is exact, so each value is rounded once: the same bits, however outputs are
/// cut into stretches, and on every processor.
///
/// - Parameters:
///   - words: (inputs · bits / 32, `outputCount`), little-endian, 32 bits each, which need not be aligned. An output's
///     words, one below the other, are a stream of bits, the lowest first, of which each input takes the next `bits`.
///   - bits: 2, 3, 4 or 8.
///   - groups: the group of each input, below the number of the grids' groups.
package func widenCodes(
  _ words: UnsafeRawBufferPointer, outputCount: Int, bits: Int, groups: [Int32], grids: OutputGrids
) -> Matrix {
  let outputs = grids.outputs
  precondition(
    [2, 3, 4, 8].contains(bits) && words.count == groups.count * bits / 32 * outputCount * 4
      && groups.count * bits % 32 == 0,
    "\(words.count) bytes for \(groups.count) × \(outputCount) codes of \(bits) bits")
  precondition(
    outputs.lowerBound >= 0 && outputs.upperBound <= outputCount, "outputs \(outputs) of \(outputCount)")
  precondition(
    groups.allSatisfy { $0 >= 0 && $0 < grids.scales.rowCount }, "a group beyond the \(grids.scales.rowCount) there are"
  )
  var values = Matrix(uninitializedRows: outputs.count, columns: groups.count)
  guard let start = words.baseAddress, !outputs.isEmpty else { return values }
  values.withMutableElements { values in
    grids.scales.withElements { scales in
      grids.zeros.withElements { zeros in
        groups.withUnsafeBufferPointer { groups in
          recollect_widen_codes(
            start + 4 * outputs.lowerBound, outputCount, Int32(bits), groups.baseAddress, scales.baseAddress,
            zeros.baseAddress, values.baseAddress, outputs.count, groups.count)
        }
      }
    }
  }
  return values
}
