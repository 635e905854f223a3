import Foundation
import Models
import Tensors

/// Small valid files of every kind, made here; what is changed begins as one of these.
enum ValidFiles {
  /// A file of the elements' bytes under a header made by hand, or by the project's own writer where it can.
  static func safetensors(_ tensors: [NamedTensor], metadata: [String: String] = [:]) throws -> [UInt8] {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
    try writeSafetensors(tensors, metadata: metadata, to: path.path)
    defer { unlink(path.path) }
    return try Array(Data(contentsOf: path))
  }

  /// One tensor of every type, and shapes of every number of axes.
  static func tensorsOfAllTypes() -> [NamedTensor] {
    let shapes = [[2, 3], [3], [], [1, 2, 2], [0, 4], [2, 1, 1, 2]]
    return ElementType.allCases.enumerated().map { index, type in
      let shape = shapes[index % shapes.count]
      let count = shape.reduce(type.byteCount, *)
      return NamedTensor("tensor.\(index)", shape: shape, bytes: (0..<count).map { UInt8($0 % 50) }, type: type)
    }
  }

  static func matrix(_ name: String, _ rows: Int, _ columns: Int) -> NamedTensor {
    var stream = RandomStream(seed: 0, purpose: name)
    return NamedTensor(
      name, Matrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in stream.nextNormal() }))
  }

  // MARK: Texts

  static let llamaConfiguration = """
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32, "hidden_size": 16, \
    "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, \
    "head_dim": 4, "hidden_act": "silu", "max_position_embeddings": 128, "rms_norm_eps": 1e-05, \
    "rope_theta": 10000.0, "rope_scaling": null, "rope_parameters": {"rope_type": "default", "rope_theta": 500.0}, \
    "attention_bias": false, "mlp_bias": false, "tie_word_embeddings": true, "torch_dtype": "float32"}
    """

  static let optConfiguration = """
    {"architectures": ["OPTForCausalLM"], "model_type": "opt", "vocab_size": 32, "hidden_size": 16, "ffn_dim": 24, \
    "num_hidden_layers": 2, "num_attention_heads": 4, "word_embed_proj_dim": 8, "max_position_embeddings": 128, \
    "activation_function": "relu", "do_layer_norm_before": true, "_remove_final_layer_norm": false, \
    "layer_norm_elementwise_affine": true, "enable_bias": true, "tie_word_embeddings": true, "torch_dtype": "float32"}
    """

  static let anyJSON = [
    #"{"a": [1, -2.5e-3, true, false, null, "té\u00e9\ud83d\ude00\n"], "b": {"c": {"d": [[], {}, [{}]]}}, "": 0}"#,
    #"[0, -0, 1e5, 9223372036854775807, 1.7976931348623157e308, "\"\\\/\b\f\n\r\t", "日本", {"x": {"y": {}}}]"#,
    " \n\t\"a text alone\" ",
  ]

  static let plainTexts = [
    "The cat's hat; don't you've we'll 'twas I'm they'd — 1234 ½ ²³ Ⅷ  two   three\n\n four\t\r\n",
    "<s>Once upon▁a time</s> <unk><pad> ▁▁ <0x0A>\u{0}\u{7F}",
    "日本語 한국어 العربية é e\u{301} 👩‍👩‍👧‍👦 \u{200D}\u{3000}\u{85}\u{A0}x",
    String(repeating: "aaaaaaaab ", count: 40),
  ]
}

// MARK: - Tokenizers

extension ValidFiles {
  private static let joined = ["▁t", "he", "▁the", "▁a", "in", "er", "▁he", "日本", "éb", "▁▁", "ab", "aa", "aaaa"]
  private static let letters = "▁theainr日本ébox.".map(String.init)

