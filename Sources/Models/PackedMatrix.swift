import Tensors

/// A matrix of weights (out, in) as packed codes, in a mapped file or in memory: W[o, i] = scale · (code - zero), with the
/// scale and the zero of output o and of the group that input i is in.
///
/// The difference is exact and the product rounded to a float once, so a value does not depend on how the matrix is cut.
/// AutoGPTQ's kernels, which compute in half precision, round it to a half besides.
package struct PackedMatrix: Sendable {
  package let format: PackedFormat
  package let rowCount: Int
  package let columnCount: Int
  /// (in · bits / 32, out): the codes, each output's one below the other.
  private let words: StoredTensor
  /// (groups, out · bits / 32): the zeros, each group's side by side.
  private let zeroWords: StoredTensor
  /// (groups, out): floats or half-precision numbers.
  private let scales: StoredTensor
  /// (in): the group of each input.
  private let groups: [Int32]

  private var codes: PackedCodes { PackedCodes(bits: format.bits) }

  /// The rows of these outputs as floats.
  package func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    let grids = grids(of: range)
    return words.withBytes {
      widenCodes($0, outputCount: rowCount, bits: format.bits, groups: groups, grids: grids)
    }
  }

  func gatheringRows(_ indices: [Int]) -> Matrix {
    var result = Matrix(uninitializedRows: indices.count, columns: columnCount)
    for (place, index) in indices.enumerated() { result.replaceRows(from: place, by: rows(index..<index + 1)) }
    return result
  }

  private func grids(of outputs: Range<Int>) -> OutputGrids {
    let groupCount = scales.shape[0]
    var scales = Matrix(uninitializedRows: groupCount, columns: outputs.count)
    scales.withMutableElements { elements in
      for group in 0..<groupCount {
        self.scales.widen(
          from: group * rowCount + outputs.lowerBound,
          to: UnsafeMutableBufferPointer(rebasing: elements[group * outputs.count..<(group + 1) * outputs.count]))
      }
    }
    let (codes, wordCount) = (codes, zeroWords.shape[1])
    let increment: UInt32 = format.zeroStorage == .lessOne ? 1 : 0
    let mask = UInt32(codes.limit - 1)
    var zeros = Matrix(uninitializedRows: groupCount, columns: outputs.count)
    zeros.withMutableElements { elements in
      zeroWords.withBytes { bytes in
        for group in 0..<groupCount {
          for (place, output) in outputs.enumerated() {
            let stored = codes.code(output) {
              UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * (group * wordCount + $0), as: UInt32.self))
            }
            elements[group * outputs.count + place] = Float((stored + increment) & mask)
          }
        }
      }
    }
    return OutputGrids(outputs: outputs, scales: scales, zeros: zeros)
  }
}

// MARK: - Packing

extension PackedMatrix {
  /// Packs codes, in memory.
  ///
  /// - Parameters:
  ///   - codes: (out, in) in row order. A row of codes, and a column of zeros, must fill whole words.
  ///   - scales: (out, groups).
  ///   - zeros: (out, groups): whole numbers from 0 to the largest code.
  ///   - groups: the group of each input; nil where `groupSize` inputs in a row are a group.
  ///   - scaleFormat: how the scales are stored, and rounded. Other readers expect halves.
  /// - Throws: `.overflow` with the place in (groups, out) of a scale that the format does not reach.
  package init(
    codes: [UInt8], scales: Matrix, zeros: Matrix, groups: [Int]? = nil, format: PackedFormat,
    scaleFormat: NamedTensor.FloatFormat = .float16
  ) throws(CheckpointError) {
    let (rowCount, packing) = (scales.rowCount, PackedCodes(bits: format.bits))
    let columnCount = rowCount == 0 ? 0 : codes.count / rowCount
    let groups = groups ?? (0..<columnCount).map { $0 / (format.groupSize ?? columnCount) }
    let groupCount = format.groupCount(inputs: columnCount)
    precondition(
      codes.count == rowCount * columnCount && groups.count == columnCount && scales.columnCount == groupCount
        && zeros.rowCount == rowCount && zeros.columnCount == groupCount,
      "\(codes.count) codes, scales of \(rowCount) × \(scales.columnCount), zeros of \(zeros.rowCount) × \(zeros.columnCount)"
    )
    precondition(groups.allSatisfy { (0..<groupCount).contains($0) }, "a group beyond the \(groupCount) there are")
    guard let height = packing.wordCount(columnCount), let zeroWidth = packing.wordCount(rowCount) else {
      preconditionFailure("\(rowCount) × \(columnCount) codes of \(format.bits) bits leave a word half full")
    }

    var words = [UInt32](repeating: 0, count: height * rowCount)
    for row in 0..<rowCount {
      for (place, word) in packing.packed(codes[row * columnCount..<(row + 1) * columnCount]).enumerated() {
        words[place * rowCount + row] = word
      }
    }
    let decrement = format.zeroStorage == .lessOne ? 1 : 0
    let zeroWords = (0..<groupCount).flatMap { group in
      packing.packed((0..<rowCount).map { UInt8((Int(zeros[$0, group]) - decrement) & (packing.limit - 1)) })
    }
    let turnedScales = scales.transposed
    if let place = turnedScales.elements.firstIndex(where: { !scaleFormat.reaches($0) }) {
      throw .overflow(tensor: "scales", file: "memory", index: place, type: scaleFormat.elementType.rawValue)
    }

    self.format = format
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.groups = groups.map(Int32.init)
    self.words = StoredTensor("qweight", .int32, [height, rowCount], words.map(\.littleEndian))
    self.zeroWords = StoredTensor("qzeros", .int32, [groupCount, zeroWidth], zeroWords.map(\.littleEndian))
    let shape = [groupCount, rowCount]
    self.scales =
      switch scaleFormat {
      case .float32: StoredTensor("scales", .float32, shape, turnedScales.elements)
      case .float16:
        StoredTensor("scales", .float16, shape, turnedScales.elements.map(NamedTensor.FloatFormat.halfBits))
      case .bfloat16:
        StoredTensor("scales", .bfloat16, shape, turnedScales.elements.map(NamedTensor.FloatFormat.brainBits))
      }
  }

