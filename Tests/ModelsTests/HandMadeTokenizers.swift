import Foundation
import Models

/// Writes `tokenizer.model` files of a few pieces.
struct ModelWriter {
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

func withFolder<Result>(_ files: [String: [UInt8]], _ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for (name, content) in files { try Data(content).write(to: folder.appendingPathComponent(name)) }
  return try body(folder.path)
}

/// A byte-level vocabulary: `</s>` 0, the byte b at 1 + b, then the results of the merges from 257 on.
func byteLevel(merges: [(String, String)], config: String = #"{"bos_token": "</s>", "add_bos_token": true}"#)
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
let checkpoints: String = {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return root.appendingPathComponent("../shared/checkpoints").standardizedFileURL.path
}()
