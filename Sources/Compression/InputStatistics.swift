import Tensors

/// What is gathered of a linear layer's inputs.
package enum InputStatistics: Sendable {
  case nothing
  case columnNorms(ColumnNorms)
  case hessian(Hessian)

  package enum Kind: Sendable {
    case nothing
    case columnNorms
    case hessian
  }

  package init(_ kind: Kind, width: Int) {
    switch kind {
    case .nothing: self = .nothing
    case .columnNorms: self = .columnNorms(ColumnNorms(width: width))
    case .hessian: self = .hessian(Hessian(width: width))
    }
  }

  /// Adds the inputs (T, in) of one sequence.
  package mutating func add(_ input: Matrix) {
    switch self {
    case .nothing: break
    case .columnNorms(var norms):
      self = .nothing
      norms.add(input)
      self = .columnNorms(norms)
    case .hessian(var hessian):
      // Not held twice while it is written to, or all of it would be copied.
      self = .nothing
      hessian.add(input)
      self = .hessian(hessian)
    }
  }

  /// Of each input, a number that is zero where it never fired and not finite where one of its values was not; nil where
  /// nothing was gathered.
  var energies: [Float]? {
    switch self {
    case .nothing: nil
    case .columnNorms(let norms): norms.meanSquares
    case .hessian(let hessian): hessian.diagonal
    }
  }
}

/// Of each input, the mean over sequences of its squares' sum over tokens.
///
/// Source: `WrappedGPT` in locuslab/wanda's layerwrapper.py, where it is `scaler_row`; `sparsegpt.md` section 3.
package struct ColumnNorms: Sendable {
  package private(set) var meanSquares: [Float]
  package private(set) var sequenceCount = 0

  package init(width: Int) { meanSquares = Array(repeating: 0, count: width) }

  /// Adds the inputs (T, in) of one sequence.
  package mutating func add(_ input: Matrix) {
    precondition(input.columnCount == meanSquares.count, "inputs of \(input.columnCount) for \(meanSquares.count)")
    var sums = [Double](repeating: 0, count: input.columnCount)
    input.withElements { x in
      for start in stride(from: 0, to: x.count, by: sums.count) {
        for column in sums.indices { sums[column] += Double(x[start + column]) * Double(x[start + column]) }
      }
    }
    let before = Float(sequenceCount)
    sequenceCount += 1
    let count = Float(sequenceCount)
    for column in meanSquares.indices {
      // The reference takes the root and squares it again, in floats.
      let norm = Float(sums[column].squareRoot())
      meanSquares[column] = meanSquares[column] * (before / count) + norm * norm / count
    }
  }
}
