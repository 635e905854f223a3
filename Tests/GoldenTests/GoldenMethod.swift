import Compression
import Models
import Tensors

/// What the cases of the suites `layer` and `compression` have in common.
enum GoldenMethod {
  static func compressed(
    _ weight: Matrix, by method: some LayerCompressor, _ inputs: [Matrix], workers: Workers
  ) throws -> CompressedMatrix {
    var statistics = InputStatistics(method.needs, width: weight.columnCount)
    for input in inputs { statistics.add(input) }
    return try method.compressed(weight, for: statistics, workers: workers)
  }
}

extension GoldenCase {
  /// The method with the case's options; nil where the case has none, such as how much to remove.
  func method() throws -> (any LayerCompressor)? {
    let method = try string("method")
    switch method {
    case "gptq":
      guard let quantizer = try quantizer() else { throw GoldenError(description: "\(name): no bits") }
      return GPTQ(
        quantizer, ordersByActivation: flag("act_order"), hasStaticGroups: flag("static_groups"),
        blockSize: try integer("block_size"), dampening: try dampening())
    case "rtn": return try quantizer().map { RoundToNearest($0) }
    case "sparsegpt":
      return try pattern().map {
        SparseGPT(
          $0, quantizer: try quantizer(), blockSize: try integer("block_size"), dampening: try dampening())
      }
    case "magnitude": return pattern().map { MagnitudePruning($0) }
    case "wanda": return pattern().map { Wanda($0) }
    default: throw GoldenError(description: "\(name): an unknown method \(method)")
    }
  }

  private func flag(_ name: String) -> Bool { member(name)?.boolean == true }

  /// No more than the reference's own: it stops where recollect would try more.
  private func dampening() throws -> Dampening { Dampening(Float(try double("percdamp")), upTo: 0) }

  private func quantizer() throws -> Quantizer? {
    guard let bits = member("bits")?.integer else { return nil }
    let group = try integer("group_size")
    return Quantizer(
      levels: flag("ternary") ? .ternary : .bits(bits), isSymmetric: flag("symmetric"), searchesRange: flag("mse"),
      groupSize: group == -1 ? nil : group)
  }

  private func pattern() -> SparsityPattern? {
    if let zeros = member("prune_n")?.integer, let width = member("prune_m")?.integer, zeros > 0 {
      return .ofEach(zeros: zeros, of: width)
    }
    return member("sparsity")?.double.map { .unstructured($0) }
  }

  /// Inputs [sequences, tokens, columns], a matrix a sequence; none where the case has none.
  func sequences(_ name: String) throws -> [Matrix] {
    guard member(name) != nil else { return [] }
    let stored = try tensor(name)
    let all = try stored.matrix()
    let tokens = stored.shape[1]
    return stride(from: 0, to: all.rowCount, by: tokens).map { all.rows($0..<$0 + tokens) }
  }

  /// The rows of an integer matrix.
  func rows(_ name: String) throws -> [[Int]] {
    let tensor = try tensor(name)
    let all = try tensor.integers()
    let width = tensor.shape[1]
    return stride(from: 0, to: all.count, by: width).map { Array(all[$0..<$0 + width]) }
  }

  /// The largest relative deviation; infinite where the expected number is 0 and the other is not.
  func worst(_ found: [Float], _ expected: [Float]) -> Double {
    precondition(found.count == expected.count, "\(found.count) numbers, expected \(expected.count)")
    return zip(found, expected).reduce(0) { worst, pair in
      let difference = abs(Double(pair.0) - Double(pair.1))
      return max(worst, difference == 0 ? 0 : difference / abs(Double(pair.1)))
    }
  }
}
