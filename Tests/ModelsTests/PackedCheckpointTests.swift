import Foundation
import Models
import Tensors
import TestModels
import Testing

/// A random checkpoint twice: with the linear layers of its blocks packed, and with the floats that the codes stand for.
private struct PackedPair {
  var packed: RandomCheckpoint
  var dense: RandomCheckpoint

  init(_ checkpoint: RandomCheckpoint, _ format: PackedFormat) throws {
    (packed, dense) = (checkpoint, checkpoint)
    packed.tensors = []
    dense.tensors = []
    for (index, tensor) in checkpoint.tensors.enumerated() {
      guard tensor.shape.count == 2, tensor.name.contains("layers.") else {
        packed.tensors.append(tensor)
        dense.tensors.append(tensor)
        continue
      }
      let random = try RandomPackedMatrix(tensor.shape[0], tensor.shape[1], format, seed: UInt64(index))
      packed.tensors += random.packed.checkpointTensors(tensor.name.replacing(".weight", with: ""))
      dense.tensors.append(NamedTensor(tensor.name, random.values))
    }
    packed.configuration["quantization_config"] = format.json
  }
}

@Suite struct PackedCheckpointTests {
  private let folder: TemporaryFolder
  private let tokens = [3, 1, 4, 1, 5, 9, 2, 6]
  private let queries = "model.layers.0.self_attn.q_proj"

  init() throws { folder = try TemporaryFolder() }

  private var weights: String { folder.path + "/model.safetensors" }
  private var config: String { folder.path + "/config.json" }

  /// The logits of the model that the checkpoint makes.
  private func logits(_ checkpoint: RandomCheckpoint) throws -> Matrix {
    try checkpoint.write(to: folder.path)
    return try loadModel(folder: folder.path, checkingNumbersWith: Workers(threadCount: 2)).logits(of: tokens)
  }

  private func llama(_ format: PackedFormat = PackedFormat(bits: 3, groupSize: 32)) throws -> PackedPair {
    try PackedPair(.llama(widthFactor: 4), format)
  }

  // MARK: Loading

  @Test(arguments: PackedFormat.examples)
  func `a packed Llama computes as the floats that its codes stand for, bit by bit`(format: PackedFormat) throws {
    let pair = try llama(format)
    #expect(try logits(pair.packed) == logits(pair.dense))
  }

  @Test(arguments: [false, true])
  func `a packed OPT computes as its floats, biases and all, bit by bit`(isProjected: Bool) throws {
    for format in PackedFormat.examples {
      let pair = try PackedPair(.opt(isProjected: isProjected, widthFactor: 4), format)
      #expect(try logits(pair.packed) == logits(pair.dense))
    }
  }

  @Test func `a written model is the model, still packed`() throws {
    let pair = try llama(PackedFormat(bits: 3, groupSize: 40, shuffled: true))
    let expected = try logits(pair.packed)
    let model = try loadModel(folder: folder.path)
    #expect(model.blocks.flatMap(\.linears).allSatisfy { $0.weight.packedFormat?.bits == 3 })
    var copy = pair.packed
    copy.tensors = model.checkpointTensors
    #expect(Set(copy.tensors.map(\.name)) == Set(pair.packed.tensors.map(\.name)))
    #expect(try logits(copy) == expected)
  }

