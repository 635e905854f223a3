import Foundation
import Models

// MARK: - Files of tensors

extension Reader {
  static let safetensors = Reader(
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
      { _ in try read(SafetensorsFile(path: folder + "/file.safetensors").tensors) }
    })

  /// All of them: a number that is not finite must not keep the tensors after it from being read.
  private static func read(_ tensors: [StoredTensor]) throws {
    var failure: CheckpointError?
    for tensor in tensors {
      tensor.withBytes(touch)
      do throws(CheckpointError) { try read(tensor) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private static func read(_ tensor: StoredTensor) throws(CheckpointError) {
    switch tensor.type {
    case .float64, .float32, .float16, .bfloat16: _ = try tensor.matrix()
    case .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8, .boolean: _ = try tensor.integers()
    }
  }

  /// Reads every byte, as a sum that the compiler cannot foretell.
  private static func touch(_ bytes: UnsafeRawBufferPointer) {
    let sum = bytes.reduce(UInt64(0)) { $0 + UInt64($1) }
    precondition(sum <= 255 * UInt64(bytes.count), "a sum of bytes beyond what they can be")
  }

  static let pyTorchCheckpoint = Reader(
    name: "pytorch",
    made: { ValidFiles.checkpoints().map { FuzzInput(.init("pytorch_model.bin", .zip, $0)) } },
    input: { file, bytes in file == "pytorch_model.bin" ? FuzzInput(.init(file, .zip, bytes)) : nil },
    prepare: { folder in
      { _ in
        let path = folder + "/pytorch_model.bin"
        let tensors = try PyTorchCheckpoint(path: path).tensors
        try checkOrigin(of: tensors, in: ZipArchive(path: path))
        try read(tensors)
      }
    })

  /// Every number of a tensor stands in an entry of the archive. What is behind an entry is mapped too, as a rule, so
  /// that reading beyond its end would not be noticed otherwise.
  private static func checkOrigin(of tensors: [StoredTensor], in archive: ZipArchive) throws {
    var numbers: [Int: Set<UInt64>] = [:]
    for tensor in tensors {
      let width = tensor.type.byteCount
      if numbers[width] == nil {
        numbers[width] = try archive.entries.reduce(into: []) { all, entry in
          let contents = try archive.contents(of: entry, verified: false)
          defer { withExtendedLifetime(contents.owner) {} }
          all.formUnion(Self.numbers(of: width, in: contents.bytes))
        }
      }
      let isThere = tensor.withBytes { Self.numbers(of: width, in: $0).isSubset(of: numbers[width] ?? []) }
      precondition(isThere, "“\(tensor.name)” has numbers that no entry has")
    }
  }

  private static func numbers(of width: Int, in bytes: UnsafeRawBufferPointer) -> Set<UInt64> {
    var numbers: Set<UInt64> = []
    for start in stride(from: 0, through: bytes.count - width, by: width) {
      numbers.insert(bytes[start..<start + width].reduce(0) { $0 << 8 | UInt64($1) })
    }
    return numbers
  }

  static let checkpointFolder = Reader(
    name: "folder",
    made: {
      let files = ["model-1.safetensors", "model-2.safetensors"]
      let places = #""weight_map": {"a": "\#(files[0])", "b": "\#(files[0])", "c": "\#(files[1])"}"#
      let index = #"{"metadata": {"total_size": 72}, \#(places)}"#
      let tensors = [[ValidFiles.matrix("a", 2, 3), ValidFiles.matrix("b", 2, 3)], [ValidFiles.matrix("c", 2, 3)]]
      return [
        FuzzInput(
          .init("model.safetensors.index.json", .json, index),
          .init(files[0], .safetensors, try ValidFiles.safetensors(tensors[0])),
          .init(files[1], .safetensors, try ValidFiles.safetensors(tensors[1]))),
        FuzzInput(.init("model.safetensors", .safetensors, try ValidFiles.safetensors(tensors[0]))),
        FuzzInput(
          .init("pytorch_model.bin.index.json", .json, #"{"weight_map": {"a": "1.bin", "b": "1.bin", "c": "2.bin"}}"#),
          .init("1.bin", .zip, ValidFiles.checkpoint(["a", "b"])), .init("2.bin", .zip, ValidFiles.checkpoint(["c"]))),
        FuzzInput(.init("pytorch_model.bin", .zip, ValidFiles.checkpoint(["a", "b"]))),
      ]
    },
    input: { _, _ in nil },
    prepare: { folder in
      { _ in
        let checkpoint = try CheckpointFolder(folder)
        try read(checkpoint.names.map { try checkpoint.tensor($0, shape: [2, 3]) })
      }
    })
}

// MARK: - What they are packed in

extension Reader {
  static let zip = Reader(
    name: "zip",
    made: { (ValidFiles.archives() + ValidFiles.checkpoints()).map { FuzzInput(.init("file.zip", .zip, $0)) } },
    input: { file, bytes in file.hasSuffix(".bin") ? FuzzInput(.init("file.zip", .zip, bytes)) : nil },
    prepare: { folder in
      { _ in
        let archive = try ZipArchive(path: folder + "/file.zip")
        var failure: CheckpointError?
        for entry in archive.entries {
          do throws(CheckpointError) {
            let contents = try archive.contents(of: entry, verified: true)
            defer { withExtendedLifetime(contents.owner) {} }
            precondition(contents.bytes.count == entry.count, "\(contents.bytes.count) bytes, not \(entry.count)")
            touch(contents.bytes)
          } catch { failure = error }
        }
        if let failure { throw failure }
      }
    })

  static let pickle = Reader(
    name: "pickle",
    made: { ValidFiles.pickles().map { FuzzInput(.init("data.pkl", .pickle, $0)) } },
    input: { file, bytes in file == "data.pkl" ? FuzzInput(.init(file, .pickle, bytes)) : nil },
    prepare: { _ in
      { input in
        for file in input.files { _ = try file.bytes.withUnsafeBytes { try Pickle(parsing: $0, file: file.name) } }
      }
    })
}
