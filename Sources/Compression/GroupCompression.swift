import Models
import Synchronization
import Tensors

/// What was gathered of the input that some linear layers share.
struct GatheredInput: Sendable {
  private(set) var statistics: InputStatistics
  /// The first tokens (T, in), on which the layers' output errors are measured; nil before there are any.
  private(set) var sample: Matrix?

  private static let sampleSize = 256

  init(_ kind: InputStatistics.Kind, width: Int) { statistics = InputStatistics(kind, width: width) }

  /// Adds the inputs (T, in) of one sequence.
  mutating func add(_ input: Matrix) {
    statistics.add(input)
    if sample == nil { sample = input.rows(0..<min(Self.sampleSize, input.rowCount)) }
  }
}

/// What is being gathered of an input: in one place, as a Hessian is too large to be copied for every few sequences.
final class Gatherer: Sendable {
  private let gathered: Mutex<GatheredInput>

  init(_ kind: InputStatistics.Kind, width: Int) { gathered = Mutex(GatheredInput(kind, width: width)) }

  var input: GatheredInput { gathered.withLock { $0 } }

  /// Adds the inputs (T, in) of one sequence.
  func add(_ input: Matrix) { gathered.withLock { $0.add(input) } }
}

/// Compresses linear layers that share an input.
struct GroupCompression<Method: LayerCompressor> {
  let method: Method
  let gathered: GatheredInput
  let workers: Workers

  /// Compresses one layer after the other, each one's weight turned into floats only meanwhile.
  ///
  /// - Parameter finish: is given a layer's place in `layers`, and what became of it.
  func compress(
    _ layers: [(name: String, weight: Weight)], finish: (Int, CompressedMatrix, LayerReport) throws -> Void
  ) throws {
    guard let first = layers.first else { return }
    let clock = ContinuousClock()
    let start = clock.now
    try checkInputs(of: first.name)
    let preparation: Method.Preparation
    do {
      preparation = try method.prepare(gathered.statistics, workers: workers)
    } catch let error as DampenedFactorizationError {
      throw error.minor == 0
        ? CompressionError.inputNotFinite(layer: first.name)
        : .notPositiveDefinite(layer: first.name, minor: error.minor, dampeningFractions: error.dampeningFractions)
    }
    // What the layers share is counted in equal parts.
    let shared = (clock.now - start) / layers.count
    for (place, (name, stored)) in layers.enumerated() {
      let start = clock.now
      let weight = stored.matrix
      guard weight.withElements({ $0.allSatisfy(\.isFinite) }) else {
        throw CompressionError.weightNotFinite(layer: name)
      }
      let result = try method.compressed(weight, preparation, workers: workers)
      let seconds = (clock.now - start + shared) / .seconds(1)
      let report = LayerReport(
        layer: name, weightCount: weight.count, zeroCount: result.zeroCount, bitsPerWeight: result.bitsPerWeight,
        error: result.error, outputError: outputError(of: result.weight, for: weight),
        uncorrectedOutputError: try method.uncorrected(weight, workers: workers).flatMap {
          outputError(of: $0, for: weight)
        },
        dampeningFractions: method.dampeningFractions(preparation), seconds: seconds)
      try finish(place, result, report)
    }
  }

  private func checkInputs(of layer: String) throws {
    guard let energies = gathered.statistics.energies else { return }
    guard energies.allSatisfy(\.isFinite) else { throw CompressionError.inputNotFinite(layer: layer) }
    guard energies.contains(where: { $0 > 0 }) else { throw CompressionError.inputAlwaysZero(layer: layer) }
  }

  /// |X (W - Q)ᵀ| / |X Wᵀ| for the sample X; nil without one, and where the layer gives nothing but zeros.
  private func outputError(of compressed: Matrix, for weight: Matrix) -> Double? {
    guard let sample = gathered.sample else { return nil }
    let output = sample.times(transposed: weight)
    var difference = output
    difference.setProduct(sample.slice(), compressed.slice(), rightTransposed: true, scale: -1, adding: true)
    let size = output.frobeniusNorm
    return size > 0 ? difference.frobeniusNorm / size : nil
  }
}

extension Matrix {
  /// The root of the sum of all squares, taken in double precision.
  package var frobeniusNorm: Double {
    withElements { $0.reduce(0.0) { $0 + Double($1) * Double($1) } }.squareRoot()
  }
}
