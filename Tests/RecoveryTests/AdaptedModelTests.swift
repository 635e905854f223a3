import Models
import Recovery
import Tensors
import TestModels
import Testing
import Training

@Suite struct AdaptedModelTests {
  private func prompt(_ tokenCount: Int, of model: some LanguageModel, seed: UInt64) -> Adapter {
    let method = AdapterMethod.prompt(
      PromptTuning(tokenCount: tokenCount, initialization: .normal(standardDeviation: 1)))
    return Adapter(method: method, parameters: method.initialParameters(of: model, seed: seed))
  }

  private func lowRank(of model: some LanguageModel) -> Adapter {
    let method = AdapterMethod.lowRank(LowRankAdaptation(rank: 2, alpha: 4, targets: ["q_proj"]))
    var parameters = method.initialParameters(of: model, seed: 2)
    // B begins as zero, with which the model would be as it was.
    for index in parameters.values.indices where parameters.names[index].hasSuffix("lora_B.weight") {
      parameters.values[index] = Matrix(
        rows: parameters.values[index].rowCount, columns: parameters.values[index].columnCount, repeating: 0.5)
    }
    return Adapter(method: method, parameters: parameters)
  }

  @Test func `without adapters a model is as it was`() throws {
    let model = try Llama.random()
    let adapted = try AdaptedModel(model, [])
    #expect(adapted.prompts == nil)
    #expect(adapted.model.logits(of: [3, 1, 4]) == model.logits(of: [3, 1, 4]))
  }

  @Test func `a LoRA changes what the model computes, without a prompt`() throws {
    let model = try Llama.random()
    let adapted = try AdaptedModel(model, [lowRank(of: model)])
    #expect(adapted.prompts == nil)
    #expect(adapted.model.logits(of: [3, 1, 4]) != model.logits(of: [3, 1, 4]))
  }

  @Test func `a LoRA runs beside the layers or merged into them`() throws {
    let model = try Llama.random()
    let merged = try AdaptedModel(model, [lowRank(of: model)], lowRank: .merged).model
    let beside = try AdaptedModel(model, [lowRank(of: model)]).model
    let query = LinearName(block: 0, path: "self_attn.q_proj")
    #expect(merged[query].update == nil && beside[query].update != nil)
    // Logits of a few units, from sums in another order.
    let difference = zip(merged.logits(of: [3, 1, 4]).elements, beside.logits(of: [3, 1, 4]).elements)
    #expect(difference.allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func `a LoRA that runs step by step computes the same`() throws {
    let model = try Llama.random()
    let steps = try AdaptedModel(model, [lowRank(of: model)], lowRank: .stepByStep).model
    let beside = try AdaptedModel(model, [lowRank(of: model)]).model
    let query = LinearName(block: 0, path: "self_attn.q_proj")
    #expect(steps[query].update?.isStepByStep == true && beside[query].update?.isStepByStep == false)
    let (found, expected) = (steps.logits(of: [3, 1, 4]).elements, beside.logits(of: [3, 1, 4]).elements)
    // Logits of a few units, from a product that is rounded before it is scaled and added.
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(found != model.logits(of: [3, 1, 4]).elements)
  }

  @Test func `several prompts become a bank, in their order`() throws {
    let model = try Llama.random()
    let adapters = [prompt(3, of: model, seed: 1), prompt(5, of: model, seed: 2)]
    #expect(try AdaptedModel(model, [adapters[0]]).prompts?.prompts.count == 1)
    let bank = try #require(try AdaptedModel(model, adapters).prompts)
    #expect(bank.prompts.map { $0.counts[0] } == [3, 5])
    #expect(bank.inputPosition == 5)
  }

  @Test func `a LoRA goes together with nothing else`() throws {
    let model = try Llama.random()
    #expect(throws: AdapterError.cannotCombine(["a LoRA", "a prompt"])) {
      try AdaptedModel(model, [lowRank(of: model), prompt(1, of: model, seed: 1)])
    }
    #expect(throws: AdapterError.cannotCombine(["a LoRA", "a LoRA"])) {
      try AdaptedModel(model, [lowRank(of: model), lowRank(of: model)])
    }
  }

  @Test func `prompts can be one long prompt, in which each sees those before it`() throws {
    let model = try Llama.random()
    let adapters = [prompt(3, of: model, seed: 1), prompt(5, of: model, seed: 2)]
    let bank = try #require(try AdaptedModel(model, adapters, combining: .concatenation).prompts)
    let whole = adapters[0].parameters.values[0].stacked(on: adapters[1].parameters.values[0])
    #expect(bank.prompts.map { $0.counts[0] } == [8])
    #expect(bank.inputPosition == 8)
    #expect(bank.prompts[0].blocks[1].keys == PromptBank([whole], of: model).prompts[0].blocks[1].keys)
  }

  @Test func `prompts are chosen and stand as they are asked to`() throws {
    let model = try Llama.random()
    let adapters = [prompt(3, of: model, seed: 1), prompt(5, of: model, seed: 2)]
    let selection = PromptSelection(score: .weightMass, queries: .context)
    let bank = try #require(
      try AdaptedModel(model, adapters, combining: .selection(selection, positions: .contiguous)).prompts)
    #expect(bank.selection == selection)
    #expect(bank.positions == .contiguous)
    #expect(bank.inputPosition == 8)
    #expect(throws: PromptSelection.Conflict.noSuchBlock(2, blockCount: 2)) {
      try AdaptedModel(
        model, adapters,
        combining: .selection(PromptSelection(layers: .block(2, before: .secondPass)), positions: nil))
    }
  }

  @Test func `prompts that stand behind one another take their sum of a table of positions`() throws {
    let model = try OPT.random()
    let adapters = [prompt(160, of: model, seed: 1), prompt(161, of: model, seed: 2)]
    #expect(try AdaptedModel(model, adapters).prompts?.inputPosition == 161)
    for combination in [PromptCombination.concatenation, .selection(.init(), positions: .contiguous)] {
      #expect(throws: PositionError(needed: 321, available: 320)) {
        try AdaptedModel(model, adapters, combining: combination)
      }
    }
  }

  @Test func `a prompt longer than the table of positions is refused`() throws {
    let model = try OPT.random()
    #expect(throws: PositionError(needed: 321, available: 320)) {
      try AdaptedModel(model, [prompt(321, of: model, seed: 1)])
    }
  }
}
