import Glibc

/// Why a random draw is impossible. Each of these raises ValueError or IndexError in CPython.
package enum RandomError: Error, Equatable {
  /// A seed must be a decimal integer: an optional sign, then digits.
  case malformedSeed(String)
  /// No integer lies in `lower...upper`.
  case emptyRange(lower: Int, upper: Int)
  case emptyPopulation
  case sampleTooLarge(count: Int, population: Int)
  /// More bits than a draw returns, or fewer than none.
  case unsupportedBitCount(Int)
}

/// CPython 3.11's `random.Random`, draw for draw: the reference harness shuffles, samples and resamples with it.
///
/// Methods carry CPython's names, since each is a copy of that one: the same seed and the same calls in the same order
/// give the same numbers.
///
/// Source: Matsumoto & Nishimura 1998, "Mersenne Twister" (MT19937); CPython 3.11, Modules/_randommodule.c for the
/// words, Lib/random.py for all that is made of them.
package struct MersenneTwister: Sendable {
  @usableFromInline static let wordCount = 624
  @usableFromInline var words: [UInt32]
  @usableFromInline var position = Self.wordCount
  private var secondGaussian: Double?

  /// `random.Random(seed)`.
  package init(seed: Int) {
    self.init(key: Self.keyWords(of: UInt64(seed.magnitude)))
  }

  /// `random.Random(int(decimal))`, for a seed of any size. The sign does not matter: CPython takes |seed|.
  ///
  /// - Throws: `.malformedSeed` for anything but an optional sign and decimal digits.
  package init(decimalSeed: String) throws(RandomError) {
    var digits = Array(decimalSeed.utf8)
    if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits.removeFirst() }
    guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      throw .malformedSeed(decimalSeed)
    }
    var key: [UInt32] = [0]
    for digit in digits {
      var carry = UInt64(digit - UInt8(ascii: "0"))
      for index in key.indices {
        carry += UInt64(key[index]) * 10
        key[index] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if carry > 0 { key.append(UInt32(carry)) }
    }
    self.init(key: key)
  }

  /// The 32-bit words of `magnitude`, low end first, without leading zeros; zero has one word.
  private static func keyWords(of magnitude: UInt64) -> [UInt32] {
    let low = UInt32(truncatingIfNeeded: magnitude)
    let high = UInt32(magnitude >> 32)
    return high == 0 ? [low] : [low, high]
  }

  /// `init_by_array` of the reference implementation.
  private init(key: [UInt32]) {
    let count = Self.wordCount
    words = [UInt32](repeating: 19_650_218, count: count)
    for index in 1..<count {
      let previous = words[index - 1]
      words[index] = 1_812_433_253 &* (previous ^ previous >> 30) &+ UInt32(index)
    }
    var index = 1
    var keyIndex = 0
    func advance(_ words: inout [UInt32], _ index: inout Int) {
      index += 1
      if index == count {
        words[0] = words[count - 1]
        index = 1
      }
    }
    for _ in 0..<max(count, key.count) {
      let previous = words[index - 1]
      words[index] = (words[index] ^ (previous ^ previous >> 30) &* 1_664_525) &+ key[keyIndex] &+ UInt32(keyIndex)
      advance(&words, &index)
      keyIndex = (keyIndex + 1) % key.count
    }
    for _ in 1..<count {
      let previous = words[index - 1]
      words[index] = (words[index] ^ (previous ^ previous >> 30) &* 1_566_083_941) &- UInt32(index)
      advance(&words, &index)
    }
    words[0] = 0x8000_0000
  }

  /// The next 624 words of the sequence, before tempering.
  @usableFromInline mutating func regenerate() {
    let count = Self.wordCount
    words.withUnsafeMutableBufferPointer { words in
      func replace(_ index: Int, next: Int, middle: Int) {
        let joined = words[index] & 0x8000_0000 | words[next] & 0x7FFF_FFFF
        words[index] = words[middle] ^ joined >> 1 ^ (0 &- (joined & 1)) & 0x9908_B0DF
      }
      for index in 0..<count - 397 { replace(index, next: index + 1, middle: index + 397) }
      for index in count - 397..<count - 1 { replace(index, next: index + 1, middle: index + 397 - count) }
      replace(count - 1, next: 0, middle: 396)
    }
    position = 0
  }

  /// The next 32 bits (`genrand_uint32`).
  package mutating func nextWord() -> UInt32 {
    if position == Self.wordCount { regenerate() }
    defer { position += 1 }
    return Self.tempered(words[position])
  }

  private static func tempered(_ word: UInt32) -> UInt32 {
    var word = word
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C_5680
    word ^= word << 15 & 0xEFC6_0000
    return word ^ word >> 18
  }
}

