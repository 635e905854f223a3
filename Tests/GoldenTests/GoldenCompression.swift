import Compression
import Evaluation
import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenCompression", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenCompression {
  static let workers = Workers(threadCount: 2)
  static let cases = Golden.cases(of: "compression") { try $0.supportedMethod() != nil }

  @Test(.disabled(if: !cases.unsupported.isEmpty, Golden.skipping(cases.unsupported)))
  func `no case is left out`() { #expect(Self.cases.unsupported.isEmpty) }

  @Test(arguments: cases.supported)
  func `a compressed model's weights and perplexity are the reference's`(golden: GoldenCase) throws {
    try check(golden, try loadModel(folder: golden.path("model")))
  }

  private func check(_ golden: GoldenCase, _ base: some LanguageModel) throws {
    let method = try #require(try golden.supportedMethod())
    var model = base
    let calibration = try golden.rows("calibration_ids")
    let windows = try golden.rows("window_ids")

    let dense = try WindowPerplexity(of: model, windows: windows, workers: Self.workers).perplexity
    // Tolerance of the reference for an unchanged model: 1e-5 relative (g05).
    #expect(abs(dense / (try golden.double("dense_perplexity")) - 1) < 1e-5, "\(golden.name): dense \(dense)")

    let reports = try model.compress(by: method, calibration: calibration, workers: Self.workers)
    let found = try WindowPerplexity(of: model, windows: windows, workers: Self.workers).perplexity
    let accepted = (golden.member("accepted_perplexities")?.array ?? []).compactMap(\.double)
    let allowed = try golden.tolerance("perplexity_rel")
    #expect(
      accepted.contains { abs(found / $0 - 1) <= allowed },
      "\(golden.name): perplexity \(found), accepted \(accepted) within \(allowed)")

    if golden.member("chaotic")?.boolean != true {
      let error = reports.reduce(0) { $0 + $1.error }
      let expected = try golden.double("error_sum")
      let errorAllowed = try golden.tolerance("error_sum_rel")
      #expect(abs(error / expected - 1) <= errorAllowed, "\(golden.name): error sum \(error), expected \(expected)")
      let zeros = Double(reports.reduce(0) { $0 + $1.zeroCount }) / Double(reports.reduce(0) { $0 + $1.weightCount })
      let zerosAllowed = try golden.tolerance("zero_fraction_abs")
      let expectedZeros = try golden.double("zero_fraction")
      #expect(abs(zeros - expectedZeros) <= zerosAllowed, "\(golden.name): zeros \(zeros), expected \(expectedZeros)")
    }
    try compareWeights(of: model, golden)
  }

  private func compareWeights(of model: some LanguageModel, _ golden: GoldenCase) throws {
    let strict = Set((golden.member("strict_layers")?.array ?? []).compactMap(\.integer))
    let later = Set((golden.member("later_layers")?.array ?? []).compactMap(\.integer))
    let file = try SafetensorsFile(path: golden.path("weights_file"))
    for name in model.linearNames where strict.contains(name.block) || later.contains(name.block) {
      let key = model.weightName(of: name)
      guard let stored = file.tensors.first(where: { $0.name == key }) else { continue }
      let expected = try stored.matrix()
      let found = model[name].weight.matrix
      let excluded = golden.excludedRows(of: key)
      let largest = expected.elements.map(abs).max() ?? 0
      let allowed = Float(try golden.tolerance("weight_rel_to_largest")) * largest
      var compared = 0
      var equal = 0
      for row in 0..<expected.rowCount where !excluded.contains(row) {
        for (left, right) in zip(found.row(row), expected.row(row)) {
          compared += 1
          if abs(left - right) <= allowed { equal += 1 }
        }
      }
      let share = Double(equal) / Double(compared)
      let wanted = try golden.tolerance(strict.contains(name.block) ? "strict_equal_fraction" : "later_equal_fraction")
      #expect(share >= wanted, "\(golden.name): \(key) agrees in \(share) of its weights, wanted \(wanted)")
    }
  }
}

