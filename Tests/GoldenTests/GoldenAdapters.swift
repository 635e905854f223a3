import Foundation
import Models
import Recovery
import Tensors
import Testing

/// The stored adapters of the training cases: read as PEFT wrote them, and put in place.
@Suite("GoldenAdapters", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenAdapters {
  static let cases = Golden.cases(of: "training") { $0.member("weights_override")?.string == nil }

  @Test(arguments: cases.supported)
  func `logits behind an adapter are the reference's`(golden: GoldenCase) throws {
    try check(golden, try loadModel(folder: golden.path("model")))
  }

  private func check(_ golden: GoldenCase, _ model: some LanguageModel) throws {
    let adapted = try AdaptedModel(model, [AdapterFolder.read(from: golden.path("adapter"), for: model)])
    let ids = try golden.tensor("eval_ids").integers()
    let (forest, nodes) = TokenForest.planting([ids])
    let hidden = adapted.model.run(forest, prompts: adapted.prompts).hidden
    let logits = adapted.model.logits(adapted.model.normalized(hidden.gatheringRows(nodes[0].map(\.row))))
    // Virtual rows stand first where there are any; the tokens' are the last.
    let all = try golden.tensor("eval_logits").matrix()
    let expected = all.rows(all.rowCount - ids.count..<all.rowCount)
    let (deviation, _) = largestDifference(logits.elements, expected.elements)
    let allowed = try golden.tolerance("eval_logits_abs")
    #expect(deviation <= allowed, "\(golden.name): logits deviate by \(deviation), allowed \(allowed)")
  }
}