  private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(content.count)] + content
  }

  /// A `tokenizer.model` with pieces of every type.
  static func sentencePieceModel(hasByteFallback: Bool) -> [UInt8] {
    var pieces: [(text: String, kind: UInt8)] = [("<unk>", 2), ("<s>", 3), ("</s>", 3)]
    if hasByteFallback { pieces += (UInt8.min...UInt8.max).map { (SentencePieceBPE.byteText($0), 6) } }
    pieces += joined.enumerated().map { ($1, $0 % 5 == 4 ? 5 : 1) }  // every fifth is unused
    pieces += letters.map { ($0, 1) } + [("<user>", 4), ("box", 4)]
    var bytes: [UInt8] = []
    for (id, piece) in pieces.enumerated() {
      let score = withUnsafeBytes(of: Float(-id).bitPattern.littleEndian, Array.init)
      bytes += field(1, field(1, Array(piece.text.utf8)) + [0x15] + score + [0x18, piece.kind])
    }
    // model_type, byte_fallback, then unk_id, bos_id, eos_id, pad_id and unk_surface.
    bytes += field(
      2,
      [0x18, 2, 0x98, 0x02, hasByteFallback ? 1 : 0, 0xC0, 0x02, 0, 0xC8, 0x02, 1, 0xD0, 0x02, 2, 0xD8, 0x02]
        + [UInt8](repeating: 0xFF, count: 9) + [1] + [0xE2, 0x02, 2, 0x3F, 0x3F])
    bytes += field(3, [0x18, 1, 0x20, hasByteFallback ? 0 : 1, 0x28, 1])
    return bytes
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
  }

  private static func vocabulary(_ entries: [String]) -> String {
    "{" + entries.enumerated().map { "\(quoted($1)): \($0)" }.joined(separator: ", ") + "}"
  }

  private static func addedTokens(_ names: [String]) -> String {
    names.enumerated().map {
      #"{"id": \#($0), "content": \#(quoted($1)), "single_word": false, "lstrip": false, "rstrip": false, "special": true}"#
    }.joined(separator: ", ")
  }

  /// A `tokenizer.json` in the style of sentencepiece.
  static func sentencePieceJSON(hasByteFallback: Bool) -> String {
    var entries = ["<unk>", "<s>", "</s>"]
    if hasByteFallback { entries += (UInt8.min...UInt8.max).map(SentencePieceBPE.byteText) }
    entries += ["▁", "t", "h", "e", "a", "▁t", "▁th", "▁the", "he", "aa", "aaaa"]
    let fallback = hasByteFallback ? #"{"type": "ByteFallback"}, "# : ""
    return """
      {"version": "1.0", "truncation": null, "padding": null, \
      "added_tokens": [\(addedTokens(["<unk>", "<s>", "</s>"]))], \
      "normalizer": {"type": "Sequence", "normalizers": [\
      {"type": "Replace", "pattern": {"Regex": "\\\\A +| +\\\\z"}, "content": ""}, \
      {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}, {"type": "Prepend", "prepend": "▁"}, \
      {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}, "pre_tokenizer": null, \
      "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, \
      {"Sequence": {"id": "A", "type_id": 0}}]}, \
      "decoder": {"type": "Sequence", "decoders": [\
      {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, \(fallback){"type": "Fuse"}, \
      {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}, \
      "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null, \
      "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": \(hasByteFallback), "ignore_merges": false, \
      "vocab": \(vocabulary(entries)), \
      "merges": [["▁", "t"], "h e", ["▁t", "h"], "▁th e", ["▁t", "he"], "a a", "aa aa"]}}
      """
  }

  private static let byteLevelMerges = ["Ġ t", "h e", "Ġt he", "a a", "aa aa", "Ã ©", "Ċ Ċ"]

  private static var byteLevelEntries: [String] {
    ["<unk>", "<pad>", "</s>"] + (UInt8.min...UInt8.max).map { String(ByteAlphabet.scalar(of: $0)) }
      + byteLevelMerges.map { $0.replacingOccurrences(of: " ", with: "") }
  }

  /// A `tokenizer.json` in the byte-level style.
  static var byteLevelJSON: String {
    """
    {"version": "1.0", "truncation": null, "padding": null, \
    "added_tokens": [\(addedTokens(["<unk>", "<pad>", "</s>"]))], "normalizer": null, \
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}, \
    "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "</s>", "type_id": 0}}, \
    {"Sequence": {"id": "A", "type_id": 0}}]}, \
    "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}, \
    "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "", \
    "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false, \
    "vocab": \(vocabulary(byteLevelEntries)), "merges": [\(byteLevelMerges.map(quoted).joined(separator: ", "))]}}
    """
  }

  static var vocabularyJSON: String { vocabulary(byteLevelEntries) }
  static var mergesText: String { "#version: 0.2\n" + byteLevelMerges.joined(separator: "\n") + "\n" }

  static let tokenizerConfiguration = """
    {"add_bos_token": true, "add_eos_token": false, "bos_token": "</s>", "eos_token": {"content": "</s>", \
    "lstrip": false, "rstrip": false, "single_word": false}, "unk_token": "<unk>", "pad_token": null, \
    "added_tokens_decoder": {"2": {"content": "</s>", "lstrip": false, "special": true}}, \
    "additional_special_tokens": ["<pad>"]}
    """
  static let specialTokensMap = """
    {"bos_token": "</s>", "eos_token": "</s>", "unk_token": {"content": "<unk>", "lstrip": false}, \
    "additional_special_tokens": [{"content": "<extra>"}, "<pad>"]}
    """

  /// For a vocabulary of the size of `vocabularyJSON`.
  static var addedTokensJSON: String {
    #"{"<extra>": \#(byteLevelEntries.count), "the word": \#(byteLevelEntries.count + 1)}"#
  }
}
