import Tensors
import Testing

/// Expected numbers without a source are CPython 3.11.7's own.
@Suite struct MersenneTwisterTests {
  @Test func `the words are those of CPython`() {
    var generator = MersenneTwister(seed: 0)
    #expect(
      (0..<5).map { _ in generator.nextWord() }
        == [3_626_764_237, 1_654_615_998, 3_255_389_356, 3_823_568_514, 1_806_341_205])
  }

  @Test(
    arguments: [
      ("-5", 2_675_342_405), ("5", 2_675_342_405), ("+0005", 2_675_342_405), ("0", 3_626_764_237),
      ("-0", 3_626_764_237),
      ("18446744073709551616", 4_198_958_755),
    ] as [(String, UInt32)])
  func `a seed of any size is taken without its sign`(seed: String, first: UInt32) throws {
    var generator = try MersenneTwister(decimalSeed: seed)
    #expect(generator.nextWord() == first)
  }

  @Test func `a seed may be longer than the state`() throws {
    // 10⁶⁵⁰⁰ + 7 has 675 words, the state 624.
    var generator = try MersenneTwister(decimalSeed: "1" + String(repeating: "0", count: 6499) + "7")
    #expect((0..<3).map { _ in generator.nextWord() } == [2_506_092_789, 766_888_709, 788_424_717])
  }

  @Test func `the least integer is a seed`() throws {
    var generator = MersenneTwister(seed: .min)
    #expect(generator.nextWord() == 2_377_109_768)
    var same = try MersenneTwister(decimalSeed: "9223372036854775808")
    #expect(same.nextWord() == 2_377_109_768)
  }

  @Test(arguments: ["", "-", "+-1", "1e3", " 1", "1_0", "0x1", "١"])
  func `a seed that is no decimal integer is an error`(text: String) {
    #expect(throws: RandomError.malformedSeed(text)) { try MersenneTwister(decimalSeed: text) }
  }

  @Test func `bits come in words, the low one first`() throws {
    var generator = MersenneTwister(seed: 3)
    let drawn = try [0, 1, 31, 32, 33, 40, 63, 64].map { count throws in try generator.getrandbits(count) }
    #expect(
      drawn == [
        0, 0, 1_272_686_665, 2_337_446_730, 560_161_641, 665_358_916_597, 5_771_251_130_807_587_486,
        1_208_794_122_474_928_381,
      ])
    #expect(throws: RandomError.unsupportedBitCount(65)) { try generator.getrandbits(65) }
    #expect(throws: RandomError.unsupportedBitCount(-1)) { try generator.getrandbits(-1) }
  }

  @Test func `integers come from any range, up to that of all integers`() throws {
    var generator = MersenneTwister(seed: 4)
    #expect(
      try (0..<6).map { _ in try generator.randint(.min, .max) } == [
        -3_628_500_538_012_883_497, -1_917_387_021_196_612_659, -7_561_315_818_300_226_726, 4_891_386_765_580_059_730,
        6_029_718_241_297_022_474, 5_656_737_394_922_367_923,
      ])
    generator = MersenneTwister(seed: 4)
    #expect(
      try (0..<3).map { _ in try generator.randint(.min, .max - 1) } == [
        -3_628_500_538_012_883_497, 4_080_731_634_774_120_135, -389_624_849_978_092_887,
      ])
    #expect(try (0..<2).map { _ in try generator.randint(-10, 1 << 40) } == [198_234_096_464, 43_235_353_127])
  }

  @Test func `a range of one integer draws all the same`() throws {
    var generator = MersenneTwister(seed: 0)
    for _ in 0..<3 { #expect(try generator.randint(5, 5) == 5) }
    #expect(try generator.getrandbits(32) == 1_112_038_970)
  }

  @Test func `an empty range is an error`() {
    var generator = MersenneTwister(seed: 0)
    #expect(throws: RandomError.emptyRange(lower: 0, upper: -1)) { try generator.randint(0, -1) }
    #expect(throws: RandomError.emptyRange(lower: .max, upper: .min)) { try generator.randint(.max, .min) }
    #expect(throws: RandomError.emptyRange(lower: 0, upper: -1)) { try generator.randbelow(0) }
    #expect(throws: RandomError.emptyRange(lower: 0, upper: .min)) { try generator.randbelow(.min) }
    #expect(throws: RandomError.emptyPopulation) { try generator.choice([Int]()) }
    #expect(throws: RandomError.emptyPopulation) { try generator.choices([Int](), k: 1) }
    #expect(throws: RandomError.sampleTooLarge(count: 3, population: 2)) { try generator.sample([1, 2], k: 3) }
    #expect(throws: RandomError.sampleTooLarge(count: -1, population: 2)) { try generator.sample([1, 2], k: -1) }
  }

  @Test func `the second normal number of a pair waits for its turn`() {
    var generator = MersenneTwister(seed: 6)
    #expect(generator.gauss(mean: 0, standardDeviation: 1) == 0.4996755931358105)
    #expect(generator.random() == 0.4850346279309453)
    #expect(generator.gauss(mean: 10, standardDeviation: 2) == 6.421312281170852)
    #expect(generator.gauss(mean: 0, standardDeviation: 1) == -0.0021930658120974896)
  }

  @Test func `choices draw with replacement`() throws {
    var generator = MersenneTwister(seed: 9)
    let letters = ["a", "b", "c"]
    #expect(try generator.choice(letters) == "b")
    #expect(try generator.choices(letters, k: 4) == ["b", "a", "a", "c"])
    #expect(generator.uniform(2, -2) == 0.6466979532604791)
    #expect(try generator.choices([Int](), k: 0) == [])
  }

  @Test(arguments: [1, 2, 311, 312, 313, 1000])
  func `the sum of choices is that of the choices, wherever in its words the generator stands`(count: Int) throws {
    let values = (0..<count).map { Double($0) + 0.1 }
    for skipped in [0, 1, 2, 623] {
      var one = MersenneTwister(seed: 3)
      for _ in 0..<skipped { _ = one.nextWord() }
      var other = one
      let chosen = try other.choices(values, k: count)
      #expect(one.sumOfChoices(values) == chosen.reduce(0, +))
      #expect(one.nextWord() == other.nextWord())
    }
  }

  /// Up to 21 elements, or 85 for six draws, CPython draws from a list, beyond from a set; with these seeds the other way
  /// would give other numbers.
  @Test(
    arguments: [
      (2, 21, [1, 2, 19, 11, 5], 3_160_967_032), (2, 22, [1, 2, 11, 5, 21], 3_667_190_760),
      (5, 85, [79, 32, 45, 67, 3, 59], 3_332_716_663), (2, 86, [7, 11, 10, 46, 21, 85], 3_667_190_760),
      (8, 10, [3, 5, 6, 1, 7, 0, 4, 9, 2, 8], 1_721_037_353), (8, 5, [], 973_694_259),
    ] as [(Int, Int, [Int], UInt64)])
  func `a sample is drawn as from CPython's list or set`(seed: Int, count: Int, expected: [Int], next: UInt64) throws {
    var generator = MersenneTwister(seed: seed)
    #expect(try generator.sample(0..<count, k: expected.count) == expected)
    #expect(try generator.getrandbits(32) == next)
  }

  @Test func `a part of a list is sampled like a list`() throws {
    var whole = MersenneTwister(seed: 8)
    var part = MersenneTwister(seed: 8)
    #expect(try whole.sample(Array(10..<20), k: 4) == part.sample(Array(0..<100)[10..<20], k: 4))
  }

  @Test func `shuffling is CPython's`() {
    var generator = MersenneTwister(seed: 42)
    var numbers = Array(0..<10)
    generator.shuffle(&numbers)
    #expect(numbers == [7, 3, 2, 8, 5, 6, 9, 4, 0, 1])
    var none: [Int] = []
    generator.shuffle(&none)
    #expect(none.isEmpty)
  }
}
