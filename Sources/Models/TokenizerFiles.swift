import Foundation

/// The files of a tokenizer's folder.
package struct TokenizerFiles: Sendable {
  package struct File: Sendable {
    package let name: String
    package let bytes: [UInt8]
  }

  package let files: [File]

  /// With the two files of settings beside those of the vocabulary.
  ///
  /// - Parameters:
  ///   - settings: the members of `tokenizer_config.json` before the special tokens.
  ///   - specials: which token has which role: the members of `special_tokens_map.json`.
  init(_ files: [File], settings: [JSONValue.Member], specials: [JSONValue.Member]) {
    func json(_ name: String, _ members: [JSONValue.Member]) -> File {
      File(name: name, bytes: Array((JSONValue.object(members).text + "\n").utf8))
    }
    self.files =
      files + [json("tokenizer_config.json", settings + specials), json("special_tokens_map.json", specials)]
  }

  /// Makes the folder where there is none, and replaces files of these names.
  package func write(to folder: String) throws(CheckpointError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(file: folder, reason: error.localizedDescription)
    }
    for file in files {
      try replaceFile(folder + "/" + file.name) { target throws(CheckpointError) in try target.write(file.bytes) }
    }
  }
}
