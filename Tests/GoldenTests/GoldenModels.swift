import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenModels", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenModels {
  @Test(arguments: Golden.cases(of: "models"))
  func `a checkpoint gives the reference's logits, however it is stored`(golden: GoldenCase) throws {
    let folder = try CheckpointFolder(golden.path("model"))
    for file in (golden.member("configs")?.array ?? []).compactMap(\.string) {
      let path = try golden.path("model") + "/" + file
      let model: any LanguageModel
      switch try golden.string("architecture") {
      case "llama": model = try Llama(folder: folder, configuration: LlamaConfiguration(file: path))
      case "opt": model = try OPT(folder: folder, configuration: OPTConfiguration(file: path))
      case let other: throw GoldenError(description: "\(golden.name): no architecture \(other)")
      }
      for sequence in golden.member("sequences")?.array ?? [] {
        let name = sequence["name"]?.string ?? ""
        try compare(model, sequence, golden, "\(golden.name), \(file), \(name)")
      }
    }
    if let other = golden.member("same_weights_as")?.string {
      let first = try CheckpointFolder(Golden.resolve(other))
      for name in first.names {
        let tensor = try first.tensor(name)
        let found = try folder.tensor(name, shape: tensor.shape).matrix()
        #expect(try found == tensor.matrix(), "\(golden.name): \(name)")
      }
    }
  }

  private func compare(
    _ model: some LanguageModel, _ sequence: JSONValue, _ golden: GoldenCase, _ place: String
  ) throws {
    let ids = try Golden.tensor(#require(sequence["ids"]))
    let expected = try Golden.tensor(#require(sequence["logits"])).matrix()
    let allowed = try golden.tolerance("logits_abs")
    func check(_ found: Matrix, _ expected: Matrix, _ place: String) {
      let (deviation, index) = largestDifference(found.elements, expected.elements)
      #expect(deviation <= allowed, "\(place): off by \(deviation) at \(index), allowed \(allowed)")
    }
    guard let mask = sequence["attention_mask"], !mask.isNull else {
      return check(model.logits(of: try ids.integers()), expected, place)
    }
    // A padded batch: the places that are no padding count.
    let attended = try Golden.tensor(mask).integers().map { $0 == 1 }
    let length = ids.shape[1]
    for row in 0..<ids.shape[0] {
      let places = row * length..<(row + 1) * length
      let found = model.logits(of: Array(try ids.integers()[places]), attending: Array(attended[places]))
      check(found, expected.gatheringRows(places.filter { attended[$0] }), "\(place), row \(row)")
    }
  }
}
