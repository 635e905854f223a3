import Foundation
import Models
import Tensors
import TestModels
import Testing

/// The forward pass of an OPT, written down once more: lists of doubles, one token and one number at a time.
private struct PlainOPT {
  typealias Vector = [Double]
  let weights: [String: NamedTensor]
  let isProjected: Bool

  init(_ checkpoint: RandomCheckpoint, isProjected: Bool) {
    weights = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0) })
    self.isProjected = isProjected
  }

  private func values(_ name: String) -> Matrix {
    guard let tensor = weights["model.decoder." + name] else { preconditionFailure("no tensor \(name)") }
    return tensor.values
  }

  private func linear(_ x: Vector, _ name: String, hasBias: Bool = true) -> Vector {
    let weight = values(name + ".weight")
    return (0..<weight.rowCount).map { out in
      let sum = x.indices.reduce(0) { $0 + Double(weight[out, $1]) * x[$1] }
      return hasBias ? sum + Double(values(name + ".bias")[0, out]) : sum
    }
  }

  private func norm(_ x: Vector, _ name: String) -> Vector {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return x.indices.map { channel in
      (x[channel] - mean) / (variance + 1e-5).squareRoot() * Double(values(name + ".weight")[0, channel])
        + Double(values(name + ".bias")[0, channel])
    }
  }

  /// The attention of the last of the tokens x to all of them: four heads of four channels.
  private func attention(_ x: [Vector], _ prefix: String) -> Vector {
    let query = linear(x[x.count - 1], prefix + "q_proj").map { $0 / 2 }  // 4^-½
    let keys = x.map { linear($0, prefix + "k_proj") }
    let values = x.map { linear($0, prefix + "v_proj") }
    var mixed: Vector = []
    for head in 0..<4 {
      let channels = head * 4..<head * 4 + 4
      let exponentials = keys.map { key in exp(channels.reduce(0) { $0 + query[$1] * key[$1] }) }
      let sum = exponentials.reduce(0, +)
      for channel in channels {
        mixed.append(values.indices.reduce(0) { $0 + exponentials[$1] / sum * values[$1][channel] })
      }
    }
    return linear(mixed, prefix + "out_proj")
  }

  private func feedForward(_ x: Vector, _ prefix: String) -> Vector {
    linear(linear(x, prefix + "fc1").map { max($0, 0) }, prefix + "fc2")
  }

  private func sum(_ x: Vector, _ y: Vector) -> Vector { zip(x, y).map(+) }

  func logits(_ tokens: [Int]) -> [Vector] {
    let embedding = values("embed_tokens.weight")
    var hidden = tokens.enumerated().map { position, token in
      let embedded = embedding.row(token).map(Double.init)
      return sum(
        isProjected ? linear(embedded, "project_in", hasBias: false) : embedded,
        values("embed_positions.weight").row(position + 2).map(Double.init))
    }
    for block in 0..<2 {
      let prefix = "layers.\(block)."
      let (first, second) = (prefix + "self_attn_layer_norm", prefix + "final_layer_norm")
      let seen = isProjected ? hidden : hidden.map { norm($0, first) }
      for position in hidden.indices {
        hidden[position] = sum(hidden[position], attention(Array(seen[...position]), prefix + "self_attn."))
      }
      if isProjected {
        hidden = hidden.map { norm($0, first) }.map { norm(sum($0, feedForward($0, prefix)), second) }
      } else {
        hidden = hidden.map { sum($0, feedForward(norm($0, second), prefix)) }
      }
    }
    return hidden.map { x in
      let last = isProjected ? linear(x, "project_out", hasBias: false) : norm(x, "final_layer_norm")
      return (0..<32).map { token in last.indices.reduce(0) { $0 + Double(embedding[token, $1]) * last[$1] } }
    }
  }
}

@Suite struct OPTTests {
  private let tokens = [3, 1, 4, 1, 5, 9, 2, 6, 31, 0]
  // Logits of size up to ten from some thirty roundings of 6e-8 in a row: about 1e-5 at worst.
  private let tolerance: Float = 2e-5

  private func load(_ checkpoint: RandomCheckpoint) throws -> OPT { try checkpoint.load(OPT.self) }

  @Test(arguments: [false, true])
  func `logits are those of a plain computation in double precision`(isProjected: Bool) throws {
    let found = try OPT.random(isProjected: isProjected).logits(of: tokens)
    let plain = PlainOPT(RandomCheckpoint.opt(isProjected: isProjected), isProjected: isProjected).logits(tokens)
    let expected = Matrix(rows: tokens.count, columns: 32, plain.flatMap { $0.map(Float.init) })
    #expect(found.largestDifference(from: expected) < tolerance)
  }

  @Test(arguments: [false, true], [1, 4, 10])
  func `a cache filled bit by bit gives the logits of one pass`(isProjected: Bool, prefillCount: Int) throws {
    let model = try OPT.random(isProjected: isProjected)
    let whole = model.logits(of: tokens)
    var pass = ForwardPass(cache: model.cache(capacity: tokens.count))
    var found = model.logits(
      model.normalized(model.runBlocks(model.embedded(Array(tokens[..<prefillCount])), &pass)))
    for position in prefillCount..<tokens.count {
      pass.continue(at: position)
      let hidden = model.runBlocks(model.embedded([tokens[position]]), &pass)
      found = found.stacked(on: model.logits(model.normalized(hidden)))
    }
    #expect(found.largestDifference(from: whole) < tolerance)
  }

