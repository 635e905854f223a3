import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenModels", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenModels {
  static let cases = Golden.cases(of: "models") {
    try $0.string("architecture") == "llama" && $0.string("storage").hasPrefix("safetensors")
  }

  @Test(.disabled(if: !cases.unsupported.isEmpty, Golden.skipping(cases.unsupported)))
  func `no case is left out`() { #expect(Self.cases.unsupported.isEmpty) }

  @Test(arguments: cases.supported)
  func `a checkpoint gives the reference's logits, however it is stored`(golden: GoldenCase) throws {
    let folder = try CheckpointFolder(golden.path("model"))
    for file in (golden.member("configs")?.array ?? []).compactMap(\.string) {
      let model = try Llama(
        folder: folder, configuration: LlamaConfiguration(file: golden.path("model") + "/" + file))
      for sequence in golden.member("sequences")?.array ?? [] {
        let place = "\(golden.name), \(file), \(sequence["name"]?.string ?? "")"
        try #require(sequence["attention_mask"]?.isNull ?? true, "\(place): padding is not supported")
        let ids = try Golden.tensor(#require(sequence["ids"])).integers()
        let expected = try Golden.tensor(#require(sequence["logits"])).matrix()
        let (deviation, index) = largestDifference(model.logits(of: ids).elements, expected.elements)
        let allowed = try golden.tolerance("logits_abs")
        #expect(deviation <= allowed, "\(place): off by \(deviation) at \(index), allowed \(allowed)")
      }
    }
    if let other = golden.member("same_weights_as")?.string {
      let first = try SafetensorsFile(path: Golden.resolve(other) + "/model.safetensors")
      for tensor in first.tensors {
        let found = try folder.tensor(tensor.name, shape: tensor.shape).matrix()
        #expect(try found == tensor.matrix(), "\(golden.name): \(tensor.name)")
      }
    }
  }
}