@Suite("GoldenLayer", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenLayer {
  static let cases = Golden.cases(of: "layer") { try $0.supportedMethod() != nil }

  @Test(.disabled(if: !cases.unsupported.isEmpty, Golden.skipping(cases.unsupported)))
  func `no case is left out`() { #expect(Self.cases.unsupported.isEmpty) }

  @Test(arguments: cases.supported)
  func `a layer's codes, grid and error are the reference's`(golden: GoldenCase) throws {
    let method = try #require(try golden.supportedMethod())
    let weight = try golden.tensor("weight").matrix()
    let stored = try golden.tensor("inputs")
    let inputs = try stored.matrix()  // (sequences · tokens, in)
    let tokens = stored.shape[1]
    var hessian = Hessian(width: weight.columnCount)
    for first in stride(from: 0, to: inputs.rowCount, by: tokens) { hessian.add(inputs.rows(first..<first + tokens)) }
    if golden.member("hessian") != nil {
      let expected = try golden.tensor("hessian").matrix().elements
      let largest = Double(expected.map(abs).max() ?? 0)
      let (deviation, _) = largestDifference(hessian.matrix.elements, expected)
      let allowed = try golden.tolerance("hessian_rel_to_largest") * largest
      #expect(deviation <= allowed, "\(golden.name): Hessian deviates by \(deviation), allowed \(allowed)")
    }

    let found = try method.quantized(weight, hessian: hessian, workers: Workers(threadCount: 2))
    if golden.member("codes") != nil {
      let expected = try golden.tensor("codes").integers()
      let share = Double(zip(found.codes, expected).count { Int($0) == $1 }) / Double(expected.count)
      let wanted = try golden.tolerance("codes_equal_fraction")
      #expect(share >= wanted, "\(golden.name): \(share) of the codes agree, wanted \(wanted)")
    }
    for (name, matrix) in [("scale", found.scales), ("zero", found.zeros)] where golden.member(name) != nil {
      let expected = try golden.tensor(name).matrix().elements
      let allowed = try golden.tolerance("scale_rel")
      let agree = zip(matrix.elements, expected).allSatisfy {
        abs(Double($0) - Double($1)) <= allowed * abs(Double($1))
      }
      #expect(agree, "\(golden.name): \(name) differs")
    }
    if let error = golden.member("printed_error")?.double {
      let allowed = try golden.tolerance("printed_error_rel")
      #expect(abs(found.error / error - 1) <= allowed, "\(golden.name): error \(found.error), expected \(error)")
    }
    if let expected = golden.member("relative_output_error")?.double {
      var difference = weight
      difference.withMutableElements { elements in
        found.weight.withElements { quantized in for index in elements.indices { elements[index] -= quantized[index] } }
      }
      let error = norm(inputs.times(transposed: difference)) / norm(inputs.times(transposed: weight))
      let allowed = try golden.tolerance("relative_output_error_abs")
      #expect(abs(error - expected) <= allowed, "\(golden.name): output error \(error), expected \(expected)")
    }
  }

  private func norm(_ matrix: Matrix) -> Double {
    matrix.elements.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}

extension GoldenCase {
  /// The GPTQ that the case asks for; nil where it asks for what recollect does not have.
  fileprivate func supportedMethod() throws -> GPTQ? {
    guard try string("method") == "gptq" else { return nil }
    for option in ["symmetric", "act_order", "true_sequential", "static_groups", "mse", "ternary"]
    where member(option)?.boolean == true {
      return nil
    }
    guard let bits = member("bits")?.integer, let group = member("group_size")?.integer else { return nil }
    return GPTQ(
      bits: bits, groupSize: group == -1 ? nil : group, blockSize: try integer("block_size"),
      dampeningFraction: Float(try double("percdamp")))
  }

  /// The rows of an integer matrix.
  fileprivate func rows(_ name: String) throws -> [[Int]] {
    let tensor = try tensor(name)
    let all = try tensor.integers()
    let width = tensor.shape[1]
    return stride(from: 0, to: all.count, by: width).map { Array(all[$0..<$0 + width]) }
  }

  fileprivate func excludedRows(of weight: String) -> Set<Int> {
    let rows = member("excluded_rows")?.array ?? []
    return Set(rows.filter { ($0["module"]?.string ?? "") + ".weight" == weight }.compactMap { $0["row"]?.integer })
  }
}
