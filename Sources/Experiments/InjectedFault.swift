import Compression
import Evaluation
import Tensors

/// A fault of computation, for `GateTest` to see whether the gate notices it. A run with one says so in its results,
/// which may then not be compared, and writes into a store of its own.
package enum InjectedFault: String, CaseIterable, Sendable {
  /// Every weight is stored with a scale that is 65/64 of what it was quantized by.
  case scaleOff
  /// GPTQ takes the columns in the order of their inputs, and leaves them in it.
  case unpermutedColumns
  /// Each question's right answer is the choice behind it.
  case shiftedGold
  /// A recovery over several prompts has them in the reverse order, and each under the other's name.
  case swappedPrompts

  package var title: String {
    switch self {
    case .scaleOff: "a quantizer's scale is off by one part in 64 (computed)"
    case .unpermutedColumns: "act-order's permutation is not undone (computed)"
    case .shiftedGold: "a task's right answers are shifted (computed)"
    case .swappedPrompts: "two prompts are swapped (computed)"
    }
  }

  /// The kind of the first stage that it changes; those behind it change with it.
  var stage: String {
    switch self {
    case .scaleOff, .unpermutedColumns: "compress"
    case .shiftedGold, .swappedPrompts: "score"
    }
  }

  /// The compressor with the fault in it.
  func injected(into settings: CompressionSettings) throws(SettingsError) -> any LayerCompressor {
    var settings = settings
    // The order is one of the calibration's Hessian: the fault needs a method that has one.
    if self == .unpermutedColumns { settings.actOrder = true }
    func faulty(_ compressor: some LayerCompressor) -> any LayerCompressor { FaultyCompressor(compressor, self) }
    return faulty(try settings.compressor())
  }
}

/// A compressor whose weights come out wrong.
private struct FaultyCompressor<Base: LayerCompressor>: LayerCompressor {
  private let base: Base
  private let fault: InjectedFault

  init(_ base: Base, _ fault: InjectedFault) {
    self.base = base
    self.fault = fault
  }

  var needs: InputStatistics.Kind { base.needs }
  var bytesPerWeight: Int { base.bytesPerWeight + 4 }

  func prepare(_ inputs: InputStatistics, workers: Workers) throws -> Base.Preparation {
    try base.prepare(inputs, workers: workers)
  }

  func compressed(_ weight: Matrix, _ preparation: Base.Preparation, workers: Workers) throws -> CompressedMatrix {
    let right = try base.compressed(weight, preparation, workers: workers)
    switch fault {
    case .scaleOff:
      var scaled = right.weight
      scaled.multiply(by: 65 / 64)
      return right.replacing(weight: scaled)
    case .unpermutedColumns:
      let order = right.quantization?.order ?? Array(0..<right.weight.columnCount)
      return right.replacing(weight: right.weight.gatheringColumns(order))
    case .shiftedGold, .swappedPrompts: return right
    }
  }
}

extension Document {
  /// With the next choice as the right one; as it is where it has no choices.
  func shiftingGold() -> Document {
    guard case .multipleChoice(let gold, let lengths) = judgement else { return self }
    return Document(
      index: index, requests: requests,
      judgement: .multipleChoice(gold: (gold + 1) % requests.count, choiceLengths: lengths))
  }
}
