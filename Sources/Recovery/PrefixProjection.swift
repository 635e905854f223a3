import Glibc
import Tensors
import Training

/// The reparametrization of a prefix: table = tanh(E W₁ᵀ + b₁) W₂ᵀ + b₂, with a row of E for each token.
///
/// Source: Li and Liang 2021 (arXiv:2101.00190), section 4.3; PEFT 0.5's `PrefixEncoder`.
struct PrefixProjection {
  private let embedding: Matrix  // (t, G · D)
  private let first: Matrix  // W₁ (width, G · D)
  private let firstBias: Matrix  // b₁ (1, width)
  private let second: Matrix  // W₂ (2 · L · G · D, width)
  private let secondBias: Matrix  // b₂ (1, 2 · L · G · D)

  /// As PEFT's modules name and start them: E normal, the layers uniform in ±1/√in.
  static func initialParameters(
    tokenCount: Int, width: Int, innerWidth: Int, tableWidth: Int, seed: UInt64
  ) -> ParameterSet {
    func layer(_ name: String, _ rowCount: Int, _ columnCount: Int, index: UInt64) -> [(name: String, value: Matrix)] {
      let bound = 1 / Float(columnCount).squareRoot()
      var stream = RandomStream(seed: seed, purpose: "prefix projection", index: index)
      return [
        (name + ".weight", stream.nextUniforms(rowCount, columnCount, bound: bound)),
        (name + ".bias", stream.nextUniforms(1, rowCount, bound: bound)),
      ]
    }
    var stream = RandomStream(seed: seed, purpose: "prefix embedding", index: UInt64(tokenCount))
    return ParameterSet(
      [("embedding.weight", stream.nextNormals(tokenCount, width, standardDeviation: 1))]
        + layer("transform.0", innerWidth, width, index: 0) + layer("transform.2", tableWidth, innerWidth, index: 1))
  }

  /// Of parameters in the order of `initialParameters`.
  init(_ parameters: ParameterSet) {
    let values = parameters.values
    precondition(values.count == 5, "\(values.count) parameters of a projection")
    (embedding, first, firstBias, second, secondBias) = (values[0], values[1], values[2], values[3], values[4])
  }

  /// (t, width)
  private var activated: Matrix {
    var inner = Matrix(uninitializedRows: embedding.rowCount, columns: first.rowCount)
    inner.fillRows(with: firstBias.elements)
    inner.setProduct(embedding.slice(), first.slice(), rightTransposed: true, adding: true)
    // In double precision, whose last bits no library agrees about, but whose rounding to floats they do.
    inner.withMutableElements { for index in $0.indices { $0[index] = Float(tanh(Double($0[index]))) } }
    return inner
  }

  /// (t, 2 · L · G · D)
  var table: Matrix {
    var table = Matrix(uninitializedRows: embedding.rowCount, columns: second.rowCount)
    table.fillRows(with: secondBias.elements)
    table.setProduct(activated.slice(), second.slice(), rightTransposed: true, adding: true)
    return table
  }

  /// From the gradient of the table to those of the parameters, in their order.
  func backward(_ gradient: Matrix) -> [Matrix] {
    let activated = activated
    var innerGradient = gradient.times(second)
    innerGradient.withMutableElements { inner in
      // tanh′ = 1 - tanh²
      activated.withElements { for index in inner.indices { inner[index] *= 1 - $0[index] * $0[index] } }
    }
    return [
      innerGradient.times(first), innerGradient.transposedTimes(embedding), innerGradient.columnSums,
      gradient.transposedTimes(activated), gradient.columnSums,
    ]
  }
}

extension Matrix {
  fileprivate var columnSums: Matrix {
    Matrix(rows: 1, columns: columnCount, columnMeans().map { Float($0 * Double(rowCount)) })
  }
}
