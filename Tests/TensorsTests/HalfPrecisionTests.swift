import Tensors
import Testing

@Suite struct HalfPrecisionTests {
  /// The floats of these 16-bit numbers, which lie at an odd address.
  private func widened(
    _ numbers: [UInt16], _ widen: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> [Float] {
    let bytes: [UInt8] = numbers.reduce(into: [0]) { $0 += [UInt8(truncatingIfNeeded: $1), UInt8($1 >> 8)] }
    return bytes.withUnsafeBytes { bytes in
      [Float](unsafeUninitializedCapacity: numbers.count) { floats, count in
        widen(
          UnsafeRawBufferPointer(rebasing: bytes[1...]), UnsafeMutableBufferPointer(rebasing: floats[..<numbers.count]))
        count = numbers.count
      }
    }
  }

  @Test func `every half keeps its value`() {
    // 65,537 of them, the last in no whole eight.
    let halves = (UInt16.min...UInt16.max) + [0x3C00]
    let found = widened(Array(halves), widenHalves)
    let wrong = zip(found, halves).filter { value, bits in
      let expected = Float16(bitPattern: bits)
      return expected.isNaN ? !value.isNaN : value.bitPattern != Float(expected).bitPattern
    }
    #expect(wrong.isEmpty)
    #expect(found.last == 1)
  }

  @Test func `a brain float is the upper half of a float`() {
    #expect(
      widened([0x3F80, 0xC040, 0x7F80, 0x0001], widenBrainFloats) == [1, -3, .infinity, Float(bitPattern: 0x10000)])
    #expect(widened([UInt16](repeating: 0x3F80, count: 17), widenBrainFloats) == [Float](repeating: 1, count: 17))
  }

  @Test func `no numbers are no work`() { #expect(widened([], widenHalves) == []) }
}
