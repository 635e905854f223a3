import Models
import Tensors
import Testing

@Suite struct PackedCodesTests {
  @Test func `eight codes of four bits are the digits of a word, the first one last`() {
    #expect(PackedCodes(bits: 4).packed([1, 2, 3, 4, 5, 6, 7, 15]) == [0xF765_4321])
    #expect(PackedCodes(bits: 8).packed([1, 2, 3, 255]) == [0xFF03_0201])
    #expect(PackedCodes(bits: 2).packed([UInt8](repeating: 1, count: 8) + [0, 0, 0, 0, 0, 0, 0, 3]) == [0xC000_5555])
  }

  // Eight codes 0…7 are 24 bits, in octal 76543210, in hexadecimal FAC688; four times that are three words.
  @Test func `codes of three bits go on from word to word`() {
    let codes = (0..<32).map { UInt8($0 % 8) }
    #expect(PackedCodes(bits: 3).packed(codes) == [0x88FA_C688, 0xC688_FAC6, 0xFAC6_88FA])
    // Code 10 has two bits in the first word and one in the second, code 21 one there and two in the third.
    var alone = [UInt8](repeating: 0, count: 32)
    alone[10] = 0b110
    alone[21] = 0b101
    #expect(PackedCodes(bits: 3).packed(alone) == [0b10 << 30, 1 << 31 | 1, 0b10])
  }

  @Test(arguments: PackedCodes.supportedBits)
  func `the words are one long number in base two`(bits: Int) {
    var stream = RandomStream(seed: 1, purpose: "codes", index: UInt64(bits))
    let codes = (0..<96).map { _ in UInt8(stream.nextInteger(below: 1 << bits)) }
    // The last code has the first digits.
    let digits = codes.reversed().map { code in
      let text = String(code, radix: 2)
      return String(repeating: "0", count: bits - text.count) + text
    }.joined()
    let words = PackedCodes(bits: bits).packed(codes)
    let text = words.reversed().map { word in
      let text = String(word, radix: 2)
      return String(repeating: "0", count: 32 - text.count) + text
    }.joined()
    #expect(text == digits)
    #expect(codes.indices.map { UInt8(PackedCodes(bits: bits).code($0) { words[$0] }) } == codes)
  }

  @Test func `only whole words are filled`() {
    #expect(PackedCodes(bits: 3).wordCount(64) == 6 && PackedCodes(bits: 3).wordCount(16) == nil)
    #expect(PackedCodes(bits: 4).wordCount(24) == 3 && PackedCodes(bits: 4).wordCount(12) == nil)
    #expect(PackedCodes(bits: 8).wordCount(12) == 3 && PackedCodes(bits: 2).wordCount(24) == nil)
  }
}
