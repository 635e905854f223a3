import Foundation
import Models

/// A tokenizer of 32 pieces: `<unk>` 0, `<s>` 1, `</s>` 2, "▁" 3, the letters "a" to "w" from 4 on, then five marks.
func handMadeTokenizer() throws -> Tokenizer {
  func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(content.count)] + content }
  let letters = (UInt8(ascii: "a")...UInt8(ascii: "w")).map { String(UnicodeScalar($0)) }
  let pieces =
    [("<unk>", 2), ("<s>", 3), ("</s>", 3)] + (["▁"] + letters + ["\n", ".", ",", ":", "?"]).map { ($0, 1) }
  var bytes: [UInt8] = []
  for (text, kind) in pieces {
    bytes += field(1, field(1, Array(text.utf8)) + [0x15, 0, 0, 0, 0, 0x18, UInt8(kind)])
  }
  // Byte-pair encoding without byte fallback; a blank before every text, and blanks kept.
  bytes += field(2, [0x18, 2, 0x98, 0x02, 0]) + field(3, [0x18, 1, 0x20, 0])
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try Data(bytes).write(to: folder.appendingPathComponent("tokenizer.model"))
  return try Tokenizer(folder: folder.path)
}
