import Foundation
import Models

/// One of the things that read what others wrote.
struct Reader: Sendable {
  let name: String
  /// Valid inputs that are made by code.
  let made: @Sendable () throws -> [FuzzInput]
  /// A file of a corpus as an input; nil where this reader does not read it.
  let input: @Sendable (_ file: String, _ bytes: [UInt8]) -> FuzzInput?
  /// Gives the function that reads the input, which lies in the folder; it may throw, and nothing else may happen.
  let prepare: @Sendable (_ folder: String) throws -> (FuzzInput) throws -> Void

  static let all = [
    safetensors, zip, pickle, pyTorchCheckpoint, checkpointFolder, json, llamaConfiguration, optConfiguration,
    sentencePieceModel, tokenizerJSON, vocabularyAndMerges, tokenizerSettings, encoding,
  ]
}

// MARK: - JSON

extension Reader {
  private static let json = Reader(
    name: "json",
    made: {
      (ValidFiles.anyJSON + [ValidFiles.llamaConfiguration, ValidFiles.sentencePieceJSON(hasByteFallback: false)]).map {
        FuzzInput(.init("file.json", .json, $0))
      }
    },
    input: { file, bytes in file.hasSuffix(".json") ? FuzzInput(.init("file.json", .json, bytes)) : nil },
    prepare: { _ in
      { input in
        for file in input.files { _ = try JSONValue(parsing: file.bytes) }
      }
    })

  private static func configuration(
    _ name: String, _ text: String, read: @escaping @Sendable (_ path: String) throws -> Void
  ) -> Reader {
    Reader(
      name: name,
      made: { [FuzzInput(.init("config.json", .json, text))] },
      input: { file, bytes in file == "config.json" ? FuzzInput(.init(file, .json, bytes)) : nil },
      prepare: { folder in { _ in try read(folder + "/config.json") } })
  }

  private static let llamaConfiguration = configuration("llama-config", ValidFiles.llamaConfiguration) {
    _ = try LlamaConfiguration(file: $0)
  }

  private static let optConfiguration = configuration("opt-config", ValidFiles.optConfiguration) {
    _ = try OPTConfiguration(file: $0)
  }
}

// MARK: - Tokenizers

extension Reader {
  private static func tokenizer(
    _ name: String, _ form: Tokenizer.Form, made: @escaping @Sendable () -> [FuzzInput],
    corpus: (String, FuzzInput.Format)? = nil
  ) -> Reader {
    Reader(
      name: name, made: made,
      input: { file, bytes in
        guard let corpus, file == corpus.0 else { return nil }
        return FuzzInput(.init(file, corpus.1, bytes))
      },
      prepare: { folder in
        { _ in
          let tokenizer = try Tokenizer(folder: folder, form: form)
          for text in ["<s>the cat  aaaab日本é\u{0}</s>\n", " the▁box "] { use(tokenizer, on: text) }
        }
      })
  }

  /// Encodes and decodes; ids are those of the vocabulary, whatever its files say.
  private static func use(_ tokenizer: Tokenizer, on text: String) {
    let ids = tokenizer.encodeWithBeginning(text)
    let size = tokenizer.vocabularySize
    for id in ids { precondition((0..<size).contains(id), "id \(id) of a vocabulary of \(size)") }
    for skipping in [false, true] { _ = tokenizer.decode(ids, skippingSpecials: skipping) }
    _ = tokenizer.decode([-1, size - 1, 0, size, .max, .min], skippingSpecials: true)
    _ = tokenizer.decodePlain(tokenizer.encodePlain(text))
  }

  private static let sentencePieceModel = tokenizer(
    "tokenizer.model", .sentencePiece,
    made: {
      [false, true].map {
        FuzzInput(.init("tokenizer.model", .protobuf, ValidFiles.sentencePieceModel(hasByteFallback: $0)))
      }
    }, corpus: ("tokenizer.model", .protobuf))

  private static let tokenizerJSON = tokenizer(
    "tokenizer.json", .json,
    made: {
      [
        ValidFiles.sentencePieceJSON(hasByteFallback: false), ValidFiles.sentencePieceJSON(hasByteFallback: true),
        ValidFiles.byteLevelJSON,
      ].map { FuzzInput(.init("tokenizer.json", .json, $0)) }
    }, corpus: ("tokenizer.json", .json))

  private static let vocabularyAndMerges = tokenizer(
    "vocab+merges", .vocabularyAndMerges,
    made: {
      [
        FuzzInput(
          .init("vocab.json", .json, ValidFiles.vocabularyJSON), .init("merges.txt", .text, ValidFiles.mergesText))
      ]
    })

  private static let tokenizerSettings = tokenizer(
    "settings", .vocabularyAndMerges,
    made: {
      [
        FuzzInput(
          .init("tokenizer_config.json", .json, ValidFiles.tokenizerConfiguration),
          .init("special_tokens_map.json", .json, ValidFiles.specialTokensMap),
          .init("added_tokens.json", .json, ValidFiles.addedTokensJSON),
          .init("vocab.json", .json, ValidFiles.vocabularyJSON), .init("merges.txt", .text, ValidFiles.mergesText))
      ]
    })

  /// Texts for one tokenizer of each style.
  private static let encoding = Reader(
    name: "encoding",
    made: { ValidFiles.plainTexts.map { FuzzInput(.init("text.txt", .text, $0)) } },
    input: { file, bytes in file.hasSuffix(".txt") ? FuzzInput(.init("text.txt", .text, bytes)) : nil },
    prepare: { folder in
      func tokenizer(_ files: FuzzInput.File...) throws -> Tokenizer {
        var input = FuzzInput()
        input.files = files
        try input.replace(nil, in: folder)
        defer { for file in files { unlink(folder + "/" + file.name) } }
        return try Tokenizer(folder: folder)
      }
      let byteLevel = try tokenizer(
        .init("vocab.json", .json, ValidFiles.vocabularyJSON), .init("merges.txt", .text, ValidFiles.mergesText))
      let others = try [
        tokenizer(.init("tokenizer.model", .protobuf, ValidFiles.sentencePieceModel(hasByteFallback: true))),
        tokenizer(.init("tokenizer.model", .protobuf, ValidFiles.sentencePieceModel(hasByteFallback: false))),
        tokenizer(.init("tokenizer.json", .json, ValidFiles.sentencePieceJSON(hasByteFallback: true))),
      ]
      return { input in
        for file in input.files {
          let text = String(decoding: file.bytes, as: UTF8.self)
          let isLong = text.utf8.count > longestForAll
          for tokenizer in isLong ? [others[text.utf8.count % others.count]] : others + [byteLevel] {
            use(tokenizer, on: text)
          }
          let again = byteLevel.decodePlain(byteLevel.encodePlain(text))
          precondition(again.utf8.elementsEqual(text.utf8), "bytes lost on the way to ids and back")
        }
      }
    })

  /// Most of the time would go into the few texts that are longer, by bytes: for these, one tokenizer and the round trip
  /// have to do.
  private static let longestForAll = 2048
}
