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
    safetensors, json, sentencePieceModel, tokenizerJSON, vocabularyAndMerges, tokenizerSettings, encoding,
    configuration, checkpointFolder,
  ]
}

// MARK: - Files

extension Reader {
  private static let safetensors = Reader(
    name: "safetensors",
    made: {
      let file = try ValidFiles.safetensors(ValidFiles.tensorsOfAllTypes(), metadata: ["format": "pt", "é": "\n"])
      let small = try ValidFiles.safetensors([ValidFiles.matrix("a", 2, 3)])
      return [file, small].map { FuzzInput(.init("file.safetensors", .safetensors, $0)) }
    },
    input: { file, bytes in
      file.hasSuffix(".safetensors") ? FuzzInput(.init("file.safetensors", .safetensors, bytes)) : nil
    },
    prepare: { folder in
      { _ in
        var failure: CheckpointError?
        for tensor in try SafetensorsFile(path: folder + "/file.safetensors").tensors {
          // A number that is not finite must not keep the tensors after it from being read.
          do throws(CheckpointError) { try read(tensor) } catch { failure = error }
        }
        if let failure { throw failure }
      }
    })

  private static func read(_ tensor: StoredTensor) throws(CheckpointError) {
    switch tensor.type {
    case .float64, .float32, .float16, .bfloat16: _ = try tensor.matrix()
    case .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8, .boolean: _ = try tensor.integers()
    }
  }

  private static let json = Reader(
    name: "json",
    made: {
      (ValidFiles.anyJSON + [ValidFiles.configuration, ValidFiles.sentencePieceJSON(hasByteFallback: false)]).map {
        FuzzInput(.init("file.json", .json, $0))
      }
    },
    input: { file, bytes in file.hasSuffix(".json") ? FuzzInput(.init("file.json", .json, bytes)) : nil },
    prepare: { _ in
      { input in
        for file in input.files { _ = try JSONValue(parsing: file.bytes) }
      }
    })

  private static let configuration = Reader(
    name: "config",
    made: { [FuzzInput(.init("config.json", .json, ValidFiles.configuration))] },
    input: { file, bytes in file == "config.json" ? FuzzInput(.init(file, .json, bytes)) : nil },
    prepare: { folder in { _ in _ = try LlamaConfiguration(file: folder + "/config.json") } })

  private static let checkpointFolder = Reader(
    name: "folder",
    made: {
      let files = ["model-1.safetensors", "model-2.safetensors"]
      let index =
        #"{"metadata": {"total_size": 72}, "weight_map": {"a": "\#(files[0])", "b": "\#(files[0])", "c": "\#(files[1])"}}"#
      let tensors = [[ValidFiles.matrix("a", 2, 3), ValidFiles.matrix("b", 2, 3)], [ValidFiles.matrix("c", 2, 3)]]
      return [
        FuzzInput(
          .init("model.safetensors.index.json", .json, index),
          .init(files[0], .safetensors, try ValidFiles.safetensors(tensors[0])),
          .init(files[1], .safetensors, try ValidFiles.safetensors(tensors[1]))),
        FuzzInput(.init("model.safetensors", .safetensors, try ValidFiles.safetensors(tensors[0]))),
      ]
    },
    input: { _, _ in nil },
    prepare: { folder in
      { _ in
        let checkpoint = try CheckpointFolder(folder)
        for name in checkpoint.names { _ = try checkpoint.tensor(name, shape: [2, 3]).matrix() }
      }
    })
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
          for tokenizer in others + [byteLevel] { use(tokenizer, on: text) }
          let again = byteLevel.decodePlain(byteLevel.encodePlain(text))
          precondition(again.utf8.elementsEqual(text.utf8), "bytes lost on the way to ids and back")
        }
      }
    })
}
