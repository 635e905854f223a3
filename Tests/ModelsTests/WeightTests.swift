import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct WeightTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A safetensors file with one tensor "w" of these bytes.
  private func stored(_ type: String, _ shape: [Int], _ bytes: [UInt8], padding: Int = 0) throws -> Weight {
    let extents = shape.map(String.init).joined(separator: ",")
    var header = "{\"w\":{\"dtype\":\"\(type)\",\"shape\":[\(extents)],\"data_offsets\":[0,\(bytes.count)]}}"
    while header.utf8.count % 8 != padding { header += " " }
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
    let path = try folder.write(length + Array(header.utf8) + bytes, to: "model.safetensors")
    return try Weight(SafetensorsFile(path: path).tensor(named: "w"))
  }

  /// As brain floats: random numbers of few bits, so that they are exact.
  private func brainFloats(_ rows: Int, _ columns: Int) throws -> (weight: Weight, matrix: Matrix) {
    let elements = randomMatrix(rows, columns, seed: 3).elements.map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
    let bytes = elements.flatMap { value -> [UInt8] in
      let bits = value.bitPattern >> 16
      return [UInt8(bits & 0xFF), UInt8(bits >> 8)]
    }
    return (try stored("BF16", [rows, columns], bytes), Matrix(rows: rows, columns: columns, elements))
  }

  // 3000 rows of 300 are cut into three panels, the last of them larger.
  @Test(arguments: [(3, 5), (64, 300), (3000, 300), (1, 1)])
  func `half precision computes as the same numbers in floats`(rows: Int, columns: Int) throws {
    let (weight, matrix) = try brainFloats(rows, columns)
    #expect(weight.storedType == .bfloat16 && weight.count == rows * columns)
    #expect(weight.matrix == matrix)
    #expect(weight.gatheringRows([rows - 1, 0]) == matrix.gatheringRows([rows - 1, 0]))
    // Sums of 300 or 3000 products of size one, rounded to 6e-8 of some dozens, in whatever order.
    let x = randomMatrix(4, columns, seed: 1)
    #expect(weight.multiplied(x).largestDifference(from: Weight(matrix).multiplied(x)) < 1e-4)
    let y = randomMatrix(4, rows, seed: 2)
    #expect(weight.multipliedBack(y).largestDifference(from: Weight(matrix).multipliedBack(y)) < 5e-4)
    var sum = Matrix(rows: 4, columns: rows, repeating: 100)
    weight.multiply(x, into: &sum, adding: true)
    let expected = Weight(matrix).multiplied(x).elements.map { $0 + 100 }
    #expect(zip(sum.elements, expected).allSatisfy { abs($0 - $1) < 2e-4 })
  }

  @Test func `floats are read where they lie, and a copy is written to instead of them`() throws {
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    let bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    // A header length that is no multiple of four leaves the floats unaligned: then they are copied.
    for padding in [0, 1] {
      let weight = try stored("F32", [2, 3], bytes, padding: padding)
      var matrix = weight.matrix
      #expect(matrix.elements == values)
      matrix[0, 0] = 10
      #expect(weight.matrix.elements == values)
      #expect(matrix.elements == [10, 2, 3, 4, 5, 6])
    }
  }

  @Test func `loading reads no numbers: a NaN is found by looking, at its place`() throws {
    _ = try stored("F16", [2, 2], [0, 0, 0, 0x7C, 0, 0, 0, 0])
    let checkpoint = try CheckpointFolder(folder.path)
    #expect(
      throws: CheckpointError.notFinite(tensor: "w", file: folder.path + "/model.safetensors", index: 1)
    ) { try checkpoint.checkFinite(workers: Workers(threadCount: 1)) }
    for (type, bytes, index) in [
      ("F32", [0, 0, 0, 0, 0, 0, 0xC0, 0xFF], 1), ("BF16", [0, 0, 0, 0, 0, 0, 0x80, 0x7F], 3),
      ("F64", [0, 0, 0, 0, 0, 0, 0xF0, 0x7F], 0),
    ] as [(String, [UInt8], Int)] {
      let tensorBytes = bytes
      let count = tensorBytes.count / (type == "F32" ? 4 : type == "BF16" ? 2 : 8)
      let header = "{\"w\":{\"dtype\":\"\(type)\",\"shape\":[\(count)],\"data_offsets\":[0,8]}}"
      let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
      try folder.write(length + Array(header.utf8) + tensorBytes, to: "model.safetensors")
      #expect(
        throws: CheckpointError.notFinite(tensor: "w", file: folder.path + "/model.safetensors", index: index)
      ) { try CheckpointFolder(folder.path).checkFinite(workers: Workers(threadCount: 1)) }
    }
  }
}
