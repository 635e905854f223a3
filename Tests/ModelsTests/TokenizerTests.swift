import Foundation
import Models
import Testing

// MARK: - Hand-made tokenizers

/// Writes `tokenizer.model` files of a few pieces.
private struct ModelWriter {
  var pieces: [(text: String, score: Float, kind: Int)] = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3)]
  var hasByteFallback = false
  var addsDummyPrefix = true
  var removesExtraSpaces = false
  var modelType: UInt8 = 2

  /// With the pieces 3, 4, … of that order; the scores order the merges.
  init(_ pieces: KeyValuePairs<String, Float>, kind: Int = 1) {
    for (text, score) in pieces { self.pieces.append((text, score, kind)) }
  }

  mutating func addBytes() {
    hasByteFallback = true
    for byte in UInt8.min...UInt8.max { pieces.append((SentencePieceBPE.byteText(byte), 0, 6)) }
  }

  private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    precondition(content.count < 128)
    return [number << 3 | 2, UInt8(content.count)] + content
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for piece in pieces {
      let score = withUnsafeBytes(of: piece.score.bitPattern.littleEndian, Array.init)
      bytes += Self.field(1, Self.field(1, Array(piece.text.utf8)) + [0x15] + score + [0x18, UInt8(piece.kind)])
    }
    // Field 35 as a varint has the tag 280, written 98 02.
    bytes += Self.field(2, [0x18, modelType, 0x98, 0x02, hasByteFallback ? 1 : 0])
    bytes += Self.field(3, [0x18, addsDummyPrefix ? 1 : 0, 0x20, removesExtraSpaces ? 1 : 0])
    return bytes
  }

  func tokenizer() throws -> Tokenizer {
    try withFolder(["tokenizer.model": bytes]) { try Tokenizer(folder: $0) }
  }
}

private func withFolder<Result>(_ files: [String: [UInt8]], _ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for (name, content) in files { try Data(content).write(to: folder.appendingPathComponent(name)) }
  return try body(folder.path)
}

