import Compression
import Evaluation
import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenCompression", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenCompression {
  static let workers = Workers(threadCount: 2)

  @Test(arguments: Golden.cases(of: "compression"))
  func `a compressed model is the reference's`(golden: GoldenCase) throws {
    try check(golden, try loadModel(folder: golden.path("model")))
  }

  @Test(arguments: Golden.cases(of: "compression"))
  func `the reference's compressed weights have its perplexity`(golden: GoldenCase) throws {
    guard golden.member("weights_complete")?.boolean == true else { return }
    var model: any LanguageModel = try loadModel(folder: golden.path("model"))
    let file = try SafetensorsFile(path: golden.path("weights_file"))
    for name in model.linearNames {
      model[name].weight = Weight(try file.tensor(named: model.weightName(of: name)).matrix())
    }
    let found = try perplexity(of: model, golden)
    let expected = try golden.double("perplexity")
    // The reference's tolerance for a model that is only loaded: 1e-5 relative (g05), and as much for compressed ones.
    #expect(abs(found.perplexity / expected - 1) < 1e-5, "\(golden.name): \(found.perplexity), expected \(expected)")
  }

  private func perplexity(of model: some LanguageModel, _ golden: GoldenCase) throws -> WindowPerplexity {
    try WindowPerplexity(of: model, windows: golden.rows("window_ids"), workers: Self.workers)
  }

  private func check(_ golden: GoldenCase, _ base: some LanguageModel) throws {
    let dense = try perplexity(of: base, golden).perplexity
    // Tolerance of the reference for an unchanged model: 1e-5 relative (g05).
    #expect(abs(dense / (try golden.double("dense_perplexity")) - 1) < 1e-5, "\(golden.name): dense \(dense)")

    guard let method = try golden.method() else { throw GoldenError(description: "\(golden.name): no settings") }
    let calibration = golden.member("calibration_ids") == nil ? [] : try golden.rows("calibration_ids")
    let grouping: LayerGrouping = golden.member("true_sequential")?.boolean == true ? .sameInput : .wholeBlock
    expectGroups(golden, grouping, of: base)
    var model = base
    var layers: [String: CompressedLayer] = [:]
    let reports = try model.compress(
      by: method, calibration: calibration, grouping: grouping, workers: Self.workers
    ) { layer in layers[base.moduleName(of: layer.name)] = layer }

    try comparePerplexity(golden, try perplexity(of: model, golden))
    try compareReports(golden, reports)
    try compareWeights(golden, of: model)
    try compareCodes(golden, layers)
    try compareNorms(golden, layers)
    try compareCosines(golden, dense: base, model)
  }

  /// The case's groups are those of the model, in whatever order within a group: its layers do not see one another.
  private func expectGroups<Model: LanguageModel>(
    _ golden: GoldenCase, _ grouping: LayerGrouping, of _: Model
  ) {
    let own = grouping == .sameInput ? Model.linearGroups : [Model.linearPaths]
    let expected = (golden.member("module_groups")?.array ?? []).map { Set(($0.array ?? []).compactMap(\.string)) }
    let found = own.map { Set($0.map { String(LinearName(block: 0, path: $0).role) }) }
    #expect(found == expected, "\(golden.name): groups")
  }

  private func comparePerplexity(_ golden: GoldenCase, _ found: WindowPerplexity) throws {
    let accepted = (golden.member("accepted_perplexities")?.array ?? []).compactMap(\.double)
    let allowed = try golden.tolerance("perplexity_rel")
    #expect(
      accepted.contains { abs(found.perplexity / $0 - 1) <= allowed },
      "\(golden.name): perplexity \(found.perplexity), accepted \(accepted) within \(allowed)")
    guard let windowAllowed = golden.optionalTolerance("window_abs"), golden.member("window_mean_loss") != nil else {
      return
    }
    let losses = try (golden.json("window_mean_loss").array ?? []).compactMap(\.double)
    #expect(losses.count == found.windowLosses.count)
    let worst = zip(losses, found.windowLosses).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= windowAllowed, "\(golden.name): a window's loss deviates by \(worst), allowed \(windowAllowed)")
  }

  private func compareReports(_ golden: GoldenCase, _ reports: [LayerReport]) throws {
    let zerosAllowed = try golden.tolerance("zero_fraction_abs")
    let expectedZeros = try golden.double("zero_fraction")
    #expect(
      abs(reports.zeroFraction - expectedZeros) <= zerosAllowed,
      "\(golden.name): zeros \(reports.zeroFraction), expected \(expectedZeros)")
    if golden.member("chaotic")?.boolean != true, let expected = golden.member("error_sum")?.double {
      let allowed = try golden.tolerance("error_sum_rel")
      #expect(
        abs(reports.errorSum / expected - 1) <= allowed,
        "\(golden.name): error sum \(reports.errorSum), expected \(expected)")
    }
    guard golden.member("modules") != nil else { return }
    let allowed = try golden.tolerance("module_error_rel")
    for module in try golden.json("modules").array ?? [] {
      guard let expected = module["reference_error"]?.double, let block = module["layer"]?.integer,
        let path = module["module"]?.string
      else { continue }
      let report = try #require(reports.first { $0.layer.hasSuffix(".\(block).\(path).weight") })
      let error = try #require(report.error)
      #expect(
        abs(error - expected) <= allowed * expected,
        "\(golden.name): \(report.layer) has an error of \(error), expected \(expected)")
    }
  }

  private func compareWeights(_ golden: GoldenCase, of model: some LanguageModel) throws {
    let keys = Set((golden.member("weight_keys")?.array ?? []).compactMap(\.string))
    let file = try SafetensorsFile(path: golden.path("weights_file"))
    for name in model.linearNames {
      let key = model.weightName(of: name)
      guard keys.contains(key), let wanted = try golden.equalFraction(block: name.block) else { continue }
      let expected = try file.tensor(named: key).matrix()
      let allowed =
        Float(try golden.tolerance("weight_rel_to_largest")) * (expected.elements.map(abs).max() ?? 0)
      let rows = golden.comparedRows(of: model.moduleName(of: name), count: expected.rowCount)
      let found = model[name].weight.matrix.gatheringRows(rows).elements
      let stored = expected.gatheringRows(rows).elements
      let equal = Double(zip(found, stored).count { abs($0 - $1) <= allowed }) / Double(stored.count)
      let sameZeros = Double(zip(found, stored).count { ($0 == 0) == ($1 == 0) }) / Double(stored.count)
      #expect(equal >= wanted, "\(golden.name): \(key) agrees in \(equal) of its weights, wanted \(wanted)")
      #expect(sameZeros >= wanted, "\(golden.name): \(key) agrees in \(sameZeros) of its zeros, wanted \(wanted)")
    }
  }

  private func compareCodes(_ golden: GoldenCase, _ layers: [String: CompressedLayer]) throws {
    guard golden.member("codes_file") != nil else { return }
    let file = try SafetensorsFile(path: golden.path("codes_file"))
    func modules(_ list: String) -> [(name: String, layer: CompressedLayer)] {
      (golden.member(list)?.array ?? []).compactMap(\.string).compactMap { name in layers[name].map { (name, $0) } }
    }
    func compare(
      _ list: String, _ kind: String, _ equal: (CompressedMatrix.Quantization, StoredTensor, [Int]) throws -> Double
    ) throws {
      for (name, layer) in modules(list) {
        guard let wanted = try golden.equalFraction(block: layer.name.block) else { continue }
        let rows = golden.comparedRows(of: name, count: layer.matrix.weight.rowCount)
        let share = try equal(
          #require(layer.matrix.quantization), file.tensor(named: "\(kind).\(name)"), rows)
        #expect(share >= wanted, "\(golden.name): \(kind) of \(name) agrees in \(share), wanted \(wanted)")
      }
    }
    try compare("code_modules", "codes") { found, stored, rows in
      let (expected, width) = (try stored.integers(), stored.shape[1])
      let equal = rows.reduce(0) { sum, row in
        sum + (0..<width).count { Int(found.codes[row * width + $0]) == expected[row * width + $0] }
      }
      return Double(equal) / Double(rows.count * width)
    }
    let allowed = try golden.tolerance("scale_rel")
    func share(_ found: Matrix, _ expected: Matrix, _ rows: [Int]) -> Double {
      let pairs = zip(found.gatheringRows(rows).elements, expected.gatheringRows(rows).elements)
      let equal = pairs.count { abs(Double($0) - Double($1)) <= allowed * abs(Double($1)) }
      return Double(equal) / Double(rows.count * expected.columnCount)
    }
    try compare("scale_modules", "scale") { share($0.scales, try $1.matrix(), $2) }
    try compare("zero_modules", "zero") { share($0.zeros, try $1.matrix(), $2) }
    try compare("permutation_modules", "perm") { found, stored, _ in
      let expected = try stored.integers()
      return Double(zip(found.order, expected).count { $0 == $1 }) / Double(expected.count)
    }
  }

  private func compareNorms(_ golden: GoldenCase, _ layers: [String: CompressedLayer]) throws {
    guard golden.member("stats_file") != nil else { return }
    let file = try SafetensorsFile(path: golden.path("stats_file"))
    let allowed = try golden.tolerance("scaler_rel")
    for module in (golden.member("scaler_modules")?.array ?? []).compactMap(\.string) {
      let layer = try #require(layers[module])
      guard try golden.equalFraction(block: layer.name.block) != nil else { continue }
      guard case .columnNorms(let norms) = layer.inputs else {
        throw GoldenError(description: "\(golden.name): no norms were gathered")
      }
      let worst = golden.worst(norms.meanSquares, try file.tensor(named: "scaler_row.\(module)").matrix().elements)
      #expect(worst <= allowed, "\(golden.name): norms of \(module) deviate by \(worst), allowed \(allowed)")
    }
  }

  // MARK: Cosines

  private func compareCosines(_ golden: GoldenCase, dense: some LanguageModel, _ model: some LanguageModel) throws {
    guard let allowed = golden.optionalTolerance("cosine_abs"), golden.member("cosine") != nil else { return }
    let stored = try golden.tensor("cosine_ids")
    let all = try stored.integers()
    let first = (golden.member("cosine_ids_row")?.integer ?? 0) * (stored.shape.last ?? 0)
    let tokens = Array(all[first..<first + (try golden.integer("cosine_ids_count"))])
    let (left, right) = (Inner(dense, tokens), Inner(model, tokens))
    for expected in try golden.json("cosine").array ?? [] {
      let block = try #require(expected["layer"]?.integer)
      let hidden = Cosines(left.hidden[block], right.hidden[block])
      let attention = Cosines(left.attention[block], right.attention[block])
      for (name, found) in [
        ("hidden_mean_over_tokens", hidden.meanOverRows), ("hidden_flattened", hidden.ofAll),
        ("attention_rows_mean_over_heads_and_queries", attention.meanOverRows),
        ("attention_flattened", attention.ofAll),
      ] {
        let number = try #require(expected[name]?.double)
        #expect(abs(found - number) <= allowed, "\(golden.name): \(name) of block \(block) is \(found), not \(number)")
      }
    }
  }

  /// A model's hidden states (T, C) after each block, and attention (heads · T, T) in each.
  private struct Inner {
    var hidden: [Matrix] = []
    var attention: [Matrix] = []

    init(_ model: some LanguageModel, _ tokens: [Int]) {
      var hidden: [Matrix] = []
      var heads: [[Matrix]] = Array(repeating: [], count: model.shape.blockCount)
      var pass = ForwardPass(observer: { observation in
        if case .attention(let block, _, let probabilities) = observation { heads[block].append(probabilities) }
      })
      _ = model.runBlocks(model.embedded(tokens), &pass) { hidden.append($0) }
      self.hidden = Array(hidden.dropFirst())
      attention = heads.map { heads in heads.dropFirst().reduce(heads[0]) { $0.stacked(on: $1) } }
    }
  }

  private struct Cosines {
    let meanOverRows: Double
    let ofAll: Double

    init(_ left: Matrix, _ right: Matrix) {
      func cosine(_ left: [Float], _ right: [Float]) -> Double {
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        return dot(left, right) / (dot(left, left) * dot(right, right)).squareRoot()
      }
      meanOverRows =
        (0..<left.rowCount).reduce(0) { $0 + cosine(left.row($1), right.row($1)) } / Double(left.rowCount)
      ofAll = cosine(left.elements, right.elements)
    }
  }
}

extension LanguageModel {
  /// A linear layer's name in a checkpoint.
  fileprivate func moduleName(of linear: LinearName) -> String { "\(Self.blockPrefix)\(linear.block).\(linear.path)" }
}

extension GoldenCase {
  fileprivate func optionalTolerance(_ name: String) -> Double? { value["tolerance"]?[name]?.double }

  /// The share of equal elements that a layer of this block must have; nil where it is not to be compared.
  fileprivate func equalFraction(block: Int) throws -> Double? {
    func blocks(_ name: String) -> [Int] { (member(name)?.array ?? []).compactMap(\.integer) }
    if blocks("strict_layers").contains(block) { return try tolerance("strict_equal_fraction") }
    return blocks("later_layers").contains(block) ? try tolerance("later_equal_fraction") : nil
  }

  fileprivate func comparedRows(of module: String, count: Int) -> [Int] {
    let excluded = Set(
      (member("excluded_rows")?.array ?? []).filter { $0["module"]?.string == module }.compactMap { $0["row"]?.integer }
    )
    return (0..<count).filter { !excluded.contains($0) }
  }
}
