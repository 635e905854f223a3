internal import CKernels

extension Matrix {
  /// silu(gate) ⊙ up, element by element: the inner activation of a SwiGLU layer.
  package static func gated(_ gate: Matrix, _ up: Matrix) -> Matrix {
    precondition(gate.rowCount == up.rowCount && gate.columnCount == up.columnCount, "gate and up differ in shape")
    var result = Matrix(uninitializedRows: gate.rowCount, columns: gate.columnCount)
    let count = gate.count
    gate.withElements { gate in
      up.withElements { up in
        result.withMutableElements { result in
          recollect_gate(gate.baseAddress, up.baseAddress, result.baseAddress, count)
        }
      }
    }
    return result
  }

  /// The gradients of `gated(gate, up)` with respect to gate and up.
  ///
  /// With s = sigmoid(g): d/dg [g s u] = u s (1 + g (1 - s)), d/du = g s.
  package static func gatedGradient(_ gradient: Matrix, gate: Matrix, up: Matrix) -> (gate: Matrix, up: Matrix) {
    var gateGradient = Matrix(uninitializedRows: gate.rowCount, columns: gate.columnCount)
    var upGradient = Matrix(uninitializedRows: gate.rowCount, columns: gate.columnCount)
    let count = gate.count
    gradient.withElements { gradient in
      gate.withElements { gate in
        up.withElements { up in
          gateGradient.withMutableElements { gateGradient in
            upGradient.withMutableElements { upGradient in
              recollect_gate_gradient(
                gradient.baseAddress, gate.baseAddress, up.baseAddress, gateGradient.baseAddress,
                upGradient.baseAddress, count)
            }
          }
        }
      }
    }
    return (gateGradient, upGradient)
  }

  /// max(self, 0), element by element; a NaN stays one.
  package func rectified() -> Matrix {
    var result = Matrix(uninitializedRows: rowCount, columns: columnCount)
    let count = count
    result.withMutableElements { result in
      withElements { x in
        for index in 0..<count { result[index] = x[index] < 0 ? 0 : x[index] }
      }
    }
    return result
  }

  /// The gradient with respect to x of `x.rectified()`, from that of its result: zero where the result is.
  package static func rectifiedGradient(_ gradient: Matrix, result: Matrix) -> Matrix {
    var inputGradient = gradient
    let count = gradient.count
    inputGradient.withMutableElements { inputGradient in
      result.withElements { result in
        for index in 0..<count { inputGradient[index] = result[index] > 0 ? inputGradient[index] : 0 }
      }
    }
    return inputGradient
  }

  /// Writes `row` over every row.
  package mutating func fillRows(with row: [Float]) {
    precondition(row.count == columnCount, "\(row.count) elements for \(columnCount) columns")
    let (rowCount, columnCount) = (rowCount, columnCount)
    withMutableElements { elements in
      row.withUnsafeBufferPointer { row in
        guard let elements = elements.baseAddress, let row = row.baseAddress else { return }
        for index in 0..<rowCount { (elements + index * columnCount).update(from: row, count: columnCount) }
      }
    }
  }

  /// self + other, in place; where other has fewer rows, to the last of these.
  package mutating func add(_ other: Matrix, toLastRows: Bool = false) {
    precondition(
      (toLastRows ? rowCount >= other.rowCount : rowCount == other.rowCount) && columnCount == other.columnCount,
      "sum of different shapes")
    let (first, count) = (count - other.count, other.count)
    withMutableElements { elements in
      other.withElements { other in
        guard let elements = elements.baseAddress, let other = other.baseAddress else { return }
        recollect_add(elements + first, other, count)
      }
    }
  }
}
