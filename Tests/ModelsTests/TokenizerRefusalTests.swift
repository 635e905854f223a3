import Foundation
import Models
import Testing

@Suite struct TokenizerRefusalTests {
  /// The place and the reason of the error.
  private func refusal(_ files: [String: String]) throws -> CheckpointError? {
    try refusal(files.mapValues { Array($0.utf8) })
  }

  private func refusal(_ files: [String: [UInt8]]) throws -> CheckpointError? {
    try withFolder(files) { folder in
      do throws(CheckpointError) {
        _ = try Tokenizer(folder: folder)
        return nil
      } catch {
        return error
      }
    }
  }

  private func place(_ bytes: [UInt8]) -> String? {
    do throws(CheckpointError) {
      let model = try SentencePieceModel(bytes: bytes, file: "f")
      _ = try SentencePieceBPE(model: model, file: "f")
      return nil
    } catch {
      guard case .tokenizer("f", let place, _) = error else { return "\(error)" }
      return place
    }
  }

  @Test func `a protobuf that ends anywhere but between two fields is refused`() {
    let bytes = ModelWriter(["▁": -2, "a": -1]).bytes
    #expect(place(bytes) == nil)
    // Without its last field, the six bytes of the normalizer, the file is whole, and defaults hold.
    for length in bytes.indices where length != bytes.count - 6 {
      #expect(place(Array(bytes[..<length])) != nil, "cut to \(length) bytes")
    }
  }

  @Test func `malformed protobuf fields are refused with their place`() {
    let good = ModelWriter(["▁": -2, "a": -1]).bytes
    let end = good.count
    // A length past the end of the file, and one that no memory holds.
    #expect(place(good + [0x0A, 0x05, 0x0A]) == "byte \(end + 1)")
    #expect(place(good + [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01]) == "byte \(end + 1)")
    // A number of eleven bytes, and one of 65 bits.
    #expect(place(good + [0x50] + [UInt8](repeating: 0x80, count: 10) + [0x00]) == "byte \(end + 1)")
    #expect(place(good + [0x50] + [UInt8](repeating: 0x80, count: 9) + [0x02]) == "byte \(end + 1)")
    // Text that is no UTF-8: piece, text, length, C3 28.
    #expect(place(good + [0x0A, 0x04, 0x0A, 0x02, 0xC3, 0x28]) == "byte \(end + 4)")
    // A score written as a number, a group, a field of number 0, a piece without text.
    #expect(place(good + [0x0A, 0x05, 0x0A, 0x01, 0x62, 0x10, 0x01]) == "byte \(end + 5)")
    #expect(place(good + [0x53]) == "byte \(end)")
    #expect(place(good + [0x00, 0x00]) == "byte \(end)")
    #expect(place(good + [0x0A, 0x00]) == "byte \(end)")
    // Unknown fields are passed over.
    #expect(place(good + [0x50, 0x01]) == nil)
  }

  @Test func `models that break a rule are refused`() {
    var unigram = ModelWriter(["a": -1])
    unigram.modelType = 1
    #expect(place(unigram.bytes) == "trainer_spec.model_type")
    #expect(place(ModelWriter(["a": -1, "b": -2, "a": -3]).bytes) == "piece 5")
    #expect(place(ModelWriter(["a": -1, "<0x41>": -2], kind: 6).bytes) == "piece 3")
    var bytes = ModelWriter([:])
    bytes.hasByteFallback = true
    #expect(place(bytes.bytes) == "byte fallback")
    #expect(place(ModelWriter(["a": .nan]).bytes)?.hasPrefix("byte ") == true)
    #expect(place(ModelWriter(["x": 0], kind: 2).bytes) == "piece 3")
    #expect(place([]) == "pieces")
  }

