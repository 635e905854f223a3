import Models
import Tensors

/// How compressed weights are stored. What a block gives to those behind it comes from weights in this form, so that the
/// stored model computes what its calibration saw.
package enum StoredForm: Sendable, Equatable {
  /// As numbers of that type; nil: of the type that the checkpoint has them in.
  case values(NamedTensor.FloatFormat?)
  /// As codes, with scales in half precision: they differ from the values by the rounding of the scales.
  case packed

  /// - Throws: `CheckpointError.overflow` for a number or a scale that the type does not reach.
  func weight(_ compressed: CompressedMatrix, of layer: String, replacing original: Weight) throws -> Weight {
    switch self {
    case .values(let format):
      let format = format ?? original.storedType.flatMap { NamedTensor.FloatFormat($0) } ?? .float32
      return try Weight(compressed.weight, storedAs: format, name: layer)
    case .packed:
      guard let quantization = compressed.quantization, let format = quantization.packedFormat else {
        preconditionFailure("\(layer) has no codes to pack")
      }
      return Weight(try quantization.packed(format, layer: layer))
    }
  }

  /// Bytes of a weight of that original, about.
  func byteCount(_ original: Weight, bits: Int?) -> Int {
    switch self {
    case .values(let format):
      original.count * (format?.elementType ?? original.storedType ?? .float32).byteCount
    case .packed: original.count * (bits ?? 8) / 8
    }
  }
}

extension CompressedMatrix.Quantization {
  fileprivate func packed(_ format: PackedFormat, layer: String) throws(CheckpointError) -> PackedMatrix {
    do {
      return try PackedMatrix(codes: codes, scales: scales, zeros: zeros, groups: groups, format: format)
    } catch {
      guard case .overflow(_, let file, let index, let type) = error else { throw error }
      throw .overflow(tensor: "\(layer), scales", file: file, index: index, type: type)
    }
  }

  /// nil where there are no codes of that kind in checkpoints.
  var packedFormat: PackedFormat? { quantizer.packedFormat(isReordered: order != Array(order.indices)) }
}

extension Quantizer {
  /// nil for three values, and for codes of other widths than checkpoints have.
  func packedFormat(isReordered: Bool) -> PackedFormat? {
    guard case .bits(let bits) = levels, PackedCodes.supportedBits.contains(bits) else { return nil }
    return PackedFormat(
      bits: bits, groupSize: groupSize, isSymmetric: isSymmetric, ordersByActivation: isReordered,
      zeroStorage: .lessOne)
  }
}
