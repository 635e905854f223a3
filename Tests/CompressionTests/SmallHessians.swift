import Compression
import Tensors
import TestModels

enum SmallHessians {
  /// The Hessian of random inputs that have something in common; those of `dead` are always zero.
  static func random(_ width: Int, tokens: Int = 60, dead: Set<Int> = [], seed: UInt64 = 3) -> Hessian {
    var hessian = Hessian(width: width)
    for sequence in 0..<2 as Range<UInt64> {
      hessian.add(correlatedInputs(tokens, width, dead: dead, seed: seed + sequence))
    }
    return hessian
  }

  static func correlatedInputs(_ tokens: Int, _ width: Int, dead: Set<Int> = [], seed: UInt64) -> Matrix {
    var inputs = randomMatrix(tokens, width, seed: 100 + seed)
    let common = randomMatrix(tokens, 1, seed: 200 + seed)
    for token in 0..<tokens {
      for column in 0..<width {
        inputs[token, column] = dead.contains(column) ? 0 : inputs[token, column] + common[token, 0]
      }
    }
    return inputs
  }

  /// A multiple of the identity.
  static func identity(_ width: Int) -> Hessian {
    var hessian = Hessian(width: width)
    var input = Matrix(rows: width, columns: width)
    for column in 0..<width { input[column, column] = 1 }
    hessian.add(input)
    return hessian
  }
}

extension LayerCompressor {
  func compressed(_ weight: Matrix, hessian: Hessian, threadCount: Int = 1) throws -> CompressedMatrix {
    try compressed(weight, for: .hessian(hessian), workers: Workers(threadCount: threadCount))
  }
}

extension CompressedMatrix {
  var codes: [UInt8] { quantization?.codes ?? [] }
  var scales: [Float] { quantization?.scales.elements ?? [] }
  var zeros: [Float] { quantization?.zeros.elements ?? [] }
}
