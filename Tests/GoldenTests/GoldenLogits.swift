import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenLogits", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenLogits {
  @Test(arguments: Golden.cases(of: "logits"))
  func `logits, hidden states and attention are the reference's`(golden: GoldenCase) throws {
    try check(golden, try loadModel(folder: golden.path("model")))
  }

  private func check(_ golden: GoldenCase, _ model: some LanguageModel) throws {
    let ids = try golden.tensor("ids").integers()
    var attention: [[Matrix]] = Array(repeating: [], count: model.shape.blockCount)
    var hidden: [Matrix] = []
    var pass = ForwardPass(observer: { observation in
      if case .attention(let block, _, let probabilities) = observation { attention[block].append(probabilities) }
    })
    let last = model.runBlocks(model.embedded(ids), &pass) { hidden.append($0) }
    let normalized = model.normalized(last)
    let logits = model.logits(normalized)

    let expected = try golden.tensor("logits").matrix()
    let first = try golden.integer("rows_from")
    let found = logits.rows(first..<first + (try golden.integer("rows")))
    try compare(found, expected, "logits", golden, tolerance: "logits_abs")

    let gap = Float(try golden.tolerance("argmax_gap"))
    let mismatches = (0..<expected.rowCount).count { row in
      let wanted = expected.row(row)
      let order = wanted.indices.sorted { wanted[$0] > wanted[$1] }
      guard order.count > 1, wanted[order[0]] - wanted[order[1]] > gap else { return false }
      return found.row(row).firstIndex(of: found.row(row).max() ?? .nan) != order[0]
    }
    #expect(Double(mismatches) <= (try golden.tolerance("argmax_mismatches")), "\(golden.name): argmax")

    for (index, reference) in (golden.member("hidden")?.array ?? []).enumerated() {
      try compare(hidden[index], Golden.tensor(reference).matrix(), "hidden[\(index)]", golden, tolerance: "hidden_abs")
    }
    if let reference = golden.member("final_norm") {
      try compare(normalized, Golden.tensor(reference).matrix(), "final_norm", golden, tolerance: "hidden_abs")
    }
    for (index, reference) in (golden.member("attention")?.array ?? []).enumerated() {
      let heads = attention[index].dropFirst().reduce(attention[index][0]) { $0.stacked(on: $1) }
      try compare(
        heads, Golden.tensor(reference).matrix(), "attention[\(index)]", golden, tolerance: "attention_abs")
    }
  }

  private func compare(
    _ found: Matrix, _ expected: Matrix, _ what: String, _ golden: GoldenCase, tolerance: String
  ) throws {
    #expect(found.rowCount == expected.rowCount && found.columnCount == expected.columnCount, "\(golden.name): \(what)")
    let (deviation, index) = largestDifference(found.elements, expected.elements)
    let allowed = try golden.tolerance(tolerance)
    #expect(deviation <= allowed, "\(golden.name): \(what) deviates by \(deviation) at \(index), allowed \(allowed)")
  }
}
