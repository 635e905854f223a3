import Models
import Tensors
import TestModels
import Testing

@Suite struct PackedMatrixTests {
  /// The numbers of one of the tensors that the matrix is stored as.
  private func stored(_ matrix: PackedMatrix, _ part: String) throws -> [Int] {
    let tensor = try #require(matrix.checkpointTensors("x").first { $0.name == "x." + part })
    switch tensor.content {
    case .stored(let tensor): return try tensor.integers()
    case .bytes(let bytes, .int32):
      return stride(from: 0, to: bytes.count, by: 4).map { place in
        bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: place, as: Int32.self)) }
      }
    default: throw CheckpointError.missingTensor(name: part, file: "")
    }
  }

  // Eight outputs of eight inputs in four bits: output o has the codes o, o + 1, …, o + 7, its zero is o and its scale 1/2,
  // so that all outputs are 0, 1/2, 1, …, 7/2.
  @Test func `a matrix of four bits is what one works out by hand`() throws {
    let codes = (0..<8).flatMap { row in (0..<8).map { UInt8(row + $0) } }
    for storage in PackedFormat.ZeroStorage.allCases {
      let matrix = try PackedMatrix(
        codes: codes, scales: Matrix(rows: 8, columns: 1, repeating: 0.5),
        zeros: Matrix(rows: 8, columns: 1, (0..<8).map(Float.init)),
        format: PackedFormat(bits: 4, groupSize: nil, zeroStorage: storage))
      let words = [0x7654_3210, 0x8765_4321, 0x9876_5432, 0xA987_6543, 0xBA98_7654, 0xCBA9_8765, 0xDCBA_9876]
      #expect(try stored(matrix, "qweight") == (words + [0xEDCB_A987]).map { Int(Int32(truncatingIfNeeded: $0)) })
      // One less than each zero; one less than 0 is 15.
      #expect(try stored(matrix, "qzeros") == [storage == .lessOne ? 0x6543_210F : 0x7654_3210])
      #expect(try stored(matrix, "g_idx") == [Int](repeating: 0, count: 8))
      let row: [Float] = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]
      #expect(matrix.rows(0..<8).elements == (0..<8).flatMap { _ in row })
    }
  }

  // 32 inputs of 32 outputs in three bits, two groups: the codes 0, 1, …, 7 over and over in every output; scale 1 and
  // zero 4 for the first half of the inputs, scale 2 and zero 0 for the second.
  @Test func `a matrix of three bits is what one works out by hand`() throws {
    let codes = (0..<32).flatMap { _ in (0..<32).map { UInt8($0 % 8) } }
    func column(_ first: Float, _ second: Float) -> Matrix {
      Matrix(rows: 32, columns: 2, (0..<32).flatMap { _ in [first, second] })
    }
    let matrix = try PackedMatrix(
      codes: codes, scales: column(1, 2), zeros: column(4, 0), format: PackedFormat(bits: 3, groupSize: 16))
    func words(_ words: [UInt32]) -> [Int] { words.map { Int(Int32(bitPattern: $0)) } }
    #expect(
      try stored(matrix, "qweight")
        == words([0x88FA_C688, 0xC688_FAC6, 0xFAC6_88FA].flatMap { [UInt32](repeating: $0, count: 32) }))
    // 3 is 011, in 24 bits 6DB6DB; one less than 0 is 7.
    #expect(
      try stored(matrix, "qzeros")
        == words([0xDB6D_B6DB, 0xB6DB_6DB6, 0x6DB6_DB6D, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF]))
    let first: [Float] = [-4, -3, -2, -1, 0, 1, 2, 3]
    let second: [Float] = [0, 2, 4, 6, 8, 10, 12, 14]
    #expect(matrix.rows(31..<32).elements == first + first + second + second)
  }

  @Test(arguments: PackedFormat.examples)
  func `what is packed is read back`(format: PackedFormat) throws {
    let random = try RandomPackedMatrix(64, 96, format)
    #expect(random.packed.unpackedCodes == random.codes)
    #expect(random.packed.unpackedScales == random.scales && random.packed.unpackedZeros == random.zeros)
    #expect(random.packed.inputGroups == random.groups)
  }

  @Test(arguments: PackedFormat.examples)
  func `values are scale times code less zero, rounded once, however the rows are cut`(format: PackedFormat) throws {
    let random = try RandomPackedMatrix(64, 96, format)
    let values = random.values
    #expect(random.packed.rows(0..<64) == values)
    for range in [0..<1, 3..<11, 5..<64, 63..<64, 7..<7] { #expect(random.packed.rows(range) == values.rows(range)) }
    #expect(Weight(random.packed).gatheringRows([63, 0, 63]) == values.gatheringRows([63, 0, 63]))
    #expect(Weight(random.packed) == Weight(values))
  }

  // Widths that leave a part of a tile of 32 inputs and eight outputs.
  @Test(arguments: [(4, 8, 24), (8, 12, 20), (2, 16, 48), (4, 24, 8)])
  func `the rest beside whole tiles has the same values`(bits: Int, rows: Int, columns: Int) throws {
    let random = try RandomPackedMatrix(rows, columns, PackedFormat(bits: bits, groupSize: 7, shuffled: true))
    #expect(random.packed.rows(0..<rows) == random.values)
    #expect(random.packed.unpackedCodes == random.codes)
  }

  // 2816 rows of 320 are cut into three panels, the last of them larger.
  @Test(arguments: [(64, 96), (2816, 320)])
  func `packed codes compute as their values in floats`(rows: Int, columns: Int) throws {
    let random = try RandomPackedMatrix(rows, columns, PackedFormat(bits: 3, groupSize: 32))
    let (weight, dense) = (Weight(random.packed), Weight(random.values))
    #expect(weight.packedFormat == random.format && weight.storedType == nil && weight.count == rows * columns)
    for tokens in [1, 4] {
      // Sums of 320 or 2816 products below one, rounded to 6e-8 of a few units, in whatever order.
      let x = randomMatrix(tokens, columns, seed: 1)
      #expect(weight.multiplied(x).largestDifference(from: dense.multiplied(x)) < 1e-5)
      let y = randomMatrix(tokens, rows, seed: 2)
      #expect(weight.multipliedBack(y).largestDifference(from: dense.multipliedBack(y)) < 1e-4)
      var sum = Matrix(rows: tokens, columns: rows, repeating: 100)
      weight.multiply(x, into: &sum, adding: true)
      let expected = dense.multiplied(x).elements.map { $0 + 100 }
      #expect(zip(sum.elements, expected).allSatisfy { abs($0 - $1) < 2e-5 })
    }
  }

  @Test func `scales are stored as wished, and those that halves do not reach are refused`() throws {
    let codes = [UInt8](repeating: 1, count: 64)
    func pack(_ scale: Float, _ format: NamedTensor.FloatFormat) throws -> PackedMatrix {
      var scales = Matrix(rows: 8, columns: 1, repeating: 1)
      scales[3, 0] = scale
      return try PackedMatrix(
        codes: codes, scales: scales, zeros: Matrix(rows: 8, columns: 1),
        format: PackedFormat(bits: 4, groupSize: nil), scaleFormat: format)
    }
    // 0.1 is 0x1.99999ap-4: ten bits behind the point as a half, seven as a brain float.
    #expect(try pack(0.1, .float32).unpackedScales[3, 0] == 0.1)
    #expect(try pack(0.1, .float16).unpackedScales[3, 0] == 0x1.998p-4)
    #expect(try pack(0.1, .bfloat16).unpackedScales[3, 0] == 0x1.9ap-4)
    #expect(try pack(70_000, .float32).rows(3..<4).elements == [Float](repeating: 70_000, count: 8))
    #expect(throws: CheckpointError.overflow(tensor: "scales", file: "memory", index: 3, type: "F16")) {
      try pack(70_000, .float16)
    }
  }
}
