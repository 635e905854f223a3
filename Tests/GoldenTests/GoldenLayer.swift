import Compression
import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenLayer", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenLayer {
  static let workers = Workers(threadCount: 2)

  @Test(arguments: Golden.cases(of: "layer"))
  func `a compressed layer is the reference's`(golden: GoldenCase) throws {
    let weight = try golden.tensor("weight").matrix()
    let inputs = try golden.sequences("inputs")
    try compareHessian(golden, inputs)
    if golden.member("scaler_row") != nil {
      var norms = ColumnNorms(width: weight.columnCount)
      for input in inputs { norms.add(input) }
      let expected = try golden.tensor("scaler_row").matrix().elements
      let allowed = try golden.tolerance("scaler_rel")
      #expect(golden.worst(norms.meanSquares, expected) <= allowed, "\(golden.name): scaler_row")
    }
    guard let method = try golden.method() else { return }
    let found = try GoldenMethod.compressed(weight, by: method, inputs, workers: Self.workers)
    try compareValues(golden, found)
    try compareErrors(golden, weight, found, inputs)
  }

  private func compareHessian(_ golden: GoldenCase, _ inputs: [Matrix]) throws {
    guard golden.member("hessian") != nil, let first = inputs.first else { return }
    var hessian = Hessian(width: first.columnCount)
    for input in inputs { hessian.add(input) }
    let expected = try golden.tensor("hessian").matrix().elements
    let largest = Double(expected.map(abs).max() ?? 0)
    let (deviation, _) = largestDifference(hessian.matrix.elements, expected)
    let allowed = try golden.tolerance("hessian_rel_to_largest") * largest
    #expect(deviation <= allowed, "\(golden.name): Hessian deviates by \(deviation), allowed \(allowed)")
  }

  private func compareValues(_ golden: GoldenCase, _ found: CompressedMatrix) throws {
    if golden.member("codes") != nil {
      let codes = try #require(found.quantization).codes.map(Int.init)
      let share = equalShare(codes, try golden.tensor("codes").integers())
      let wanted = try golden.tolerance("codes_equal_fraction")
      #expect(share >= wanted, "\(golden.name): \(share) of the codes agree, wanted \(wanted)")
    }
    for name in ["scale", "zero"] where golden.member(name) != nil {
      let grids = try #require(found.quantization)
      let worst = golden.worst(
        (name == "scale" ? grids.scales : grids.zeros).elements, try golden.tensor(name).matrix().elements)
      let allowed = try golden.tolerance("scale_rel")
      #expect(worst <= allowed, "\(golden.name): \(name) deviates by \(worst) relatively, allowed \(allowed)")
    }
    if golden.member("permutation") != nil {
      #expect(try found.quantization?.order == golden.tensor("permutation").integers(), "\(golden.name): permutation")
    }
    if golden.member("mask") != nil {
      let isPruned = try golden.string("mask_one_means") == "pruned"
      let expected = try golden.tensor("mask").integers().map { ($0 == 1) == isPruned }
      let share = equalShare(found.weight.elements.map { $0 == 0 }, expected)
      let wanted = try golden.tolerance("mask_equal_fraction")
      #expect(share >= wanted, "\(golden.name): \(share) of the mask agrees, wanted \(wanted)")
    }
    if golden.member("result") != nil {
      let expected = try golden.tensor("result").matrix().elements
      let allowed = try golden.tolerance("result_rel_to_largest") * Double(expected.map(abs).max() ?? 0)
      let share =
        Double(zip(found.weight.elements, expected).count { abs(Double($0) - Double($1)) <= allowed })
        / Double(expected.count)
      let wanted = try golden.tolerance("result_equal_fraction")
      #expect(share >= wanted, "\(golden.name): \(share) of the weights agree, wanted \(wanted)")
    }
    if let zeros = golden.member("zeros")?.integer {
      // The masks may differ in some places, and so may their zeros.
      let allowed = Double(found.weight.count) * (1 - (try golden.tolerance("mask_equal_fraction")))
      #expect(abs(Double(found.zeroCount - zeros)) <= allowed, "\(golden.name): \(found.zeroCount) zeros, not \(zeros)")
    }
  }

  private func compareErrors(
    _ golden: GoldenCase, _ weight: Matrix, _ found: CompressedMatrix, _ inputs: [Matrix]
  ) throws {
    if let expected = golden.member("printed_error")?.double {
      let error = try #require(found.error)
      let allowed = try golden.tolerance("printed_error_rel")
      #expect(abs(error / expected - 1) <= allowed, "\(golden.name): error \(error), expected \(expected)")
    }
    if let expected = golden.member("relative_output_error")?.double {
      var difference = weight
      difference.withMutableElements { elements in
        found.weight.withElements { values in for index in elements.indices { elements[index] -= values[index] } }
      }
      let output = inputs.dropFirst().reduce(inputs[0]) { $0.stacked(on: $1) }
      let error =
        output.times(transposed: difference).frobeniusNorm / output.times(transposed: weight).frobeniusNorm
      let allowed = try golden.tolerance("relative_output_error_abs")
      #expect(abs(error - expected) <= allowed, "\(golden.name): output error \(error), expected \(expected)")
    }
  }

  private func equalShare<Value: Equatable>(_ found: [Value], _ expected: [Value]) -> Double {
    precondition(found.count == expected.count, "\(found.count) values, expected \(expected.count)")
    return Double(zip(found, expected).count { $0 == $1 }) / Double(expected.count)
  }
}