/// A byte-level vocabulary: `</s>` 0, the byte b at 1 + b, then the results of the merges from 257 on.
private func byteLevel(merges: [(String, String)], config: String = #"{"bos_token": "</s>", "add_bos_token": true}"#)
  throws -> Tokenizer
{
  var entries = ["</s>"] + (UInt8.min...UInt8.max).map { String(ByteAlphabet.scalar(of: $0)) }
  entries += merges.map { $0.0 + $0.1 }
  let members = entries.enumerated().map { id, text in
    "\"" + (["\"", "\\"].contains(text) ? "\\" : "") + text + "\": \(id)"
  }
  let files = [
    "vocab.json": "{" + members.joined(separator: ",") + "}",
    "merges.txt": "#version: 0.2\n" + merges.map { "\($0.0) \($0.1)\n" }.joined(),
    "tokenizer_config.json": config,
  ]
  return try withFolder(files.mapValues { Array($0.utf8) }) { try Tokenizer(folder: $0) }
}

/// The folder of tokenizers beside the project.
private let checkpoints: String = {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return root.appendingPathComponent("../shared/checkpoints").standardizedFileURL.path
}()

// MARK: - The sentencepiece style

@Suite struct SentencePieceTokenizerTests {
  @Test func `the pair of the highest score joins first`() throws {
    // abc: "bc" (-1) goes before "ab" (-2), so "abc" is a + bc.
    let tokenizer = try ModelWriter(["▁": -9, "a": -9, "b": -9, "c": -9, "ab": -2, "bc": -1]).tokenizer()
    #expect(tokenizer.encode("abc") == [3, 4, 8])
  }

  @Test func `among equal scores the leftmost pair joins first`() throws {
    let tokenizer = try ModelWriter(["▁": -9, "a": -9, "b": -9, "c": -9, "bc": -1, "ab": -1]).tokenizer()
    #expect(tokenizer.encode("abc") == [3, 8, 6])
    let repeated = try ModelWriter(["▁": -9, "a": -9, "aa": -1]).tokenizer()
    #expect(repeated.encode("aaa") == [3, 5, 4])
  }

  @Test func `merges run across words where a piece does`() throws {
    let tokenizer = try ModelWriter(["▁": -9, "a": -9, "b": -9, "a▁": -2, "a▁b": -1]).tokenizer()
    #expect(tokenizer.encode("a b") == [3, 7])
  }

  @Test func `characters that are no pieces may still join into one`() throws {
    // "a" and "b" alone are unknown; "ab" is a piece.
    var writer = ModelWriter(["▁": -9, "ab": -1])
    #expect(try writer.tokenizer().encode("abba") == [3, 4, 0])
    writer.addBytes()
    #expect(try writer.tokenizer().encode("aba") == [3, 4, 5 + 0x61])
  }

  @Test func `unknown characters become their bytes`() throws {
    var writer = ModelWriter(["▁": -2, "a": -1])
    writer.addBytes()
    let tokenizer = try writer.tokenizer()
    // "é" is C3 A9; bytes start at id 5.
    #expect(tokenizer.encode("aé") == [3, 4, 5 + 0xC3, 5 + 0xA9])
    #expect(tokenizer.decode([3, 4, 5 + 0xC3, 5 + 0xA9], skippingSpecials: false) == "aé")
    // A lone lead byte, and then the surrogate D800 as three bytes: one U+FFFD for each.
    let broken = [0xC3, 0xED, 0xA0, 0x80].map { 5 + $0 }
    #expect(tokenizer.decode([4] + broken, skippingSpecials: false) == "a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
  }

  @Test func `a run of unknown characters is one unknown token without byte fallback`() throws {
    let tokenizer = try ModelWriter(["▁": -2, "a": -1]).tokenizer()
    #expect(tokenizer.encode("xyaz") == [3, 0, 4, 0])
    #expect(tokenizer.decodePlain([3, 4, 0]) == "a \u{2047} ")
  }

  @Test func `the empty text has no tokens, and every other one a space in front`() throws {
    let tokenizer = try ModelWriter(["▁": -2, "a": -1, "▁▁": -3]).tokenizer()
    #expect(tokenizer.encode("") == [])
    #expect(tokenizer.encodeWithBeginning("") == [1])
    #expect(tokenizer.encode("a") == [3, 4])
    #expect(tokenizer.encode(" a") == [5, 4])
    #expect(tokenizer.decode([5, 4], skippingSpecials: false) == " a")
    #expect(tokenizer.decode([], skippingSpecials: false) == "")
  }

  @Test func `extra spaces are removed where the model says so`() throws {
    var writer = ModelWriter(["▁": -2, "a": -1])
    writer.removesExtraSpaces = true
    #expect(try writer.tokenizer().encode("  a   a ") == [3, 4, 3, 4])
    #expect(try writer.tokenizer().encode("   ") == [])
    writer.addsDummyPrefix = false
    #expect(try writer.tokenizer().encode(" a a") == [4, 3, 4])
  }

  @Test func `special tokens inside a text become their ids, and each part gets its own prefix`() throws {
    var writer = ModelWriter(["▁": -2, "a": -1])
    writer.addBytes()
    let tokenizer = try writer.tokenizer()
    #expect(tokenizer.encode("a</s>a") == [3, 4, 2, 3, 4])
    #expect(tokenizer.encodeWithBeginning("<s>a") == [1, 1, 3, 4])
    #expect(tokenizer.encodePlain("</s>") == [3] + "</s>".utf8.map { 5 + Int($0) })
    #expect(tokenizer.decode([3, 4, 2, 3, 4], skippingSpecials: false) == " a</s>a")
    #expect(tokenizer.decode([3, 4, 2, 3, 4], skippingSpecials: true) == "a a")
  }

  @Test func `canonically equivalent characters are different tokens`() throws {
    // U+00C5, U+212B and A with U+030A are the same to String.
    let tokenizer = try ModelWriter(["▁": -9, "\u{C5}": -1, "\u{212B}": -2, "A": -3, "\u{30A}": -4]).tokenizer()
    #expect(tokenizer.encode("\u{C5}") == [3, 4])
    #expect(tokenizer.encode("\u{212B}") == [3, 5])
    #expect(tokenizer.encode("A\u{30A}") == [3, 6, 7])
  }

  @Test func `user-defined pieces are cut out before all merging`() throws {
    var writer = ModelWriter(["▁": -9, "a": -9, "b": -9, "ab": -1])
    writer.pieces.append(("bb", 0, 4))
    #expect(try writer.tokenizer().encode("abba") == [3, 4, 7, 4])
  }

  @Test func `unused pieces are taken apart again`() throws {
    var writer = ModelWriter(["▁": -9, "a": -9, "b": -9, "c": -9, "abc": -2])
    writer.pieces.append(("ab", -1, 5))
    let tokenizer = try writer.tokenizer()
    #expect(tokenizer.encode("abc") == [3, 7])
    #expect(tokenizer.encode("ab") == [3, 4, 5])
  }

  @Test func `roles come from the files beside the model`() throws {
    let files = [
      "tokenizer.model": ModelWriter(["▁": -2, "a": -1]).bytes,
      "tokenizer_config.json": Array(#"{"bos_token": null, "pad_token": "</s>", "add_bos_token": true}"#.utf8),
      "special_tokens_map.json": Array(#"{"unk_token": {"content": "<unk>", "lstrip": false}}"#.utf8),
      "added_tokens.json": Array(#"{"[PAD]": 5}"#.utf8),
    ]
    try withFolder(files) { folder in
      let tokenizer = try Tokenizer(folder: folder)
      #expect(tokenizer.beginning == nil)
      #expect(tokenizer.end == 2)
      #expect(tokenizer.padding == 2)
      #expect(tokenizer.unknown == 0)
      #expect(tokenizer.vocabularySize == 6)
      #expect(tokenizer.encodeWithBeginning("a[PAD]a") == [3, 4, 5, 3, 4])
      #expect(tokenizer.decode([3, 4, 5, 3, 4], skippingSpecials: true) == "a [PAD] a")
    }
  }
}

// MARK: - The byte-level style

@Suite struct ByteLevelTokenizerTests {
  @Test func `the merge of the lowest rank goes first, within words only`() throws {
    let tokenizer = try byteLevel(merges: [("b", "c"), ("a", "b"), ("Ġ", "a"), ("c", "Ġ")])
    let byte = { (character: Character) in 1 + Int(character.asciiValue ?? 0) }
    #expect(tokenizer.encode("abc") == [byte("a"), 257])
    #expect(tokenizer.encode("ab") == [258])
    // The space belongs to the word after it, so "c " never joins, and " a" takes the letter from "ab".
    #expect(tokenizer.encode("c ab") == [byte("c"), byte(" "), 258])
    #expect(tokenizer.encode("c a") == [byte("c"), 259])
  }

  @Test func `every byte comes back`() throws {
    let tokenizer = try byteLevel(merges: [])
    let text = String((0...0x2FF).compactMap(Unicode.Scalar.init).map(Character.init)) + "\u{10FFFF}"
    let ids = tokenizer.encode(text)
    #expect(ids == text.utf8.map { 1 + Int($0) })
    #expect(Array(tokenizer.decode(ids, skippingSpecials: false).utf8) == Array(text.utf8))
  }

  @Test func `ill-formed bytes decode as Python's replacement does`() throws {
    let tokenizer = try byteLevel(merges: [])
    func decode(_ bytes: [Int]) -> String { tokenizer.decode(bytes.map { 1 + $0 }, skippingSpecials: false) }
    // One U+FFFD for each longest beginning of a character.
    #expect(decode([0xF0, 0x9F, 0x98, 0x41]) == "\u{FFFD}A")
    #expect(decode([0xED, 0xA0, 0x80]) == "\u{FFFD}\u{FFFD}\u{FFFD}")
    #expect(decode([0xC0, 0x80]) == "\u{FFFD}\u{FFFD}")
    #expect(decode([0xE2, 0x28, 0xA1]) == "\u{FFFD}(\u{FFFD}")
  }

  @Test func `the beginning is added and special tokens are cut out`() throws {
    let tokenizer = try byteLevel(merges: [])
    #expect(tokenizer.encodeWithBeginning("</s>") == [0, 0])
    #expect(tokenizer.encodePlain("</s>") == "</s>".utf8.map { 1 + Int($0) })
    #expect(tokenizer.decode([0, 1 + 0x61, 0], skippingSpecials: false) == "</s>a</s>")
    #expect(tokenizer.decode([0, 1 + 0x61, 0], skippingSpecials: true) == "a")
  }

  @Test(arguments: [
    ("Hello world", ["Hello", " world"]),
    ("it's we'll I'VE", ["it", "'s", " we", "'ll", " I", "'", "VE"]),
    ("a  b", ["a", " ", " b"]),
    ("a\n\nb", ["a", "\n", "\n", "b"]),
    ("a \n", ["a", " \n"]),
    (" \u{A0}x", [" ", "\u{A0}", "x"]),
    ("x1²½_?", ["x", "1²½", "_?"]),
    ("e\u{301}a", ["e", "\u{301}", "a"]),
    (" 's", [" '", "s"]),
    ("", []),
  ])
  func `words are those of GPT-2's pattern`(text: String, words: [String]) {
    let bytes = Array(text.utf8)
    let found = WordSplitting.words(in: text).map { Array(bytes[$0]) }
    #expect(found == words.map { Array($0.utf8) })
  }

  @Test func `spaces before punctuation can be removed`() {
    #expect(Tokenizer.removingSpacesBeforePunctuation("it 's fine , is n't it ?") == "it's fine, isn't it?")
    // The combining accent does not hide the full stop.
    #expect(Tokenizer.removingSpacesBeforePunctuation("a .\u{301}").utf8.elementsEqual("a.\u{301}".utf8))
  }
}

// MARK: - Properties

@Suite struct TokenizerPropertyTests {
  @Test func `decoding an encoded text gives the text`() throws {
    var writer = ModelWriter(["▁": -9, "a": -9, "b": -9, "ab": -1, "▁a": -2, "é": -5, "▁▁": -3, "ba": -1])
    writer.addBytes()
    let tokenizers = [try writer.tokenizer(), try byteLevel(merges: [("a", "b"), ("Ġ", "a"), ("Ã", "©")])]
    let alphabet: [Unicode.Scalar] = [
      "a", "b", " ", "é", "e", "\u{301}", "\n", "'", "s", "1", "\u{212B}", "😀", "\u{0}",
    ]
    // A linear congruential generator, Knuth's MMIX constants: the texts are the same in every run.
    var state: UInt64 = 1
    for tokenizer in tokenizers {
      for length in 0..<200 {
        var text = String.UnicodeScalarView()
        for _ in 0..<length {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          text.append(alphabet[Int(state >> 33) % alphabet.count])
        }
        let decoded = tokenizer.decode(tokenizer.encode(String(text)), skippingSpecials: false)
        #expect(decoded.utf8.elementsEqual(String(text).utf8))
      }
    }
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: checkpoints), "no folder ../shared/checkpoints"),
    arguments: [
      ("llama2-tokenizer-32000", Tokenizer.Form.sentencePiece), ("stories260K", .sentencePiece),
      ("opt-tokenizer-50265", .vocabularyAndMerges),
    ])
  func `tokenizer.json gives the ids of the other form`(name: String, form: Tokenizer.Form) throws {
    let folder = checkpoints + "/" + name
    let json = try Tokenizer(folder: folder, form: .json)
    let other = try Tokenizer(folder: folder, form: form)
    #expect(json.vocabularySize == other.vocabularySize)
    #expect(json.beginning == other.beginning && json.end == other.end)
    #expect(json.unknown == other.unknown && json.padding == other.padding)
    let texts = [
      "", " ", "Hello world", "  two  spaces  ", "a</s>b <s> <unk>c", "naïve café – “quoted” 😀👩‍👩‍👧", "x\ty\r\n\nz",
      "1234567890 3.14", "Å\u{212B}A\u{30A}", "日本語のテキスト", "don't we'll I'VE", String(repeating: "ab ", count: 500),
      "\u{0}\u{1F}\u{85}\u{A0}\u{2003}\u{E000}\u{10FFFF}", "for (int i = 0; i < n; ++i) {\n    sum += a[i];\n}\n",
    ]
    for text in texts {
      #expect(json.encode(text) == other.encode(text), "\(text.debugDescription)")
      #expect(json.encodeWithBeginning(text) == other.encodeWithBeginning(text), "\(text.debugDescription)")
      let ids = other.encode(text)
      #expect(json.decode(ids, skippingSpecials: true) == other.decode(ids, skippingSpecials: true))
    }
  }
}

// MARK: - Bad input

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