  @Test func `a piece may have 2048 bytes`() {
    let good = ModelWriter(["▁": -2, "a": -1]).bytes
    func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
      [tag, UInt8(content.count & 0x7F) | 0x80, UInt8(content.count >> 7)] + content
    }
    func withPiece(of length: Int) -> [UInt8] {
      good + field(0x0A, field(0x0A, [UInt8](repeating: UInt8(ascii: "a"), count: length)))
    }
    #expect(place(withPiece(of: 2048)) == nil)
    #expect(place(withPiece(of: 2049)) == "byte \(good.count)")
  }

  @Test func `a folder without a tokenizer is refused`() throws {
    guard case .tokenizer(_, "the folder", _)? = try refusal([String: String]()) else {
      Issue.record("not refused")
      return
    }
  }

  /// A tokenizer.json in the style of Llama with one thing replaced.
  private func json(_ target: String = "", _ replacement: String = "") -> [String: String] {
    let text = #"""
      {"added_tokens": [], "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
      {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}, "pre_tokenizer": null, "post_processor": null,
      "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
      {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
      "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": false,
      "vocab": {"<unk>": 0, "▁": 1, "a": 2, "▁a": 3}, "merges": ["▁ a"]}}
      """#
    return ["tokenizer.json": target.isEmpty ? text : text.replacing(target, with: replacement)]
  }

  @Test func `a small tokenizer.json is read, merges as texts or as pairs`() throws {
    for merges in [#""▁ a""#, #"["▁", "a"]"#] {
      let files = json(#""▁ a""#, merges).mapValues { Array($0.utf8) }
      let tokenizer = try withFolder(files) { try Tokenizer(folder: $0) }
      #expect(tokenizer.encode("a a") == [3, 3])
      #expect(tokenizer.encode("xyz") == [1, 0])
      #expect(tokenizer.decode([3, 3], skippingSpecials: false) == "a a")
    }
  }

  @Test(arguments: [
    (#""vocab": {"<unk>": 0, "▁": 1, "a": 2, "▁a": 3}, "#, "", "model.vocab"),
    (#", "merges": ["▁ a"]"#, "", "model.merges"),
    (#""▁ a""#, #""▁ a b""#, "model.merges[0]"),
    (#""type": "BPE""#, #""type": "Unigram""#, "model.type"),
    (#""fuse_unk": true"#, #""fuse_unk": false"#, "model.fuse_unk"),
    (#""fuse_unk": true"#, #""dropout": 0.1"#, "model.dropout"),
    (#""fuse_unk": true"#, #""ignore_merges": true"#, "model.ignore_merges"),
    (#""fuse_unk": true"#, #""novelty": true"#, "model.novelty"),
    (#""pre_tokenizer": null"#, #""pre_tokenizer": {"type": "Metaspace"}"#, "pre_tokenizer"),
    (#""post_processor": null"#, #""post_processor": {"type": "BertProcessing"}"#, "post_processor.type"),
    (#"{"type": "Prepend", "prepend": "▁"}"#, #"{"type": "NFKC"}"#, "normalizer.normalizers[0]"),
    (#"{"type": "Fuse"}, "#, "", "decoder.decoders[1].type"),
    (#""unk_token": "<unk>""#, #""unk_token": "<none>""#, "model.unk_token"),
    (
      #""added_tokens": []"#, #""added_tokens": [{"id": 0, "content": "<unk>", "lstrip": true}]"#,
      "added_tokens[0].lstrip"
    ),
  ])
  func `what a tokenizer.json lacks or has too much is named`(target: String, replacement: String, member: String)
    throws
  {
    let error = try refusal(json(target, replacement))
    guard case .invalidMember(_, let found, _, _)? = error else {
      Issue.record("expected a refusal of \(member), found \(String(describing: error))")
      return
    }
    #expect(found == member)
  }

  @Test(arguments: [
    (#""▁ a""#, #""▁ b""#, "model.merges[0]"),
    (#""▁ a""#, #""a a""#, "model.merges[0]"),
    (#""▁ a""#, #""▁ a", "▁ a""#, "model.merges[1]"),
    (#""▁a": 3"#, #""▁a": 2"#, "model.vocab.▁a = 2"),
    (#""▁a": 3"#, #""▁a": 4"#, "model.vocab.▁a = 4"),
    (#""▁a": 3"#, #""▁a": 3, "": 4"#, "model.vocab"),
    (#""added_tokens": []"#, #""added_tokens": [{"id": 1, "content": "<s>"}]"#, "the added token “<s>”"),
    (#""added_tokens": []"#, #""added_tokens": [{"id": 9, "content": "<s>"}]"#, "the added token “<s>”"),
  ])
  func `merges and ids that fit nothing are refused`(target: String, replacement: String, place: String) throws {
    let error = try refusal(json(target, replacement))
    guard case .tokenizer(_, let found, _)? = error else {
      Issue.record("expected a refusal of \(place), found \(String(describing: error))")
      return
    }
    #expect(found == place)
  }

  @Test func `a merge of unknown tokens in merges.txt is refused with its line`() throws {
    #expect(throws: CheckpointError.self) { try byteLevel(merges: [("a", "b")], config: #"{"bos_token": "<s>"}"#) }
    #expect(throws: CheckpointError.self) { try byteLevel(merges: [("a", "b")], config: #"{"add_eos_token": true}"#) }
    let merges = "#version: 0.2\na b\n\nc d\n"
    let error = try refusal(["vocab.json": #"{"a": 0}"#, "merges.txt": merges])
    guard case .tokenizer(let file, "line 3", _)? = error else {
      Issue.record("not refused: \(String(describing: error))")
      return
    }
    #expect(file.hasSuffix("merges.txt"))
  }
}
