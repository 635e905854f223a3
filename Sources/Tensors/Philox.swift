internal import CKernels
import Glibc

/// Philox4x32-10: a keyed bijection of 128-bit counters that looks random, so that any number of a sequence can be had
/// without those before it.
///
/// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3; Random123, philox.h.
package enum Philox4x32 {
  /// The four words for one counter and key.
  @inlinable package static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for _ in 0..<10 {
      let first = UInt64(counter[0]) * 0xD251_1F53
      let second = UInt64(counter[2]) * 0xCD9E_8D57
      counter = SIMD4(
        UInt32(second >> 32) ^ counter[1] ^ key[0], UInt32(truncatingIfNeeded: second),
        UInt32(first >> 32) ^ counter[3] ^ key[1], UInt32(truncatingIfNeeded: first))
      key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)  // the golden ratio, and √3 - 1
    }
    return counter
  }
}

/// The random numbers of one purpose: the i-th is a function of (seed, purpose, index, i) and of nothing else, so that
/// neither the order of the work nor a new consumer of random numbers changes what the others draw.
///
/// `index` tells the streams of one purpose apart: the layer, the epoch, the sample. Each draw takes the Philox block of
/// its own position, whatever its kind; `next…` draws at the position reached and moves on by one.
///
/// The key is the first half of the Philox block of (64-bit FNV-1a of the purpose's UTF-8, 0) under the seed; the
/// counter is (position, index).
package struct RandomStream: Sendable {
  /// Draws so far, and so the position of the next one.
  package private(set) var position: UInt64 = 0
  private let key: SIMD2<UInt32>
  private let index: UInt64

  /// Positions end here: the upper byte of the counter's half counts the attempts of a draw with rejection.
  private static let positionBits: UInt64 = 56

  package init(seed: UInt64, purpose: String, index: UInt64 = 0) {
    let hash = Self.fnv1a(purpose)
    let block = Philox4x32.block(
      counter: SIMD4(hash.lowWord, hash.highWord, 0, 0), key: SIMD2(seed.lowWord, seed.highWord))
    key = SIMD2(block[0], block[1])
    self.index = index
  }

  /// The 64-bit FNV-1a hash of the text's UTF-8.
  ///
  /// Source: Fowler, Noll & Vo, "The FNV Non-Cryptographic Hash Algorithm" (RFC 9923).
  package static func fnv1a(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private func block(at position: UInt64, attempt: UInt64 = 0) -> SIMD4<UInt32> {
    precondition(position >> Self.positionBits == 0, "position \(position) lies past the end of the stream")
    let low = position | attempt << Self.positionBits
    return Philox4x32.block(counter: SIMD4(low.lowWord, low.highWord, index.lowWord, index.highWord), key: key)
  }

  private mutating func advance() -> UInt64 {
    defer { position += 1 }
    return position
  }
}

// MARK: By position

extension RandomStream {
  /// A uniform number in [0, 1), a multiple of 2⁻²⁴.
  package func uniform(at position: UInt64) -> Float {
    Float(block(at: position)[0] >> 8) * 0x1p-24
  }

  /// A uniform number in `range`, its upper end excluded.
  package func uniform(in range: Range<Float>, at position: UInt64) -> Float {
    precondition(!range.isEmpty, "a number from an empty range")
    let width = Double(range.upperBound) - Double(range.lowerBound)
    let value = Float(Double(range.lowerBound) + width * Double(uniform(at: position)))
    return min(value, range.upperBound.nextDown)  // rounding may have reached the end
  }

  /// A standard normal number, of at most 8.6 in magnitude.
  ///
  /// Source: Box & Muller 1958: the cosine of the pair, from two uniform numbers of 53 bits, in double precision.
  package func normal(at position: UInt64) -> Float {
    let block = block(at: position)
    let radius = (-2 * log(Double(UInt64(low: block[0], high: block[1]) >> 11 + 1) * 0x1p-53)).squareRoot()
    let turn = Double(UInt64(low: block[2], high: block[3]) >> 11) * 0x1p-53
    return Float(radius * cos(2 * Double.pi * turn))
  }

  /// A uniform integer in 0..<`bound`, every one exactly equally likely.
  ///
  /// Source: Lemire 2019, "Fast random integer generation in an interval" (arXiv:1805.10941), Algorithm 5.
  package func integer(below bound: Int, at position: UInt64) -> Int {
    precondition(bound > 0, "an integer below \(bound)")
    let bound = UInt64(bound)
    let rejectedBelow = (0 &- bound) % bound  // 2⁶⁴ mod bound
    for attempt in 0..<UInt64(256) {
      let block = block(at: position, attempt: attempt)
      for word in [UInt64(low: block[0], high: block[1]), UInt64(low: block[2], high: block[3])] {
        let product = word.multipliedFullWidth(by: bound)
        if product.low >= rejectedBelow { return Int(product.high) }
      }
    }
    // Each of 512 words is rejected with probability below one half.
    preconditionFailure("512 rejections in a row")
  }

  /// A random order of 0..<`count`, from the draws at `position` and the `count` - 2 after it.
  ///
  /// Source: Fisher & Yates, as in Knuth, TAOCP volume 2, algorithm 3.4.2P.
  package func permutation(of count: Int, at position: UInt64) -> [Int] {
    var order = Array(0..<count)
    var position = position
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1, at: position))
      position += 1
    }
    return order
  }
}

// MARK: In sequence

extension RandomStream {
  /// A uniform number in [0, 1), a multiple of 2⁻²⁴.
  package mutating func nextUniform() -> Float { uniform(at: advance()) }

  /// A uniform number in `range`, its upper end excluded.
  package mutating func nextUniform(in range: Range<Float>) -> Float { uniform(in: range, at: advance()) }

  /// A standard normal number.
  package mutating func nextNormal() -> Float { normal(at: advance()) }

  /// A uniform integer in 0..<`bound`.
  package mutating func nextInteger(below bound: Int) -> Int { integer(below: bound, at: advance()) }

  /// A random order of 0..<`count`; moves on by `count` - 1 draws.
  package mutating func nextPermutation(of count: Int) -> [Int] {
    defer { position += UInt64(max(count - 1, 0)) }
    return permutation(of: count, at: position)
  }
}

// MARK: For a whole matrix

extension RandomStream {
  /// The matrix with each number taken as zero with a probability of `rate`, and else divided by that of the opposite. Number
  /// i depends on word i mod 4 of the block at position i / 4; the position reached does not matter.
  package func dropping(_ rate: Double, of x: Matrix) -> Matrix {
    precondition(rate >= 0 && rate < 1 && x.count >> 34 == 0, "\(rate) of \(x.count) numbers are to be dropped")
    var result = Matrix(uninitializedRows: x.rowCount, columns: x.columnCount)
    result.withMutableElements { result in
      x.withElements {
        recollect_drop(
          $0.baseAddress, result.baseAddress, $0.count, [key[0], key[1]], [index.lowWord, index.highWord],
          UInt32(rate * 0x1p32), Float(1 / (1 - rate)))
      }
    }
    return result
  }
}

extension UInt64 {
  fileprivate init(low: UInt32, high: UInt32) { self = UInt64(high) << 32 | UInt64(low) }
  fileprivate var lowWord: UInt32 { UInt32(truncatingIfNeeded: self) }
  fileprivate var highWord: UInt32 { UInt32(self >> 32) }
}
