import Models
import Tensors

/// Random codes, scales and zeros, and the values they stand for, computed one by one.
struct RandomPackedMatrix {
  let codes: [UInt8]
  /// (out, groups)
  let scales: Matrix
  /// (out, groups)
  let zeros: Matrix
  let groups: [Int]
  let format: PackedFormat
  let packed: PackedMatrix

  /// The scales are halves, and such that outputs are about as large as inputs.
  ///
  /// With `ordersByActivation` the inputs are dealt out to the groups in random order.
  init(_ rows: Int, _ columns: Int, _ format: PackedFormat, seed: UInt64 = 1) throws {
    var stream = RandomStream(seed: seed, purpose: "packed matrix")
    let limit = 1 << format.bits
    let groupSize = format.groupSize ?? columns
    let groupCount = (columns + groupSize - 1) / groupSize
    codes = (0..<rows * columns).map { _ in UInt8(stream.nextInteger(below: limit)) }
    let size = 4 / Float(limit) / Float(columns).squareRoot()
    scales = Matrix(
      rows: rows, columns: groupCount,
      (0..<rows * groupCount).map { _ in Float(Float16(stream.nextUniform(in: size / 2..<size))) })
    zeros = Matrix(
      rows: rows, columns: groupCount, (0..<rows * groupCount).map { _ in Float(stream.nextInteger(below: limit)) })
    let order = format.ordersByActivation ? stream.nextPermutation(of: columns) : Array(0..<columns)
    groups = order.map { $0 / groupSize }
    self.format = format
    packed = try PackedMatrix(codes: codes, scales: scales, zeros: zeros, groups: groups, format: format)
  }

  var values: Matrix {
    let (rows, columns) = (scales.rowCount, groups.count)
    return Matrix(
      rows: rows, columns: columns,
      (0..<rows * columns).map { place in
        let (row, group) = (place / columns, groups[place % columns])
        return scales[row, group] * (Float(codes[place]) - zeros[row, group])
      })
  }
}

extension PackedFormat {
  init(bits: Int, groupSize: Int?, shuffled: Bool = false, zeroStorage: ZeroStorage = .lessOne) {
    self.init(
      bits: bits, groupSize: groupSize, isSymmetric: false, ordersByActivation: shuffled, zeroStorage: zeroStorage)
  }

  /// Every width, with one group or several (the last of them smaller), in order or shuffled, and both storages of zeros.
  static let examples: [PackedFormat] = PackedCodes.supportedBits.flatMap { bits in
    [
      PackedFormat(bits: bits, groupSize: nil), PackedFormat(bits: bits, groupSize: 32, zeroStorage: .asItIs),
      PackedFormat(bits: bits, groupSize: 40, shuffled: true),
    ]
  }
}
