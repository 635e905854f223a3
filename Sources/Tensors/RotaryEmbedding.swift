internal import CKernels
import Glibc

/// Rotary position embedding in the half-split form of the Hugging Face Llama: channels j and j + D/2 of a head turn by
/// position · θ^(-2j/D).
///
/// Source: Su et al. 2021 (arXiv:2104.09864); `architectures.md` section 1.
package struct RotaryEmbedding: Sendable {
  package let headWidth: Int
  private let inverseFrequencies: [Float]

  /// `headWidth` D must be even.
  package init(headWidth: Int, theta: Double) {
    precondition(headWidth % 2 == 0, "a head of odd width \(headWidth) cannot be rotated")
    self.headWidth = headWidth
    inverseFrequencies = (0..<headWidth / 2).map { j in
      1 / Float(pow(theta, Double(2 * j) / Double(headWidth)))
    }
  }

  /// The cosines and sines for the positions of a run of tokens, to be used for every layer of a pass.
  package func angles(at positions: some Collection<Int>) -> RotaryAngles {
    // Of a known type: a loop over whatever collection it is takes many times as long.
    let positions = Array(positions)
    let half = headWidth / 2
    var cosines = [Float](repeating: 0, count: positions.count * half)
    var sines = cosines
    for (row, position) in positions.enumerated() {
      for j in 0..<half {
        // The reference takes the product in single precision; cosine and sine of it are then exact enough either way.
        let angle = Double(Float(position) * inverseFrequencies[j])
        cosines[row * half + j] = Float(cos(angle))
        sines[row * half + j] = Float(sin(angle))
      }
    }
    return RotaryAngles(headWidth: headWidth, count: positions.count, cosines: cosines, sines: sines)
  }
}

/// Cosines and sines for a run of positions.
package struct RotaryAngles: Sendable {
  package let headWidth: Int
  package let count: Int
  private let cosines: [Float]
  private let sines: [Float]

  fileprivate init(headWidth: Int, count: Int, cosines: [Float], sines: [Float]) {
    self.headWidth = headWidth
    self.count = count
    self.cosines = cosines
    self.sines = sines
  }

  /// Those of the positions from the `first`-th on.
  package func suffix(from first: Int) -> RotaryAngles {
    let start = first * headWidth / 2
    return RotaryAngles(
      headWidth: headWidth, count: count - first, cosines: Array(cosines[start...]), sines: Array(sines[start...]))
  }

  /// Rotates the heads of x (T, heads · D) in place, row t by the angle of the t-th position; back again when
  /// `inverse`, which is also the backward pass.
  package func rotate(_ x: inout Matrix, inverse: Bool = false) {
    precondition(x.rowCount == count, "\(x.rowCount) rows, angles for \(count)")
    let width = x.columnCount
    precondition(width % headWidth == 0, "\(width) channels are no whole number of heads of \(headWidth)")
    let half = headWidth / 2
    let sign: Float = inverse ? -1 : 1
    x.withMutableElements { x in
      cosines.withUnsafeBufferPointer { cosines in
        sines.withUnsafeBufferPointer { sines in
          guard let x = x.baseAddress, let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
          for row in 0..<count {
            for head in stride(from: row * width, to: (row + 1) * width, by: headWidth) {
              recollect_rotate(x + head, cosines + row * half, sines + row * half, sign, half)
            }
          }
        }
      }
    }
  }
}
