import Foundation
import Models
import TestModels
import Testing

private typealias Piece = HandMadePickle

private func floats(_ values: Float...) -> [UInt8] {
  values.flatMap { HandMadeZip.little(Int($0.bitPattern), 4) }
}

@Suite struct PyTorchCheckpointTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/pytorch_model.bin" }

  init() throws { folder = try TemporaryFolder() }

  private func archive(_ pickle: [UInt8], storages: [(key: String, bytes: [UInt8])]) -> HandMadeZip {
    HandMadeZip(
      [HandMadeZip.Entry("m/data.pkl", Piece.whole(pickle)), HandMadeZip.Entry("m/version", Array("3\n".utf8))]
        + storages.map { HandMadeZip.Entry("m/data/\($0.key)", $0.bytes) })
  }

  private func open(_ zip: HandMadeZip) throws -> PyTorchCheckpoint {
    try PyTorchCheckpoint(path: folder.write(zip.bytes, to: "pytorch_model.bin"))
  }

  /// A view of the storage “0” of six floats 0, 1, …, 5, as the tensor “w”.
  private func view(offset: Int = 0, shape: [Int], strides: [Int]) -> HandMadeZip {
    let storage = Piece.storage("FloatStorage", "0", count: 6)
    let tensor = Piece.tensor(storage, offset: offset, shape: shape, strides: strides)
    return archive(Piece.dictionary([("w", tensor)]), storages: [("0", floats(0, 1, 2, 3, 4, 5))])
  }

  /// The values of the single tensor.
  private func values(_ zip: HandMadeZip) throws -> [Float] {
    let tensors = try open(zip).tensors
    #expect(tensors.count == 1)
    return try tensors.first?.matrix().elements ?? []
  }

  private func expectRefusal(
    _ reason: String, _ zip: HandMadeZip, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: CheckpointError.invalidArchive(file: path, reason: reason), sourceLocation: sourceLocation) {
      try open(zip)
    }
  }

  /// The address of a tensor's bytes.
  private func place(_ tensor: StoredTensor) -> UnsafeRawPointer? { tensor.withBytes { $0.baseAddress } }

  // MARK: Reading what is right

  @Test func `tensors come in the order of the state dict`() throws {
    let pickle = Piece.dictionary(
      [
        ("b", Piece.tensor(Piece.storage("FloatStorage", "0", count: 2), shape: [1, 2], strides: [2, 1])),
        ("a", Piece.tensor(Piece.storage("LongStorage", "1", count: 1), shape: [], strides: [])),
        ("n", Piece.tensor(Piece.storage("HalfStorage", "2", count: 0), shape: [0, 3], strides: [3, 1])),
      ], from: Piece.orderedDictionary)
    let metadata = Piece.dictionary([("_metadata", Piece.orderedDictionary)])
    let storages = [("0", floats(1, -2)), ("1", HandMadeZip.little(-7, 8)), ("2", [])]
    let file = try open(archive(pickle + metadata + Array("b".utf8), storages: storages))
    #expect(file.tensors.map(\.name) == ["b", "a", "n"])
    #expect(file.tensors.map(\.shape) == [[1, 2], [], [0, 3]])
    #expect(file.tensors.map(\.type) == [.float32, .int64, .float16])
    #expect(file.tensors.allSatisfy { $0.path == path })
    #expect(try file.tensors[0].matrix().elements == [1, -2])
    #expect(try file.tensors[1].integers() == [-7])
    #expect(try file.tensors[2].matrix().elements == [])
  }

  @Test func `a state dict may be empty, and its dictionary a plain one`() throws {
    #expect(try open(archive(Piece.orderedDictionary, storages: [])).tensors.isEmpty)
    #expect(try open(archive(Array("}".utf8), storages: [])).tensors.isEmpty)
  }

  @Test func `views are followed by offset and strides`() throws {
    // 0 1 2
    // 3 4 5
    #expect(try values(view(shape: [2, 3], strides: [3, 1])) == [0, 1, 2, 3, 4, 5])
    #expect(try values(view(shape: [3, 2], strides: [1, 3])) == [0, 3, 1, 4, 2, 5])  // transposed
    #expect(try values(view(offset: 3, shape: [3], strides: [1])) == [3, 4, 5])  // the second row
    #expect(try values(view(offset: 2, shape: [2], strides: [3])) == [2, 5])  // the third column
    #expect(try values(view(offset: 1, shape: [2, 2], strides: [3, 1])) == [1, 2, 4, 5])
    #expect(try values(view(shape: [2, 1, 3], strides: [3, 77, 1])) == [0, 1, 2, 3, 4, 5])
    #expect(try values(view(shape: [3, 1, 2], strides: [1, .max, 3])) == [0, 3, 1, 4, 2, 5])
    #expect(try values(view(offset: 5, shape: [], strides: [])) == [5])
    #expect(try values(view(offset: 4, shape: [3], strides: [0])) == [4, 4, 4])  // no more than the storage has
    #expect(try values(view(offset: 6, shape: [0, 3], strides: [9, 9])) == [])
  }

  @Test func `a whole tensor is read in place, wherever it stands`() throws {
    for padding in 0..<4 {
      var zip = view(shape: [2, 3], strides: [3, 1])
      zip.entries[2].headerExtra = [UInt8](repeating: 0, count: 4) + [UInt8](repeating: 0, count: padding)
      #expect(try values(zip) == [0, 1, 2, 3, 4, 5])
    }
  }

  @Test func `tied tensors share their bytes`() throws {
    let storage = Piece.storage("FloatStorage", "0", count: 4)
    let pickle = Piece.dictionary([
      ("whole", Piece.tensor(storage, shape: [2, 2], strides: [2, 1])),
      ("again", Piece.tensor(storage, shape: [2, 2], strides: [2, 1])),
      ("row", Piece.tensor(storage, offset: 2, shape: [2], strides: [1])),
      ("turned", Piece.tensor(storage, shape: [2, 2], strides: [1, 2])),
    ])
    let bytes = floats(1, 2, 3, 4)
    var packed = archive(pickle, storages: [("0", bytes)])
    packed.entries[2] = HandMadeZip.Entry("m/data/0", deflated: HandMadeZip.deflated(bytes), of: bytes)
    for zip in [archive(pickle, storages: [("0", bytes)]), packed] {
      let tensors = try open(zip).tensors
      #expect(place(tensors[0]) == place(tensors[1]))
      #expect(place(tensors[2]) == place(tensors[0]).map { $0 + 8 })
      #expect(try tensors[2].matrix().elements == [3, 4])
      #expect(try tensors[3].matrix().elements == [1, 3, 2, 4])
    }
  }

  @Test func `parameters and tensors of the older form are read`() throws {
    let storage = Piece.storage("FloatStorage", "0", count: 2, module: "torch.cuda")
    let older = Piece.call(
      Piece.global("torch._utils", "_rebuild_tensor"),
      [storage, Piece.integer(0), Piece.integers([2]), Piece.integers([1])])
    let parameter = Piece.call(
      Piece.global("torch._utils", "_rebuild_parameter"), [older, Piece.no, Piece.orderedDictionary])
    let zip = archive(Piece.dictionary([("older", older), ("parameter", parameter)]), storages: [("0", floats(8, 9))])
    for tensor in try open(zip).tensors { #expect(try tensor.matrix().elements == [8, 9]) }
  }

  @Test func `the byte order and newer places of the version are understood`() throws {
    var zip = view(shape: [1], strides: [1])
    zip.entries[1] = HandMadeZip.Entry("m/.data/version", Array("10".utf8))
    zip.entries.append(HandMadeZip.Entry("m/byteorder", Array("little".utf8)))
    #expect(try values(zip) == [0])
  }

  // MARK: Reading what is wrong

  @Test func `a file of the format before zip says how to be read`() throws {
    let reason =
      "it does not begin as a zip archive. If it was saved by PyTorch before 1.6, load it and save it again"
      + " with a newer one, or convert it to safetensors"
    for bytes in [[], [0x50], [0x80, 2, 0x8A, 10], [0] + view(shape: [1], strides: [1]).bytes] as [[UInt8]] {
      try folder.write(bytes, to: "pytorch_model.bin")
      #expect(throws: CheckpointError.invalidArchive(file: path, reason: reason)) {
        try PyTorchCheckpoint(path: path)
      }
    }
  }

  @Test func `an archive that is no checkpoint for this reader is refused`() {
    func changed(_ change: (inout HandMadeZip) -> Void) -> HandMadeZip {
      var zip = view(shape: [1], strides: [1])
      change(&zip)
      return zip
    }
    func entry(_ name: String, _ text: String) -> HandMadeZip.Entry { HandMadeZip.Entry(name, Array(text.utf8)) }
    expectRefusal("it has no data.pkl", changed { $0.entries.removeFirst() })
    expectRefusal("it has no data.pkl", changed { $0.entries[0] = entry("m/n/data.pkl", ".") })
    expectRefusal("it has no data.pkl", changed { $0.entries[0] = entry("data.pkl", ".") })
    expectRefusal("it has several data.pkl", changed { $0.entries.append(entry("n/data.pkl", ".")) })
    expectRefusal("it has no version", changed { $0.entries.remove(at: 1) })
    expectRefusal("it is of version “11”, known are 1 to 10", changed { $0.entries[1] = entry("m/version", "11\n") })
    expectRefusal("it is of version “”, known are 1 to 10", changed { $0.entries[1] = entry("m/version", "") })
    expectRefusal(
      "“m/version” is longer than 20 bytes",
      changed { $0.entries[1] = entry("m/version", String(repeating: "1", count: 21)) })
    expectRefusal(
      "its byte order is “big”, known is “little”", changed { $0.entries.append(entry("m/byteorder", "big")) })
    expectRefusal(
      "“m/data.pkl” has another checksum than the zip directory gives", changed { $0.entries[0].checksum ^= 1 })
    expectRefusal(
      "“m/version” has another checksum than the zip directory gives", changed { $0.entries[1].checksum ^= 1 })
    expectRefusal(
      "its data.pkl has 16777217 bytes, more than the 16777216 that are read",
      changed {
        $0.entries[0].method = 8
        $0.entries[0].count = 16_777_217
      })
  }

  @Test func `what is no tensor by a text is refused by its name`() throws {
    func refuse(_ reason: String, _ pickle: [UInt8]) {
      expectRefusal(reason, archive(pickle, storages: [("0", floats(1))]))
    }
    let tensor = Piece.tensor(Piece.storage("FloatStorage", "0", count: 1), shape: [1], strides: [1])
    let older = Piece.global("torch._utils", "_rebuild_tensor")
    let parameter = Piece.global("torch._utils", "_rebuild_parameter")
    refuse("it holds a tensor, not a dictionary of tensors", tensor)
    refuse("it holds a list, not a dictionary of tensors", Array("]".utf8))
    refuse("a key of the state dict is an integer, not a text", Array("}K\u{1}Ns".utf8))
    refuse("“w” is there twice", Piece.dictionary([("w", tensor), ("w", tensor)]))
    for (value, kind) in [
      ("N", "None"), ("K\u{1}", "an integer"), ("]", "a list"), ("}", "a dictionary"), (")", "a tuple"),
    ] {
      refuse("“epoch” is \(kind), not a tensor", Piece.dictionary([("w", tensor), ("epoch", Array(value.utf8))]))
    }
    refuse(
      "“state_dict” is a dictionary, not a tensor",
      Piece.dictionary([("state_dict", Piece.dictionary([("w", tensor)]))]))
    refuse("“w” is a storage, not a tensor", Piece.dictionary([("w", Piece.storage("IntStorage", "0", count: 1))]))
    refuse("“w” is a tensor of 0 arguments", Piece.dictionary([("w", Piece.call(older, []))]))
    refuse("“w” is a parameter of 1 arguments, expected 3", Piece.dictionary([("w", Piece.call(parameter, [tensor]))]))
    // A parameter of a parameter
    let inner = Piece.call(parameter, [tensor, Piece.no, Piece.orderedDictionary])
    refuse(
      "“w” is a parameter, not a tensor",
      Piece.dictionary([("w", Piece.call(parameter, [inner, Piece.no, Piece.orderedDictionary]))]))
    refuse(
      "“w” has no storage",
      Piece.dictionary([("w", Piece.call(older, [Piece.no, Piece.no, Piece.no, Piece.no]))]))
  }

  @Test func `names that only look alike are two`() throws {
    let tensor = Piece.tensor(Piece.storage("FloatStorage", "0", count: 1), shape: [1], strides: [1])
    let zip = archive(Piece.dictionary([("\u{C5}", tensor), ("\u{212B}", tensor)]), storages: [("0", floats(1))])
    #expect(try open(zip).tensors.count == 2)
  }

  @Test func `numbers to be negated when read are refused`() throws {
    let storage = Piece.storage("FloatStorage", "0", count: 1)
    func zip(metadata: [UInt8]) -> HandMadeZip {
      let tensor = Piece.call(
        Piece.global("torch._utils", "_rebuild_tensor_v2"),
        [
          storage, Piece.integer(0), Piece.integers([1]), Piece.integers([1]), Piece.no, Piece.orderedDictionary,
          metadata,
        ])
      return archive(Piece.dictionary([("w", tensor)]), storages: [("0", floats(3))])
    }
    expectRefusal(
      "“w” has metadata, which are not understood", zip(metadata: Piece.dictionary([("neg", [0x88])])))
    #expect(try values(zip(metadata: Array("}".utf8))) == [3])
  }

  @Test func `views that leave their storage, or are larger, are refused`() {
    let storage = "“w” reaches beyond its storage of 6 elements:"
    expectRefusal("\(storage) shape [2, 4], strides [4, 1], offset 0", view(shape: [2, 4], strides: [4, 1]))
    expectRefusal("\(storage) shape [6], strides [1], offset 1", view(offset: 1, shape: [6], strides: [1]))
    expectRefusal("\(storage) shape [], strides [], offset 6", view(offset: 6, shape: [], strides: []))
    expectRefusal("\(storage) shape [0], strides [1], offset 7", view(offset: 7, shape: [0], strides: [1]))
    expectRefusal("\(storage) shape [2], strides [6], offset 0", view(shape: [2], strides: [6]))
    let far = Int.max
    expectRefusal("\(storage) shape [3], strides [\(far)], offset 0", view(shape: [3], strides: [far]))
    expectRefusal("\(storage) shape [2], strides [\(far)], offset 1", view(offset: 1, shape: [2], strides: [far]))
    expectRefusal("\(storage) shape [], strides [], offset \(far)", view(offset: far, shape: [], strides: []))

    expectRefusal(
      "“w” has 7 elements by its strides [0], more than what is stored justifies", view(shape: [7], strides: [0]))
    expectRefusal(
      "“w” has 1099511627776 elements by its strides [0, 0], more than what is stored justifies",
      view(shape: [1 << 20, 1 << 20], strides: [0, 0]))
    for shape in [[1 << 62], [1 << 40, 1 << 40], [1 << 32, 1 << 32], [1 << 62, 4, 0]] {
      expectRefusal(
        "“w” has a shape that overflows: \(shape)", view(shape: shape, strides: shape.map { _ in 0 }))
    }
  }

  @Test func `shapes, strides and offsets are non-negative integers`() {
    let lists = "“w” has a shape and strides that are no tuples of equally many (64 at most) non-negative integers"
    expectRefusal(lists, view(shape: [-1], strides: [1]))
    expectRefusal(lists, view(shape: [1], strides: [-1]))
    expectRefusal(lists, view(shape: [2, 3], strides: [1]))
    expectRefusal(lists, view(shape: Array(repeating: 1, count: 65), strides: Array(repeating: 1, count: 65)))
    expectRefusal(
      "“w” has an offset that is no non-negative integer", view(offset: -1, shape: [1], strides: [1]))
  }

  @Test func `many views of one storage cannot take more memory than the file has bytes`() {
    // Each turned view takes the 24 bytes of the storage; with pickle and version the file has a few hundred.
    let storage = Piece.storage("FloatStorage", "0", count: 6)
    let turned = Piece.tensor(storage, shape: [3, 2], strides: [1, 3]) + Array("q\u{1}".utf8)
    let others = (1..<500).map { (name: "\($0)", value: Array("h\u{1}".utf8)) }
    let zip = archive(Piece.dictionary([("0", turned)] + others), storages: [("0", floats(0, 1, 2, 3, 4, 5))])
    let error = #expect(throws: CheckpointError.self) { try open(zip) }
    guard case .invalidArchive(path, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasSuffix("has 6 elements by its strides [1, 3], more than what is stored justifies"))
  }

  @Test func `storages that are not what tensors say are refused`() {
    func refuse(_ reason: String, _ storages: [[UInt8]]) {
      let tensors = storages.enumerated().map { index, storage in
        ("w\(index)", Piece.tensor(storage, shape: [1], strides: [1]))
      }
      expectRefusal(reason, archive(Piece.dictionary(tensors), storages: [("0", floats(1, 2))]))
    }
    let right = Piece.storage("FloatStorage", "0", count: 2)
    refuse(
      "“w0” has its numbers in storage 1, which is missing", [Piece.storage("FloatStorage", "1", count: 2)])
    refuse(
      "“w0” has its numbers in storage ../data.pkl, which is missing",
      [Piece.storage("FloatStorage", "../data.pkl", count: 2)])
    for count in [0, 1, 3, 1 << 62, .max] {
      refuse(
        "“w0” has a storage 0 of \(count) elements of F32, stored in 8 bytes",
        [Piece.storage("FloatStorage", "0", count: count)])
    }
    refuse(
      "“w1” takes storage 0 for 2 elements of I32, and another tensor for 2 of F32",
      [right, Piece.storage("IntStorage", "0", count: 2)])
    refuse(
      "“w1” takes storage 0 for 1 elements of F32, and another tensor for 2 of F32",
      [right, Piece.storage("FloatStorage", "0", count: 1)])
    let unknown = "“w0” has a storage that is not given by class, key, location and number of elements"
    let type = Piece.global("torch", "FloatStorage")
    for identifier in [
      [], [Piece.text("storage"), type, Piece.text("0"), Piece.text("cpu")],
      [Piece.text("module"), type, Piece.text("0"), Piece.text("cpu"), Piece.integer(2)],
      [Piece.text("storage"), Piece.text("FloatStorage"), Piece.text("0"), Piece.text("cpu"), Piece.integer(2)],
      [
        Piece.text("storage"), type, Piece.text(String(repeating: "0", count: 65)), Piece.text("cpu"), Piece.integer(2),
      ],
      [Piece.text("storage"), type, Piece.integer(0), Piece.text("cpu"), Piece.integer(2)],
      [Piece.text("storage"), type, Piece.text("0"), Piece.text("cpu"), Piece.integer(-1)],
    ] {
      refuse(unknown, [Piece.tuple(identifier) + Array("Q".utf8)])
    }
  }

  @Test func `a checkpoint that would run code is refused by what it would call`() {
    let call = Piece.call(Piece.global("os", "system"), [Piece.text("true")])
    #expect(
      throws: CheckpointError.refusedPickle(
        file: path, position: 10, reason: "the global “os.system” has no place in a state dict, and is not loaded")
    ) { try open(archive(Piece.dictionary([("w", call)]), storages: [])) }
  }

  @Test func `a file cut off anywhere is refused`() throws {
    let whole = view(shape: [3, 2], strides: [1, 3]).bytes
    for length in 0..<whole.count {
      try folder.write(whole[..<length], to: "pytorch_model.bin")
      #expect(throws: CheckpointError.self, "\(length) bytes") { try PyTorchCheckpoint(path: path) }
    }
  }

  @Test func `any one byte of the pickle changed never crashes the reader`() throws {
    let zip = view(shape: [3, 2], strides: [1, 3])
    for place in zip.entries[0].packed.indices {
      for byte in [0x28, 0x71, 0xFF] as [UInt8] {
        var changed = zip.entries[0].packed
        changed[place] = byte
        var copy = zip
        copy.entries[0] = HandMadeZip.Entry("m/data.pkl", changed)
        do throws(any Error) {
          for tensor in try open(copy).tensors { _ = try tensor.matrix() }
        } catch {
          #expect(error is CheckpointError)
        }
      }
    }
  }

  // MARK: Folders

  @Test func `a folder of one file or of several with an index is read, after safetensors`() throws {
    func write(_ names: [String], _ file: String) throws {
      let storage = Piece.storage("FloatStorage", "0", count: 2)
      let tensors = names.map { ($0, Piece.tensor(storage, shape: [1, 2], strides: [2, 1])) }
      try folder.write(archive(Piece.dictionary(tensors), storages: [("0", floats(1, 2))]).bytes, to: file)
    }
    try write(["b"], "one.bin")
    try write(["a", "c"], "two.bin")
    let index = #"{"weight_map": {"a": "two.bin", "b": "one.bin", "c": "two.bin"}}"#
    try folder.write(index.utf8, to: "pytorch_model.bin.index.json")
    let several = try CheckpointFolder(folder.path)
    #expect(several.names == ["a", "b", "c"])
    #expect(several.files == ["one.bin", "two.bin"].map { folder.path + "/" + $0 })
    #expect(try several.tensor("c", shape: [1, 2]).matrix().elements == [1, 2])

    try write(["a", "b", "c"], "two.bin")
    #expect(
      throws: CheckpointError.tensorStoredElsewhere(
        name: "b", file: folder.path + "/two.bin", index: path + ".index.json")
    ) { try CheckpointFolder(folder.path) }

    try write(["d"], "pytorch_model.bin")
    #expect(try CheckpointFolder(folder.path).names == ["d"])
    try writeSafetensors([], to: folder.path + "/model.safetensors")
    #expect(try CheckpointFolder(folder.path).names == [])
  }
}
