/// Whole numbers of a few bits each, packed one behind the other into 32-bit words: code i has the bits i · `bits` and
/// following of the stream of all words' bits, each word's lowest first.
///
/// With 3 bits, 32 codes take three words: ten codes and two bits of the next, its last bit, ten codes and one bit of the
/// next, its last two bits and ten codes.
///
/// Source: `QuantLinear.pack` in AutoGPTQ 0.7.1's qlinear_cuda.py; `gptq.md` section 3.
package struct PackedCodes: Sendable {
  package let bits: Int

  package static let supportedBits = [2, 3, 4, 8]

  package init(bits: Int) {
    precondition(Self.supportedBits.contains(bits), "codes of \(bits) bits")
    self.bits = bits
  }

  /// What a code is below.
  package var limit: Int { 1 << bits }

  /// The words that so many codes fill; nil where the last word would not be full.
  package func wordCount(_ count: Int) -> Int? { count * bits % 32 == 0 ? count * bits / 32 : nil }

  /// The codes fill whole words.
  package func packed(_ codes: some Collection<UInt8>) -> [UInt32] {
    guard let wordCount = wordCount(codes.count) else { preconditionFailure("\(codes.count) codes of \(bits) bits") }
    var words = [UInt32](repeating: 0, count: wordCount)
    for (index, code) in codes.enumerated() {
      precondition(code < limit, "the code \(code) in \(bits) bits")
      let (word, shift) = (index * bits).quotientAndRemainder(dividingBy: 32)
      words[word] |= UInt32(code) << UInt32(shift)
      if shift + bits > 32 { words[word + 1] |= UInt32(code) >> UInt32(32 - shift) }
    }
    return words
  }

  /// The code at a place in the stream of the words that `word` gives by their number.
  @inline(__always) package func code(_ index: Int, in word: (Int) -> UInt32) -> UInt32 {
    let bit = index &* bits
    let (place, shift) = (bit >> 5, UInt32(truncatingIfNeeded: bit & 31))
    var code = word(place) >> shift
    if shift + UInt32(truncatingIfNeeded: bits) > 32 { code |= word(place &+ 1) << (32 - shift) }
    return code & UInt32(truncatingIfNeeded: limit &- 1)
  }
}