// MARK: Numbers

extension MersenneTwister {
  /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
  @inlinable package mutating func random() -> Double {
    let high = nextWord()
    return Self.unitInterval(high, nextWord())
  }

  @usableFromInline static func unitInterval(_ high: UInt32, _ low: UInt32) -> Double {
    (Double(high >> 5) * 0x1p26 + Double(low >> 6)) * 0x1p-53
  }

  /// An integer of `count` random bits; no bits give zero and draw nothing.
  ///
  /// - Throws: `.unsupportedBitCount` unless `count` is in 0...64.
  package mutating func getrandbits(_ count: Int) throws(RandomError) -> UInt64 {
    guard (0...64).contains(count) else { throw .unsupportedBitCount(count) }
    return bits(count)
  }

  /// Whole words come low end first; the bits of a last, broken word are the upper ones of a draw.
  private mutating func bits(_ count: Int) -> UInt64 {
    switch count {
    case 0: return 0
    case 1...32: return UInt64(nextWord() >> UInt32(32 - count))
    default:
      let low = UInt64(nextWord())
      return low | UInt64(nextWord() >> UInt32(64 - count)) << 32
    }
  }

  /// A uniform integer in 0...`last`: CPython's `_randbelow(last + 1)`, which draws as many bits as `last + 1` has until
  /// they are no more than `last`.
  private mutating func integer(through last: UInt64) -> UInt64 {
    guard last < .max else {
      // 2⁶⁴ itself has 65 bits: two words and one bit of a third, which has to be zero.
      while true {
        let drawn = bits(64)
        if bits(1) == 0 { return drawn }
      }
    }
    let bitCount = UInt64.bitWidth - (last + 1).leadingZeroBitCount
    while true {
      let drawn = bits(bitCount)
      if drawn <= last { return drawn }
    }
  }

  /// A uniform integer in 0..<`bound`.
  ///
  /// - Throws: `.emptyRange` unless `bound` is positive.
  package mutating func randbelow(_ bound: Int) throws(RandomError) -> Int {
    guard bound > 0 else { throw .emptyRange(lower: 0, upper: bound == .min ? bound : bound - 1) }
    return Int(integer(through: UInt64(bound - 1)))
  }

  /// A uniform integer in `lower`...`upper`, both included.
  ///
  /// - Throws: `.emptyRange` when `upper` is less than `lower`.
  package mutating func randint(_ lower: Int, _ upper: Int) throws(RandomError) -> Int {
    guard lower <= upper else { throw .emptyRange(lower: lower, upper: upper) }
    let offset = integer(through: UInt64(bitPattern: Int64(upper &- lower)))
    return lower &+ Int(truncatingIfNeeded: offset)
  }

  /// A uniform number between `lower` and `upper`, in either order.
  package mutating func uniform(_ lower: Double, _ upper: Double) -> Double {
    lower + (upper - lower) * random()
  }

