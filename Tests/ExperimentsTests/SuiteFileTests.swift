import Compression
import Experiments
import Foundation
import Models
import Testing

/// What a suite file says, with what it leaves to defaults.
@Suite struct SuiteFileTests {
  private func gptq(
    bits: Int, groupSize: Int?, blockSize: Int?, dampeningFraction: Double?
  ) -> CompressionSettings {
    var settings = CompressionSettings(.gptq)
    settings.bits = bits
    settings.groupSize = groupSize
    settings.blockSize = blockSize
    settings.dampeningFraction = dampeningFraction
    return settings
  }

  @Test func `every knob is explicit after reading`() throws {
    let suite = try Suite.sound()
    #expect(suite.name == "small")
    #expect(suite.seed == 7)
    #expect(suite.models == [ModelSetting(name: "tiny", folder: "models/tiny", sha256: ["config.json": Suite.digest])])
    #expect(
      suite.compressions.map(\.method) == [
        .dense,
        .layerwise(gptq(bits: 3, groupSize: nil, blockSize: nil, dampeningFraction: nil)),
        .layerwise(gptq(bits: 4, groupSize: nil, blockSize: nil, dampeningFraction: 0.5)),
        .layerwise(gptq(bits: 4, groupSize: 32, blockSize: 64, dampeningFraction: 0.1)),
      ])
    #expect(
      suite.recoveries.map(\.method) == [
        .none, .lora(LoRASetting(rank: 4, alpha: 8, targets: .all)),
        .prompt(PromptSetting(tokens: 26, initialization: .embeddingRows)),
        .prompt(PromptSetting(tokens: 50, initialization: .normal(scale: 0.5))),
        .prompt(PromptSetting(tokens: 24, initialization: .embeddingRows)),
        .idp(
          IDPSetting(
            prompts: ["prompt-26", "prompt-50"],
            selection: PromptSelection(
              score: .logitMean, layers: .each, heads: .mean, queries: .all, support: .input),
            positions: nil)),
      ])
    #expect(suite.evaluation == EvaluationSetting(documents: 100, order: .shuffled))
    #expect(suite.tasks[0].files == ["valid.jsonl", "valid-labels.lst"])
  }

  @Test func `the training recipe defaults to the paper's`() throws {
    let training = try #require(try Suite.sound().training)
    #expect(training.learningRate == 2e-4)
    #expect(training.weightDecay == 1e-5)
    #expect(training.betas == [0.9, 0.999])
    #expect(training.epsilon == 1e-8)
    #expect(training.maximumGradientNorm == nil)
    // 400 tokens at 8 × 16 = 128 a step: three steps see 384, so it takes four.
    #expect(training.steps == 4)
    let other = try Suite.sound(
      replacing: "length: 16}\nrecoveries",
      with: "length: 16, learningRate: 1e-3, betas: [0.8, 0.9], epsilon: 1e-6, schedule: linear, warmupSteps: 2, "
        + "maximumGradientNorm: 1}\nrecoveries")
    #expect(other.training?.betas == [0.8, 0.9])
    #expect(other.training?.maximumGradientNorm == 1)
    #expect(other.training?.schedule == .linear)
  }

  @Test func `artifacts take the place of a data folder`() throws {
    let fetched = try Suite.sound(replacing: "data: ../data", with: "artifacts: [world-text, world-tasks]")
    #expect(fetched.artifacts == ["world-text", "world-tasks"])
    #expect(try fetched.canonicalText() == Suite.sound().canonicalText())
    let both = try #require(
      #expect(throws: SuiteError.self) {
        try Suite.sound(replacing: "data: ../data", with: "data: ../data\nartifacts: [a]")
      })
    #expect(both.line == 3)
  }

  @Test func `the cells are the whole grid`() throws {
    let cells = try Suite.sound().cells()
    #expect(cells.count == 1 * 4 * 6)
    #expect(cells[7].path == "tiny/gptq-3bit/lora-4.json")
  }

  @Test func `all documents can be asked for`() throws {
    #expect(try Suite.sound(replacing: "documents: 100", with: "documents: all").evaluation.documents == nil)
  }

  @Test func `calibration and training are needed only where something uses them`() throws {
    let calibration = "calibration: {corpus: c4.jsonl, sha256: \(Suite.digest), samples: 4, length: 16, seed: 0}\n"
    #expect(try Suite.error(replacing: calibration, with: "").problem == .missingKey("calibration", in: "suite"))
    let dense = """
      suite: small
      seed: 0
      data: .
      models: [{name: tiny, folder: tiny, sha256: {config.json: \(Suite.digest)}}]
      compressions: [{name: dense}]
      recoveries: [{name: none}]
      evaluation: {documents: all, order: file}
      tasks: [{task: piqa, files: [a], sha256: [\(Suite.digest)], documents: 3}]
      """
    let suite = try Suite(yaml: dense, file: "suite.yaml")
    #expect(suite.calibration == nil)
    #expect(suite.training == nil)
  }

  @Test func `the suite of stories is sound`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let suite = try Suite(contentsOf: root.appendingPathComponent("Baselines/stories/suite.yaml").path)
    #expect(try suite.cells().count == 10)
    #expect(suite.tasks.map(\.documents) == [2376, 1172, 1838, 1267, 5153, 2032, 1000])
    #expect(suite.training?.steps == 391)
  }
}