  /// The codes (out, in) in row order.
  package var unpackedCodes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(rowCount * columnCount)
    words.withBytes { bytes in
      for row in 0..<rowCount {
        for column in 0..<columnCount {
          let code = codes.code(column) {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * ($0 * rowCount + row), as: UInt32.self))
          }
          result.append(UInt8(code))
        }
      }
    }
    return result
  }

  /// (out, groups)
  package var unpackedScales: Matrix { grids(of: 0..<rowCount).scales.transposed }

  /// (out, groups)
  package var unpackedZeros: Matrix { grids(of: 0..<rowCount).zeros.transposed }

  /// The group of each input.
  package var inputGroups: [Int] { groups.map(Int.init) }
}

// MARK: - Checkpoints

extension PackedMatrix {
  /// The ends of the names of a layer's tensors.
  enum Part: String, CaseIterable {
    case words = "qweight"
    case zeroWords = "qzeros"
    case scales
    case groups = "g_idx"

    /// The part that a tensor is by its name; nil for one that is none.
    init?(tensor name: String) {
      guard let part = Self.allCases.first(where: { name.hasSuffix(".\($0.rawValue)") }) else { return nil }
      self = part
    }
  }

  /// The weight (rows, columns) of a layer of the folder. The codes, scales and zeros stay in their files; the groups of
  /// the inputs are read now.
  ///
  /// - Parameter layer: the name that the names of its tensors begin with, without the dot.
  init(
    _ layer: String, _ rows: Int, _ columns: Int, of folder: CheckpointFolder, format: PackedFormat
  ) throws(CheckpointError) {
    let packing = PackedCodes(bits: format.bits)
    let groupCount = format.groupCount(inputs: columns)
    func name(_ part: Part) -> String { "\(layer).\(part.rawValue)" }
    func tensor(_ part: Part, _ types: [ElementType], _ shape: [Int]) throws(CheckpointError) -> StoredTensor {
      let tensor = try folder.tensor(name(part), shape: shape)
      guard types.contains(tensor.type) else {
        throw .unsupportedType(tensor: tensor.name, file: tensor.path, found: tensor.type.rawValue)
      }
      return tensor
    }
    guard let height = packing.wordCount(columns), let zeroWidth = packing.wordCount(rows) else {
      throw .invalidMember(
        file: folder.path + "/config.json", member: "\(PackedFormat.configurationMember).bits",
        expected: "a width of codes with which \(columns) inputs and \(rows) outputs fill whole words (\(layer))",
        found: "\(format.bits)")
    }
    self.format = format
    rowCount = rows
    columnCount = columns
    words = try tensor(.words, [.int32], [height, rows])
    zeroWords = try tensor(.zeroWords, [.int32], [groupCount, zeroWidth])
    scales = try tensor(.scales, [.float16, .bfloat16, .float32], [groupCount, rows])
    // The oldest folders lack the groups where they are what the format says.
    if format.ordersByActivation || folder.has(name(.groups)) {
      let stored = try tensor(.groups, [.int32], [columns])
      let groups = try stored.integers()
      if let place = groups.firstIndex(where: { !(0..<groupCount).contains($0) }) {
        throw .unexpectedElement(
          tensor: stored.name, file: stored.path, index: place, expected: "a group from 0 to \(groupCount - 1)",
          found: "\(groups[place])")
      }
      self.groups = groups.map(Int32.init)
    } else {
      groups = (0..<columns).map { Int32($0 / (format.groupSize ?? columns)) }
    }
  }

  /// Its tensors under a checkpoint's names, stored as they are held.
  package func checkpointTensors(_ layer: String) -> [NamedTensor] {
    func name(_ part: Part) -> String { "\(layer).\(part.rawValue)" }
    let groupBytes = groups.map(\.littleEndian).withUnsafeBytes { Array($0) }
    return [
      NamedTensor(words, as: name(.words)), NamedTensor(zeroWords, as: name(.zeroWords)),
      NamedTensor(scales, as: name(.scales)),
      NamedTensor(name(.groups), shape: [groups.count], bytes: groupBytes, type: .int32),
    ]
  }
}
