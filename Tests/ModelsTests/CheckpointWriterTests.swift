import Foundation
import Models
import Tensors
import Testing

@Suite struct CheckpointWriterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func shape(groups: Int, hasPositionTable: Bool) -> ModelShape {
    ModelShape(
      vocabularySize: 20, width: 16, embeddingWidth: 16, blockCount: 2, headCount: 4, keyValueHeadCount: groups,
      headWidth: 4, maximumPositions: 32, hasPositionTable: hasPositionTable)
  }

  private func check<Model: LanguageModel>(
    _ form: ModelForm, _ type: Model.Type, files expected: [String]
  ) throws {
    let model = try #require(form.initialized(seed: 3) as? Model)
    #expect(try form.write(model, storedAs: .float32, to: folder.path) == expected)
    let read = try Model(folder: folder.path)
    #expect(read.shape == form.shape)
    #expect(read.logits(of: [3, 1, 4, 1, 5]) == model.logits(of: [3, 1, 4, 1, 5]))
  }

  @Test(arguments: [true, false])
  func `a Llama is read back as it was`(tiesHead: Bool) throws {
    let form = ModelForm.llama(shape(groups: 2, hasPositionTable: false), feedForwardWidth: 24, tiesHead: tiesHead)
    try check(form, Llama.self, files: ["config.json", "model.safetensors"])
  }

  @Test func `an OPT is read back as it was`() throws {
    let form = ModelForm.opt(shape(groups: 4, hasPositionTable: true), feedForwardWidth: 24)
    try check(form, OPT.self, files: ["config.json", "pytorch_model.bin"])
  }
}