  @Test func `the format may stand in a file of its own, and groups in order need not be stored`() throws {
    var pair = try llama()
    pair.packed.configuration["quantization_config"] = nil
    pair.packed.tensors.removeAll { $0.name.hasSuffix("g_idx") }
    try folder.write(
      #"{"bits": 3, "group_size": 32, "desc_act": false, "sym": false}"#.utf8, to: "quantize_config.json")
    #expect(try logits(pair.packed) == logits(pair.dense))
    try folder.write(#"{"bits": 3, "group_size": 32, "desc_act": true}"#.utf8, to: "quantize_config.json")
    let error = #expect(throws: CheckpointError.self) { try logits(pair.packed) }
    #expect(error == .missingTensor(name: queries + ".g_idx", file: weights))
  }

  @Test func `some layers may be packed and others not`() throws {
    var pair = try llama()
    pair.packed.tensors.removeAll { $0.name.hasPrefix(queries + ".") }
    pair.packed.tensors += pair.dense.tensors.filter { $0.name == queries + ".weight" }
    #expect(try logits(pair.packed) == logits(pair.dense))
  }

  @Test func `biases of zeros are none, and others are refused where the architecture has none`() throws {
    var pair = try llama()
    func bias(_ value: Float) -> NamedTensor {
      NamedTensor(
        queries + ".bias", shape: [64], Matrix(rows: 1, columns: 64, repeating: value), storedAs: .float16)
    }
    pair.packed.tensors.append(bias(0))
    #expect(try logits(pair.packed) == logits(pair.dense))
    pair.packed.tensors[pair.packed.tensors.count - 1] = bias(1)
    #expect(throws: CheckpointError.unexpectedTensor(name: queries + ".bias", file: folder.path)) {
      try logits(pair.packed)
    }
  }

  // MARK: Refusals

  @Test func `a configuration that is wrong about the codes is named`() throws {
    var pair = try llama()
    for (member, json, expected, found) in [
      ("bits", #"{"bits": 5, "group_size": 32}"#, "2, 3, 4 or 8", "5"),
      ("bits", #"{"group_size": 32}"#, "2, 3, 4 or 8", "absent"),
      ("group_size", #"{"bits": 3, "group_size": 0}"#, "-1, or a whole number from 1 to 1048576", "0"),
      ("group_size", #"{"bits": 3}"#, "-1, or a whole number from 1 to 1048576", "absent"),
      ("quant_method", #"{"quant_method": "awq", "bits": 4, "group_size": 32}"#, "\"gptq\"", "a text “awq”"),
      ("checkpoint_format", #"{"checkpoint_format": "marlin"}"#, "\"gptq\" or \"gptq_v2\"", "a text “marlin”"),
      ("pack_dtype", #"{"pack_dtype": "int64"}"#, "\"int32\"", "a text “int64”"),
      ("sym", #"{"bits": 3, "group_size": 32, "sym": 1}"#, "true or false", "1"),
    ] {
      pair.packed.configuration["quantization_config"] = json
      #expect(
        throws: CheckpointError.invalidMember(
          file: config, member: "quantization_config.\(member)", expected: expected, found: found)
      ) { try logits(pair.packed) }
    }
    pair.packed.configuration["quantization_config"] = "[3]"
    #expect(
      throws: CheckpointError.invalidMember(
        file: config, member: "quantization_config", expected: "an object", found: "an array of 1")
    ) { try logits(pair.packed) }
    pair.packed.configuration["quantization_config"] = nil
    #expect(
      throws: CheckpointError.invalidMember(
        file: config, member: "quantization_config", expected: "an object, as the folder has packed weights",
        found: "absent")
    ) { try logits(pair.packed) }
  }

  @Test func `codes that the configuration does not fit are named`() throws {
    var pair = try llama()
    // 64 inputs of three bits are six words each, of four bits eight.
    pair.packed.configuration["quantization_config"] = PackedFormat(bits: 4, groupSize: 32).json
    #expect(
      throws: CheckpointError.unexpectedShape(
        tensor: queries + ".qweight", file: weights, expected: [8, 64], found: [6, 64])
    ) { try logits(pair.packed) }
    // 64 inputs in groups of 16 are four groups.
    pair.packed.configuration["quantization_config"] = PackedFormat(bits: 3, groupSize: 16).json
    #expect(
      throws: CheckpointError.unexpectedShape(
        tensor: queries + ".qzeros", file: weights, expected: [4, 6], found: [2, 6])
    ) { try logits(pair.packed) }
    // Sixteen inputs of three bits are a word and a half.
    var narrow = RandomCheckpoint.llama()
    narrow.configuration["quantization_config"] = PackedFormat(bits: 3, groupSize: nil).json
    narrow.tensors.append(
      NamedTensor(queries + ".qweight", shape: [1, 16], bytes: Array(repeating: 0, count: 64), type: .int32))
    #expect(
      throws: CheckpointError.invalidMember(
        file: config, member: "quantization_config.bits",
        expected: "a width of codes with which 16 inputs and 16 outputs fill whole words (\(queries))", found: "3")
    ) { try logits(narrow) }
  }

  private func replacing(_ part: String, in checkpoint: RandomCheckpoint, by tensor: NamedTensor?) -> RandomCheckpoint {
    var copy = checkpoint
    copy.tensors.removeAll { $0.name == "\(queries).\(part)" }
    if let tensor { copy.tensors.append(tensor) }
    return copy
  }

  @Test func `a missing tensor, one of another type and a number out of range are named`() throws {
    let packed = try llama().packed
    for part in ["qzeros", "scales"] {
      #expect(throws: CheckpointError.missingTensor(name: "\(queries).\(part)", file: weights)) {
        try logits(replacing(part, in: packed, by: nil))
      }
    }
    let words = NamedTensor(
      queries + ".qweight", shape: [6, 64], bytes: Array(repeating: 0, count: 6 * 64 * 4), type: .float32)
    #expect(
      throws: CheckpointError.unsupportedType(tensor: queries + ".qweight", file: weights, found: "F32")
    ) { try logits(replacing("qweight", in: packed, by: words)) }
    for group in [2, -1] as [Int32] {
      let groups = [Int32](repeating: 0, count: 63) + [group]
      let tensor = NamedTensor(
        queries + ".g_idx", shape: [64], bytes: groups.withUnsafeBytes { Array($0) }, type: .int32)
      #expect(
        throws: CheckpointError.unexpectedElement(
          tensor: queries + ".g_idx", file: weights, index: 63, expected: "a group from 0 to 1", found: "\(group)")
      ) { try logits(replacing("g_idx", in: packed, by: tensor)) }
    }
    var scales = Matrix(rows: 2, columns: 64, repeating: 1)
    scales[1, 2] = .infinity
    #expect(throws: CheckpointError.notFinite(tensor: queries + ".scales", file: weights, index: 66)) {
      try logits(
        replacing("scales", in: packed, by: NamedTensor(queries + ".scales", scales, storedAs: .float16)))
    }
  }

  @Test func `a layer that is there packed and unpacked is refused`() throws {
    var pair = try llama()
    pair.packed.tensors += pair.dense.tensors.filter { $0.name == queries + ".weight" }
    #expect(throws: CheckpointError.unexpectedTensor(name: queries + ".weight", file: folder.path)) {
      try logits(pair.packed)
    }
  }

  // MARK: The summary

  @Test func `a summary counts weights, and bytes as they are stored`() throws {
    let pair = try llama()
    try pair.dense.write(to: folder.path)
    let dense = try ModelSummary(loadModel(folder: folder.path), folder: CheckpointFolder(folder.path))
    try pair.packed.write(to: folder.path)
    let packed = try ModelSummary(loadModel(folder: folder.path), folder: CheckpointFolder(folder.path))
    #expect(packed.parameters == dense.parameters && packed.parametersPerBlock == dense.parametersPerBlock)
    #expect(packed.largestLayer == dense.largestLayer && packed.shape == dense.shape)
    // q, k, v, o and the three of the feed-forward layer, each block.
    let shapes = [(64, 64), (32, 64), (32, 64), (64, 64), (96, 64), (96, 64), (64, 96)]
    var mapped = 0
    var groupBytes = 0
    for (rows, columns) in shapes {
      let groups = columns / 32
      mapped += 2 * (rows * columns * 3 / 8 + groups * rows * 3 / 8 + groups * rows * 2)
      groupBytes += 2 * 4 * columns
    }
    // Embedding and head of 32 · 64, five norms of 64.
    let (tables, norms) = (2 * 4 * 32 * 64, 5 * 4 * 64)
    #expect(packed.weights.mapped == mapped + tables && packed.weights.copied == groupBytes + norms)
    // The whole of the largest layer, 96 · 64.
    #expect(packed.weights.widenedPanel == 4 * 96 * 64)
    let forms = packed.storage.map(\.form)
    #expect(forms == [.codes(bits: 3, groupSize: 32), .numbers(.float32)])
    #expect(packed.storage.map(\.tensorCount) == [2 * 7 * 4, 7])
    #expect(packed.storage.map(\.byteCount) == [mapped + groupBytes, tables + norms])
  }
}
