import Foundation
import Models
import Tensors
import Testing

@Suite struct CheckpointFolderTests {
  private let folder: TemporaryFolder
  private var index: String { folder.path + "/model.safetensors.index.json" }

  init() throws { folder = try TemporaryFolder() }

  private func tensor(_ name: String) -> NamedTensor { NamedTensor(name, Matrix(rows: 1, columns: 2, [1, 2])) }

  private func write(_ names: [String], to file: String) throws {
    try writeSafetensors(names.map(tensor), to: folder.path + "/" + file)
  }

  @Test(arguments: [2, 5]) func `a checkpoint in several files is the one in a single file`(shardCount: Int) throws {
    let tiny = TinyLlama()
    try tiny.write(to: folder, shardCount: shardCount)
    let checkpoint = try CheckpointFolder(folder.path)
    #expect(checkpoint.files.count == shardCount)
    #expect(checkpoint.names == tiny.tensors.keys.sorted())
    #expect(try Llama(folder: folder.path).logits(of: [1, 2, 3]) == tiny.model().logits(of: [1, 2, 3]))
  }

  @Test func `tensors are handed out by name and shape`() throws {
    try write(["a", "b"], to: "model.safetensors")
    let file = folder.path + "/model.safetensors"
    let checkpoint = try CheckpointFolder(folder.path)
    #expect(checkpoint.names == ["a", "b"])
    #expect(checkpoint.files == [file])
    #expect(try checkpoint.tensor("a", shape: [1, 2]).matrix().elements == [1, 2])
    #expect(throws: CheckpointError.missingTensor(name: "c", file: file)) { try checkpoint.tensor("c", shape: [1, 2]) }
    for shape in [[2, 1], [2], [1, 2, 1], []] {
      #expect(throws: CheckpointError.unexpectedShape(tensor: "a", file: file, expected: shape, found: [1, 2])) {
        try checkpoint.tensor("a", shape: shape)
      }
    }
  }

  @Test func `a tensor missing from several files is missing from the folder`() throws {
    try write(["a"], to: "one")
    try write(["b"], to: "two")
    try writeIndex(["a": "one", "b": "two"], to: folder)
    let checkpoint = try CheckpointFolder(folder.path)
    #expect(throws: CheckpointError.missingTensor(name: "c", file: folder.path)) {
      try checkpoint.tensor("c", shape: [])
    }
  }

  // é is one scalar, or an e and an accent; the Kelvin sign is canonically a K.
  @Test func `names that look alike are two names`() throws {
    let names = ["e\u{301}", "\u{E9}", "K", "\u{212A}"]
    try write(names, to: "model.safetensors")
    let checkpoint = try CheckpointFolder(folder.path)
    // In the order of their bytes: 4B, 65 CC, C3, E2.
    #expect(checkpoint.names.map { Array($0.utf8) } == ["K", "e\u{301}", "\u{E9}", "\u{212A}"].map { Array($0.utf8) })
    for name in names { #expect(try checkpoint.tensor(name).name.utf8.elementsEqual(name.utf8)) }
    // In several files the index places each of them.
    try FileManager.default.removeItem(atPath: folder.path + "/model.safetensors")
    try write(["e\u{301}"], to: "one")
    try write(["\u{E9}"], to: "two")
    try writeIndex(["\u{E9}": "two"], to: folder)
    #expect(try CheckpointFolder(folder.path).names.count == 1)
    try folder.write(
      #"{"weight_map": {"e\#u{301}": "one", "\#u{E9}": "two"}}"#.utf8, to: "model.safetensors.index.json")
    #expect(try CheckpointFolder(folder.path).names.count == 2)
    try folder.write(
      #"{"weight_map": {"e\#u{301}": "two", "\#u{E9}": "one"}}"#.utf8, to: "model.safetensors.index.json")
    #expect(throws: CheckpointError.self) { try CheckpointFolder(folder.path) }
  }

  @Test func `a single file goes before an index`() throws {
    try write(["a"], to: "model.safetensors")
    try writeIndex(["b": "nowhere"], to: folder)
    #expect(try CheckpointFolder(folder.path).names == ["a"])
  }

  @Test func `a folder without weights says what it should have`() {
    let expected = [
      "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ]
    #expect(throws: CheckpointError.noWeights(folder: folder.path, expected: expected)) {
      try CheckpointFolder(folder.path)
    }
    let nowhere = folder.path + "/nowhere"
    #expect(throws: CheckpointError.noWeights(folder: nowhere, expected: expected)) { try CheckpointFolder(nowhere) }
  }

  @Test func `an index that names a file which is not there is refused`() throws {
    try write(["a"], to: "one")
    try writeIndex(["a": "one", "b": "two"], to: folder)
    #expect(throws: CheckpointError.unreadable(file: folder.path + "/two", reason: "No such file or directory")) {
      try CheckpointFolder(folder.path)
    }
  }

  @Test func `an index that names the wrong file is refused`() throws {
    try write(["a"], to: "one")
    try write(["b"], to: "two")
    try writeIndex(["a": "two", "b": "one"], to: folder)
    #expect(throws: CheckpointError.tensorStoredElsewhere(name: "a", file: folder.path + "/one", index: index)) {
      try CheckpointFolder(folder.path)
    }
  }

  @Test func `a tensor in two files, or in none of the index's places, is refused`() throws {
    try write(["a", "b"], to: "one")
    try write(["b"], to: "two")
    try writeIndex(["a": "one", "b": "two"], to: folder)
    #expect(throws: CheckpointError.tensorStoredElsewhere(name: "b", file: folder.path + "/one", index: index)) {
      try CheckpointFolder(folder.path)
    }
    // With a single file too.
    try writeIndex(["a": "one"], to: folder)
    #expect(throws: CheckpointError.tensorStoredElsewhere(name: "b", file: folder.path + "/one", index: index)) {
      try CheckpointFolder(folder.path)
    }
  }

  @Test func `a tensor that its file does not have is missing there`() throws {
    try write(["a"], to: "one")
    try writeIndex(["a": "one", "b": "one"], to: folder)
    #expect(throws: CheckpointError.missingTensor(name: "b", file: folder.path + "/one")) {
      try CheckpointFolder(folder.path)
    }
  }

  // A combining mark makes one character of the slash and itself, but the system sees the slash.
  @Test(arguments: ["../one", "/etc/passwd", "sub/one", "", "sub/\u{301}one", "one\\u0000"])
  func `an index may name files of its own folder only`(name: String) throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/sub", withIntermediateDirectories: false)
    for place in ["one", "sub/one", "sub/\u{301}one"] { try write(["a"], to: place) }
    try writeIndex(["a": name], to: folder)
    let found = name == "one\\u0000" ? "one\0" : name
    #expect(
      throws: CheckpointError.invalidMember(
        file: index, member: "weight_map.a", expected: "the name of a file in this folder",
        found: "a text “\(found)”")
    ) { try CheckpointFolder(folder.path) }
  }

  @Test func `an index of another form is refused`() throws {
    for text in ["{}", "[]", #"{"weight_map": ["a"]}"#] {
      try folder.write(text.utf8, to: "model.safetensors.index.json")
      #expect(
        throws: CheckpointError.invalidMember(
          file: index, member: "weight_map", expected: "an object", found: "something else")
      ) { try CheckpointFolder(folder.path) }
    }
    try folder.write(#"{"weight_map": {"a": 1}}"#.utf8, to: "model.safetensors.index.json")
    #expect(
      throws: CheckpointError.invalidMember(
        file: index, member: "weight_map.a", expected: "the name of a file in this folder", found: "1")
    ) { try CheckpointFolder(folder.path) }
    try folder.write("{".utf8, to: "model.safetensors.index.json")
    let error = #expect(throws: CheckpointError.self) { try CheckpointFolder(folder.path) }
    guard case .malformedJSON(index, 1, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
