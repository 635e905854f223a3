import Tensors
import Testing

@Suite struct PhiloxTests {
  /// Random123, tests/kat_vectors, philox4x32 of 10 rounds.
  @Test(
    arguments: [
      (SIMD4(repeating: 0), SIMD2(repeating: 0), SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)),
      (
        SIMD4(repeating: 0xFFFF_FFFF), SIMD2(repeating: 0xFFFF_FFFF),
        SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
      ),
      (
        SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), SIMD2(0xA409_3822, 0x299F_31D0),
        SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
      ),
    ] as [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)])
  func `blocks are the published ones`(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>) {
    #expect(Philox4x32.block(counter: counter, key: key) == expected)
  }

  @Test(
    arguments: [
      ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
    ] as [(String, UInt64)])
  func `a purpose is hashed by FNV-1a`(text: String, hash: UInt64) {
    #expect(RandomStream.fnv1a(text) == hash)
  }

  /// The expected numbers were computed apart from this program, in Python, from the description of `RandomStream`.
  @Test func `a stream is what its description says, and stays so`() {
    let stream = RandomStream(seed: 7, purpose: "lora", index: 3)
    #expect(
      (0..<4).map { stream.uniform(at: $0) }
        == [0.913398027420044, 0.9747941493988037, 0.37704867124557495, 0.9832603931427002])
    #expect(
      (0..<4).map { stream.normal(at: $0) }
        == [0.678094211676072, 1.0384354667695368, 0.35130609318386774, 0.11475096407291409])
    #expect((0..<12).map { stream.integer(below: 10, at: $0) } == [6, 4, 7, 7, 4, 0, 9, 6, 7, 8, 4, 6])
    #expect(stream.permutation(of: 10, at: 0) == [8, 1, 9, 3, 0, 2, 7, 5, 4, 6])

    let distant = RandomStream(seed: .max, purpose: "permutation of the documents", index: 1 << 63)
    #expect(distant.uniform(at: 1 << 55) == 0.49152952432632446)
    #expect(distant.normal(at: 1 << 55) == -1.4329450963531192)
    #expect(distant.integer(below: 100, at: 1 << 55) == 25)
  }

  @Test func `a draw that would be biased is made again`() {
    // Of 2⁶⁴ words, 2⁶² - 3 are rejected: at position 3 the first of a block, at 24 both words of the first block.
    let stream = RandomStream(seed: 7, purpose: "lora", index: 3)
    #expect(stream.integer(below: 1 << 62 + 1, at: 2) == 3_288_366_746_228_068_547)
    #expect(stream.integer(below: 1 << 62 + 1, at: 8) == 2_454_608_657_966_260_481)
    #expect(stream.integer(below: 1 << 62 + 1, at: 24) == 1_164_234_085_066_827_577)
  }

  @Test func `drawing in sequence and by position give the same numbers`() {
    let stream = RandomStream(seed: 1, purpose: "any")
    var sequence = stream
    #expect(sequence.nextUniform() == stream.uniform(at: 0))
    #expect(sequence.nextNormal() == stream.normal(at: 1))
    #expect(sequence.nextInteger(below: 1000) == stream.integer(below: 1000, at: 2))
    #expect(sequence.nextUniform(in: -2..<3) == stream.uniform(in: -2..<3, at: 3))
    #expect(sequence.nextPermutation(of: 5) == stream.permutation(of: 5, at: 4))
    #expect(sequence.position == 8)
    #expect(sequence.nextPermutation(of: 1) == [0])
    #expect(sequence.nextPermutation(of: 0) == [])
    #expect(sequence.nextUniform() == stream.uniform(at: 8))
  }

  @Test func `seed, purpose and index each make another stream`() {
    let streams = [
      RandomStream(seed: 1, purpose: "a"), RandomStream(seed: 2, purpose: "a"), RandomStream(seed: 1, purpose: "b"),
      RandomStream(seed: 1, purpose: "a", index: 1), RandomStream(seed: 1 << 32, purpose: "a"),
      RandomStream(seed: 1, purpose: "a", index: 1 << 32),
    ]
    #expect(Set(streams.map { $0.integer(below: .max, at: 0) }).count == streams.count)
    #expect(Set((0..<56).map { streams[0].integer(below: .max, at: (1 << $0) >> 1) }).count == 56)
  }

  @Test(arguments: [1, 31, 32, 77, 200]) func `numbers are dropped by the words of a stream's blocks`(count: Int) {
    let (seed, index): (UInt64, UInt64) = (7, 3 << 32 | 5)
    let hash = RandomStream.fnv1a("dropout")
    let key = Philox4x32.block(
      counter: SIMD4(UInt32(truncatingIfNeeded: hash), UInt32(hash >> 32), 0, 0), key: SIMD2(UInt32(seed), 0))
    let x = randomMatrix(1, count, seed: 1)
    let found = RandomStream(seed: seed, purpose: "dropout", index: index).dropping(0.25, of: x)
    for place in 0..<count {
      let words = Philox4x32.block(counter: SIMD4(UInt32(place / 4), 0, 5, 3), key: SIMD2(key[0], key[1]))
      // A quarter of 2³².
      #expect(found[0, place] == (words[place % 4] < 1 << 30 ? 0 : x[0, place] * Float(1 / 0.75)))
    }
  }

  @Test func `the end of a range is not reached`() {
    // Between neighbouring floats, half of the numbers would be rounded up to the end.
    let range = Float(1)..<Float(1).nextUp
    #expect((0..<100).allSatisfy { RandomStream(seed: 0, purpose: "end").uniform(in: range, at: $0) == 1 })
  }

  @Test func `the moments are those of the distributions`() {
    var stream = RandomStream(seed: 5, purpose: "moments")
    let count = 20_000
    let uniforms = (0..<count).map { _ in Double(stream.nextUniform()) }
    let normals = (0..<count).map { _ in Double(stream.nextNormal()) }
    func moment(_ values: [Double], _ power: Int) -> Double {
      values.reduce(0) { sum, value in sum + (0..<power).reduce(1) { product, _ in product * value } } / Double(count)
    }
    // Within four standard errors, √(Var(xᵏ)/count).
    #expect(abs(moment(uniforms, 1) - 1 / 2) < 0.0082)  // Var 1/12
    #expect(abs(moment(uniforms, 2) - 1 / 3) < 0.0085)  // Var 4/45
    #expect(abs(moment(normals, 1)) < 0.0283)  // Var 1
    #expect(abs(moment(normals, 2) - 1) < 0.04)  // Var 2
    #expect(abs(moment(normals, 4) - 3) < 0.277)  // Var 96
    var seen = [Int](repeating: 0, count: 7)
    for _ in 0..<count { seen[stream.nextInteger(below: 7)] += 1 }
    // Pearson's χ² with 6 degrees of freedom exceeds 22.5 once in a thousand times.
    let expected = Double(count) / 7
    #expect(seen.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected } < 22.5)
  }
}