  @Test func `padding takes no position and is not seen`() throws {
    let model = try OPT.random()
    // Two tokens of padding in front, one in the middle.
    let padded = [1, 1] + tokens[..<4] + [1] + tokens[4...]
    let mask = padded.indices.map { ![0, 1, 6].contains($0) }
    #expect(model.logits(of: padded, attending: mask) == model.logits(of: tokens))
  }

  @Test func `Llama counts padding into the positions, by which angles turn`() throws {
    let model = try Llama.random()
    let found = model.logits(of: [1] + tokens, attending: [false] + tokens.map { _ in true })
    // All tokens turned by one position more: the same distances, and other roundings.
    #expect(found.largestDifference(from: model.logits(of: tokens)) < tolerance)
    let apart = model.logits(of: [1, 7, 2], attending: [true, false, true])
    #expect(apart.largestDifference(from: model.logits(of: [1, 2])) > 0.01)
  }

  // MARK: Checkpoints

  @Test(arguments: [false, true]) func `a written checkpoint is the model`(isProjected: Bool) throws {
    let model = try OPT.random(isProjected: isProjected)
    var copy = RandomCheckpoint.opt(isProjected: isProjected)
    copy.tensors = model.checkpointTensors
    #expect(try load(copy).logits(of: tokens) == model.logits(of: tokens))
  }

  @Test func `names may lack the outer prefix, and the last norm may have its older name`() throws {
    let expected = try OPT.random().logits(of: tokens)
    var bare = RandomCheckpoint.opt()
    bare.rename { $0.replacing("model.decoder.", with: "decoder.") }
    #expect(try load(bare).logits(of: tokens) == expected)
    bare.rename { $0.replacing("decoder.final_layer_norm", with: "decoder.layer_norm") }
    #expect(try load(bare).logits(of: tokens) == expected)
  }

  @Test func `a stored head counts only where the configuration unties it`() throws {
    var checkpoint = RandomCheckpoint.opt()
    let expected = try load(checkpoint).logits(of: tokens)
    checkpoint.tensors.append(NamedTensor("lm_head.weight", Matrix(rows: 32, columns: 16)))
    #expect(try load(checkpoint).logits(of: tokens) == expected)
    checkpoint.configuration["tie_word_embeddings"] = "false"
    #expect(try load(checkpoint).logits(of: tokens).elements.allSatisfy { $0 == 0 })
  }

  @Test func `biases and norms' weights may be left out by the configuration`() throws {
    var checkpoint = RandomCheckpoint.opt()
    checkpoint.configuration["enable_bias"] = "false"
    checkpoint.configuration["layer_norm_elementwise_affine"] = "false"
    checkpoint.tensors.removeAll { $0.name.contains("norm") || $0.name.hasSuffix(".bias") }
    var explicit = RandomCheckpoint.opt()
    explicit.tensors = explicit.tensors.map { tensor in
      guard tensor.shape.count == 1 else { return tensor }
      let value: Float = tensor.name.hasSuffix("norm.weight") ? 1 : 0
      return NamedTensor(tensor.name, shape: tensor.shape, Matrix(rows: 1, columns: tensor.shape[0], repeating: value))
    }
    #expect(try load(checkpoint).logits(of: tokens) == load(explicit).logits(of: tokens))
  }

  @Test func `a tensor of another architecture, another activation and a missing size are named`() throws {
    var checkpoint = RandomCheckpoint.opt()
    checkpoint.tensors.append(NamedTensor("model.decoder.layers.0.fc3.weight", Matrix(rows: 1, columns: 1)))
    let error = #expect(throws: CheckpointError.self) { try load(checkpoint) }
    guard case .unexpectedTensor("model.decoder.layers.0.fc3.weight", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    for (member, value, expected) in [
      ("activation_function", "\"gelu\"", "\"relu\""), ("ffn_dim", nil, "a size"),
      ("num_attention_heads", "3", nil), ("word_embed_proj_dim", "0", "a whole number from 1 to 1048576"),
    ] {
      var checkpoint = RandomCheckpoint.opt()
      checkpoint.configuration[member] = value
      let error = #expect(throws: CheckpointError.self) { try load(checkpoint) }
      guard case .invalidMember(_, let named, let wanted, _) = error else {
        Issue.record("\(member): \(String(describing: error))")
        continue
      }
      #expect(named == (member == "num_attention_heads" ? "hidden_size" : member))
      if let expected { #expect(wanted == expected) }
    }
  }

  @Test func `what a folder holds is decided by its configuration`() throws {
    let folder = try TemporaryFolder()
    try RandomCheckpoint.opt().write(to: folder.path)
    #expect(try loadModel(folder: folder.path) is OPT)
    try folder.write("{\"model_type\": \"mamba\"}".utf8, to: "config.json")
    #expect(
      throws: CheckpointError.unsupportedArchitecture(
        file: folder.path + "/config.json", found: "mamba", supported: ["llama", "opt"])
    ) { try loadModel(folder: folder.path) }
  }
}

extension RandomCheckpoint {
  fileprivate mutating func rename(_ name: (String) -> String) {
    tensors = tensors.map { NamedTensor(name($0.name), shape: $0.shape, $0.values) }
  }
}
