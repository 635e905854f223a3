import Artifacts
import Foundation
import Models
import Tensors

/// A suite of a random Llama on a few made-up documents, written to a temporary folder: every stage of the real path, in a
/// second or two.
struct SmallSuite: ~Copyable {
  let folder: String
  var suiteFile: String { folder + "/suite.yaml" }

  /// How the parts deviate from a sound suite.
  struct Faults {
    var droppedTensor: String?
    var brokenTaskLine: Int?
    var calibrationLength = 24
    var maximumPositions = 128
    var trainingTokens = 1024
    var extraSuiteLine = ""
    var architecture = "llama"
    var unlistedFile: String?
  }

  init(_ faults: Faults = Faults()) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
    for part in ["checkpoint", "data"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
    }
    try writeCheckpoint(faults)
    try writeTexts(faults)
    try write("suite.yaml", suiteText(faults))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  private func digest(_ name: String) throws -> String { try sha256(ofFile: "\(folder)/\(name)") }

  // MARK: A random Llama with a byte-level vocabulary

  private func writeCheckpoint(_ faults: Faults) throws {
    let (width, inner, vocabulary, blocks) = (16, 24, 257, 2)
    try write(
      "checkpoint/config.json",
      """
      {"model_type": "\(faults.architecture)", "hidden_size": \(width), "intermediate_size": \(inner),
       "vocab_size": \(vocabulary), "num_hidden_layers": \(blocks), "num_attention_heads": 4,
       "num_key_value_heads": 2, "max_position_embeddings": \(faults.maximumPositions), "tie_word_embeddings": true}
      """)
    var tensors: [NamedTensor] = []
    func add(_ name: String, _ rows: Int, _ columns: Int) {
      var stream = RandomStream(seed: 7, purpose: name)
      let scale = 1 / Float(columns).squareRoot()
      tensors.append(
        NamedTensor(
          name,
          Matrix(
            rows: rows, columns: columns,
            (0..<rows * columns).map { _ in
              stream.nextNormal() * scale
            })))
    }
    func addNorm(_ name: String) {
      tensors.append(NamedTensor(name, shape: [width], Matrix(rows: 1, columns: width, repeating: 1)))
    }
    add("model.embed_tokens.weight", vocabulary, width)
    addNorm("model.norm.weight")
    for block in 0..<blocks {
      let prefix = "model.layers.\(block)."
      addNorm(prefix + "input_layernorm.weight")
      addNorm(prefix + "post_attention_layernorm.weight")
      for (path, rows, columns) in [
        ("self_attn.q_proj", width, width), ("self_attn.k_proj", width / 2, width),
        ("self_attn.v_proj", width / 2, width), ("self_attn.o_proj", width, width),
        ("mlp.gate_proj", inner, width), ("mlp.up_proj", inner, width), ("mlp.down_proj", width, inner),
      ] {
        add("\(prefix)\(path).weight", rows, columns)
      }
    }
    tensors.removeAll { $0.name == faults.droppedTensor }
    try writeSafetensors(tensors, to: "\(folder)/checkpoint/model.safetensors")

    let entries = ["</s>"] + (UInt8.min...UInt8.max).map { String(ByteAlphabet.scalar(of: $0)) }
    let members = entries.enumerated().map { id, text in
      "\"" + (["\"", "\\"].contains(text) ? "\\" : "") + text + "\": \(id)"
    }
    try write("checkpoint/vocab.json", "{" + members.joined(separator: ",") + "}")
    try write("checkpoint/merges.txt", "#version: 0.2\n")
    try write(
      "checkpoint/tokenizer_config.json", #"{"bos_token": "</s>", "eos_token": "</s>", "add_bos_token": true}"#)
  }

  // MARK: Corpus and tasks

  private func writeTexts(_ faults: Faults) throws {
    let words = ["the", "red", "fox", "saw", "a", "lamp", "under", "its", "old", "tree", "and", "sang"]
    var stream = RandomStream(seed: 7, purpose: "texts")
    func sentence(_ count: Int) -> String {
      (0..<count).map { _ in words[stream.nextInteger(below: words.count)] }.joined(separator: " ")
    }
    let corpus = (0..<24).map { _ in "{\"text\": \"\(sentence(20))\"}\n" }
    try write("data/corpus.jsonl", corpus.joined())
    var arc = (0..<12).map { index in
      let choices = ["A", "B", "C", "D"].map { "{\"text\": \"\(sentence(2))\", \"label\": \"\($0)\"}" }
      return
        "{\"id\": \"q\(index)\", \"question\": {\"stem\": \"\(sentence(6))\", \"choices\": [\(choices.joined(separator: ", "))]}, \"answerKey\": \"\("ABCD".randomLetter(&stream))\"}"
    }
    if let line = faults.brokenTaskLine { arc[line - 1] = "{\"id\": " }
    try write("data/arc.jsonl", arc.joined(separator: "\n") + "\n")
    let lambada = (0..<12).map { _ in "{\"text\": \"\(sentence(8))\"}\n" }
    try write("data/lambada.jsonl", lambada.joined())
  }

  private func suiteText(_ faults: Faults) throws -> String {
    let corpus = try digest("data/corpus.jsonl")
    var digests: [String] = []
    for file in ["model.safetensors", "config.json", "vocab.json", "merges.txt", "tokenizer_config.json"]
    where file != faults.unlistedFile {
      digests.append("\(file): \(try digest("checkpoint/" + file))")
    }
    return """
      suite: small
      seed: 3
      data: .
      models:
        - name: random
          folder: checkpoint
          sha256: {\(digests.joined(separator: ", "))}
      calibration: {corpus: data/corpus.jsonl, sha256: \(corpus), samples: 12, length: \(faults.calibrationLength), seed: 0}
      compressions:
        - {name: dense}
        - {name: gptq-3bit, method: gptq, bits: 3, groupSize: 8}
      training: {corpus: data/corpus.jsonl, sha256: \(corpus), tokens: \(faults.trainingTokens), batch: 4, length: 16, learningRate: 1.0e-3}
      recoveries:
        - {name: none}
        - {name: lora-2, method: lora, rank: 2, alpha: 4, targets: all}
        - {name: prompt-3, method: prompt, tokens: 3}
        - {name: prompt-5, method: prompt, tokens: 5, initialization: normal, scale: 0.5}
        - {name: idp-3-5, method: idp, prompts: [prompt-3, prompt-5]}
      evaluation: {documents: 10, order: shuffled}
      tasks:
        - {task: arc_easy, files: [data/arc.jsonl], sha256: [\(try digest("data/arc.jsonl"))], documents: 12}
        - {task: lambada_openai, files: [data/lambada.jsonl], sha256: [\(try digest("data/lambada.jsonl"))], documents: 12}
      \(faults.extraSuiteLine)
      """
  }
}

extension String {
  fileprivate func randomLetter(_ stream: inout RandomStream) -> Character {
    self[index(startIndex, offsetBy: stream.nextInteger(below: count))]
  }
}