  /// A normal number. Two are made at a time (Box & Muller 1958); the second waits for the next call, as in CPython.
  package mutating func gauss(mean: Double, standardDeviation: Double) -> Double {
    if let waiting = secondGaussian {
      secondGaussian = nil
      return mean + waiting * standardDeviation
    }
    let angle = random() * (2 * Double.pi)
    let radius = (-2 * log(1 - random())).squareRoot()
    secondGaussian = sin(angle) * radius
    return mean + cos(angle) * radius * standardDeviation
  }
}

// MARK: Populations

extension MersenneTwister {
  /// One element, all equally likely.
  ///
  /// - Throws: `.emptyPopulation`.
  package mutating func choice<Element>(_ population: some RandomAccessCollection<Element>)
    throws(RandomError) -> Element
  {
    guard !population.isEmpty else { throw .emptyPopulation }
    let offset = Int(integer(through: UInt64(population.count - 1)))
    return population[population.index(population.startIndex, offsetBy: offset)]
  }

  /// `k` elements drawn with replacement, all equally likely; none for a negative `k`.
  ///
  /// - Throws: `.emptyPopulation` when there is nothing to draw from.
  package mutating func choices<Element>(_ population: some RandomAccessCollection<Element>, k: Int)
    throws(RandomError) -> [Element]
  {
    guard k > 0 else { return [] }
    guard !population.isEmpty else { throw .emptyPopulation }
    let count = Double(population.count)
    var chosen: [Element] = []
    chosen.reserveCapacity(k)
    for _ in 0..<k {
      chosen.append(population[population.index(population.startIndex, offsetBy: Int(random() * count))])
    }
    return chosen
  }

  /// The sum of `choices(values, k: values.count)`, in the order drawn.
  ///
  /// - Precondition: there are values.
  package mutating func sumOfChoices(_ values: [Double]) -> Double {
    precondition(!values.isEmpty, "a choice of nothing")
    let count = Double(values.count)
    var sum = 0.0
    var remaining = values.count
    while remaining > 0 {
      let draws = min(remaining, (Self.wordCount - position) / 2)
      guard draws > 0 else {
        // The words at hand do not make a number.
        sum += values[Int(random() * count)]
        remaining -= 1
        continue
      }
      // Next to the arithmetic of a draw, a check of each word's bounds would cost as much again.
      words.withUnsafeBufferPointer { words in
        values.withUnsafeBufferPointer { values in
          for index in stride(from: position, to: position + 2 * draws, by: 2) {
            let draw = Self.unitInterval(Self.tempered(words[index]), Self.tempered(words[index + 1]))
            sum += values[Int(draw * count)]
          }
        }
      }
      position += 2 * draws
      remaining -= draws
    }
    return sum
  }

  /// `k` elements drawn without replacement, in the order drawn.
  ///
  /// - Throws: `.sampleTooLarge` when `k` is negative or more than there are.
  package mutating func sample<Element>(_ population: some RandomAccessCollection<Element>, k: Int)
    throws(RandomError) -> [Element]
  {
    let count = population.count
    guard k >= 0, k <= count else { throw .sampleTooLarge(count: k, population: count) }
    func element(_ offset: Int) -> Element { population[population.index(population.startIndex, offsetBy: offset)] }
    guard k > 0 else { return [] }

    // CPython takes whichever of a list and a set it reckons the smaller, and the two draw differently.
    var setSize = 21.0
    if k > 5 { setSize += pow(4, ceil(log(Double(k) * 3) / log(4))) }
    var chosen: [Element] = []
    chosen.reserveCapacity(k)
    if Double(count) <= setSize {
      var pool = Array(population)
      for drawn in 0..<k {
        let index = Int(integer(through: UInt64(count - drawn - 1)))
        chosen.append(pool[index])
        pool[index] = pool[count - drawn - 1]
      }
    } else {
      var selected: Set<Int> = []
      while selected.count < k {
        let index = Int(integer(through: UInt64(count - 1)))
        if selected.insert(index).inserted { chosen.append(element(index)) }
      }
    }
    return chosen
  }

  /// Puts the elements into a random order.
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, Int(integer(through: UInt64(last))))
    }
  }
}
