import Foundation
import Models
import Tensors
import TestModels
import Testing

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// A safetensors file by hand: the header's length (or another one), the header, the data.
private func content(_ header: String, data: [UInt8] = [], announced: UInt64? = nil) -> [UInt8] {
  littleEndian(announced ?? UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// One tensor “w” that fills the data.
private func tensor(_ type: String, _ shape: String, data: [UInt8]) throws -> StoredTensor {
  let folder = try TemporaryFolder()
  let header = #"{"w":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[0,\#(data.count)]}}"#
  // The mapping outlives the file.
  return try SafetensorsFile(path: folder.write(content(header, data: data), to: "w.safetensors")).tensor(named: "w")
}

@Suite struct SafetensorsTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/file.safetensors" }

  init() throws { folder = try TemporaryFolder() }

  private func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
    try SafetensorsFile(path: folder.write(bytes, to: "file.safetensors"))
  }

  // MARK: Reading what is right

  @Test func `tensors come in the order of their bytes, whatever the header's order`() throws {
    let header = """
      {"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]},"__metadata__":{"k":"v"},\
      "e":{"dtype":"F32","shape":[0,4],"data_offsets":[1,1]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}
      """
    let file = try open(content(header + "   ", data: [9, 0, 0, 0x80, 0x3F]))
    #expect(file.tensors.map(\.name) == ["a", "e", "b"])
    #expect(file.metadata == ["k": "v"])
    #expect(try file.tensor(named: "a").integers() == [9])
    #expect(try file.tensor(named: "e").matrix() == Matrix(rows: 0, columns: 4))
    #expect(try file.tensor(named: "b").matrix().elements == [1])  // not on a boundary of four
    #expect(throws: CheckpointError.missingTensor(name: "c", file: path)) { try file.tensor(named: "c") }
  }

  @Test func `a file without tensors is one`() throws {
    #expect(try open(content("{}")).tensors.isEmpty)
  }

  @Test func `half precision is widened exactly`() throws {
    // 1, -2, the smallest subnormal 2⁻²⁴, the largest number 65504
    let half = [0x3C00, 0xC000, 0x0001, 0x7BFF].flatMap { littleEndian(UInt16($0)) }
    #expect(try tensor("F16", "[2,2]", data: half).matrix() == Matrix(rows: 2, columns: 2, [1, -2, 0x1p-24, 65504]))
    // 1, -3.140625 = -(2 + 1 + 9/64), 2⁻¹³³ (subnormal)
    let brain = [0x3F80, 0xC049, 0x0001].flatMap { littleEndian(UInt16($0)) }
    #expect(try tensor("BF16", "[3]", data: brain).matrix() == Matrix(rows: 1, columns: 3, [1, -3.140625, 0x1p-133]))
  }

  @Test func `doubles are rounded`() throws {
    let data = [0.1, 1 + 0x1p-24, -1e-60].flatMap { littleEndian($0.bitPattern) }
    #expect(try tensor("F64", "[3]", data: data).matrix() == Matrix(rows: 1, columns: 3, [0.1, 1, -0.0]))
  }

  @Test func `axes before the last are folded into the rows`() throws {
    let data = [UInt8](repeating: 0, count: 96)
    for (shape, rows, columns) in [("[2,3,4]", 6, 4), ("[24]", 1, 24), ("[4,6]", 4, 6), ("[2,1,12,1]", 24, 1)] {
      let matrix = try tensor("F32", shape, data: data).matrix()
      #expect(matrix.rowCount == rows && matrix.columnCount == columns)
    }
    #expect(try tensor("F32", "[]", data: [0, 0, 0x80, 0x3F]).matrix() == Matrix(rows: 1, columns: 1, [1]))
  }

  @Test func `integers of every width are read`() throws {
    #expect(try tensor("I64", "[2]", data: littleEndian(Int64(-5)) + littleEndian(Int64.max)).integers() == [-5, .max])
    #expect(try tensor("I32", "[1]", data: littleEndian(Int32(-70000))).integers() == [-70000])
    #expect(try tensor("I16", "[1]", data: littleEndian(Int16(-300))).integers() == [-300])
    #expect(try tensor("I8", "[2]", data: [0xFF, 0x7F]).integers() == [-1, 127])
    #expect(try tensor("U64", "[1]", data: littleEndian(UInt64(7))).integers() == [7])
    #expect(try tensor("U32", "[1]", data: littleEndian(UInt32.max)).integers() == [4_294_967_295])
    #expect(try tensor("U16", "[1]", data: [0xFF, 0xFF]).integers() == [65535])
    #expect(try tensor("U8", "[1,1]", data: [0xFF]).integers() == [255])
    #expect(try tensor("BOOL", "[2]", data: [1, 0]).integers() == [1, 0])
  }

  @Test func `integers are no weights, and weights no integers`() throws {
    let integers = try tensor("I32", "[1]", data: [1, 0, 0, 0])
    #expect(throws: CheckpointError.unsupportedType(tensor: "w", file: integers.path, found: "I32")) {
      try integers.matrix()
    }
    let floats = try tensor("F16", "[1]", data: [0, 0])
    #expect(throws: CheckpointError.unsupportedType(tensor: "w", file: floats.path, found: "F16")) {
      try floats.integers()
    }
  }

  // MARK: Reading what is wrong

  @Test func `a NaN or an infinity among weights is named by its place`() throws {
    func expectNotFinite(_ type: String, _ data: [UInt8], at index: Int) throws {
      let width = type == "F32" ? 4 : type == "F64" ? 8 : 2
      let stored = try tensor(type, "[\(data.count / width)]", data: data)
      #expect(throws: CheckpointError.notFinite(tensor: "w", file: stored.path, index: index), "\(type)") {
        try stored.matrix()
      }
    }
    let floats = [1, 2, Float.nan, 3, .infinity]
    try expectNotFinite("F32", floats.flatMap { littleEndian($0.bitPattern) }, at: 2)
    try expectNotFinite("F32", floats.reversed().flatMap { littleEndian($0.bitPattern) }, at: 0)
    try expectNotFinite("F16", [0, 0, 0x00, 0x7C], at: 1)  // infinity
    try expectNotFinite("BF16", [0, 0, 0, 0, 0xC0, 0x7F], at: 2)  // NaN
    try expectNotFinite("F64", [1e300].flatMap { littleEndian($0.bitPattern) }, at: 0)  // no float
  }

  /// A header that breaks a rule (over eight bytes of data), and what is said about it.
  static let brokenHeaders: [(header: String, reason: String)] = [
    ("[]", "the header is no JSON object"),
    (#"{"__metadata__":[]}"#, "__metadata__ is no object"),
    (#"{"__metadata__":{"n":1}}"#, "__metadata__.n is no string"),
    (#"{"w":7}"#, "“w”: no dtype"),
    (#"{"w":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}"#, "“w”: no dtype"),
    (#"{"w":{"dtype":"F32","data_offsets":[0,8]}}"#, "“w”: no shape of non-negative integers"),
    (#"{"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#, "“w”: no shape of non-negative integers"),
    (#"{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, "“w”: no shape of non-negative integers"),
    (#"{"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, "“w”: no shape of non-negative integers"),
    (#"{"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}"#, "“w”: no shape of non-negative integers"),
    (
      #"{"w":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}"#,
      "“w”: no shape of non-negative integers"
    ),
    (#"{"w":{"dtype":"F32","shape":[2]}}"#, "“w”: no pair of data_offsets in ascending order"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, "“w”: no pair of data_offsets in ascending order"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}"#, "“w”: no pair of data_offsets in ascending order"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "“w”: no pair of data_offsets in ascending order"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, "“w”: no pair of data_offsets in ascending order"),
    (#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#, "“w”: ends at byte 12 of 8 bytes of data"),
    (
      #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#,
      "“w”: ends at byte 9223372036854775807 of 8 bytes of data"
    ),
    (
      #"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
      "“w”: shape [3] of F32 takes 12 bytes, data_offsets give 8"
    ),
    (
      #"{"w":{"dtype":"F32","shape":[],"data_offsets":[0,8]}}"#,
      "“w”: shape [] of F32 takes 4 bytes, data_offsets give 8"
    ),
    (
      #"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
      "“w”: the shape [4611686018427387904, 4] overflows"
    ),
    (
      // 2³² · 2³² · 4 bytes are zero modulo 2⁶⁴.
      #"{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#,
      "“w”: the shape [4294967296, 4294967296] overflows"
    ),
    (
      #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "“w” begins at byte 4, not at 0 where the tensor before it ends"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "“b” begins at byte 4, not at 2 where the tensor before it ends"
    ),
    (
      #"{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"U8","shape":[6],"data_offsets":[0,6]}}"#,
      "“b” begins at byte 4, not at 6 where the tensor before it ends"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      "“b” begins at byte 0, not at 8 where the tensor before it ends"
    ),
  ]

  @Test(arguments: brokenHeaders)
  func `a header that breaks a rule is refused by that rule`(header: String, reason: String) {
    #expect(throws: CheckpointError.invalidHeader(file: path, reason: reason)) {
      try open(content(header, data: [UInt8](repeating: 0, count: 8)))
    }
  }

  @Test func `bytes behind the last tensor are refused`() {
    let header = #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#  // 54 bytes
    #expect(throws: CheckpointError.invalidHeader(file: path, reason: "the tensors end at byte 66 of a file of 67")) {
      try open(content(header, data: [0, 0, 0, 0, 0]))
    }
    #expect(throws: CheckpointError.invalidHeader(file: path, reason: "the tensors end at byte 10 of a file of 11")) {
      try open(content("{}", data: [0]))
    }
  }

  @Test func `a length field that lies is refused`() {
    func refusal(_ announced: UInt64) -> CheckpointError? {
      #expect(throws: CheckpointError.self) { try open(content("{}", announced: announced)) }
    }
    #expect(refusal(3) == .invalidHeader(file: path, reason: "a header of 3 bytes is announced in a file of 10"))
    let longest = "more than the 100000000 allowed"
    for length in [100_000_001, UInt64(Int64.max), .max] {
      #expect(
        refusal(length) == .invalidHeader(file: path, reason: "a header of \(length) bytes is announced, \(longest)"))
    }
    #expect(
      refusal(100_000_000)
        == .invalidHeader(file: path, reason: "a header of 100000000 bytes is announced in a file of 10"))
    #expect(
      refusal(1) == .malformedJSON(file: path, line: 1, column: 2, reason: "expected a member's name in an object"))
    #expect(
      refusal(0)
        == .malformedJSON(file: path, line: 1, column: 1, reason: "the text ends where a value should stand"))
  }

  @Test func `a file cut off anywhere is refused`() throws {
    try writeSafetensors([NamedTensor("a", randomMatrix(2, 2, seed: 1))], to: path)
    let whole = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    _ = try open(whole)
    for length in 0..<whole.count {
      #expect(throws: CheckpointError.self, "\(length) bytes") { try open(Array(whole[..<length])) }
    }
    for length in [0, 7] {
      let reason = "\(length) bytes, shorter than the header's length field"
      #expect(throws: CheckpointError.invalidHeader(file: path, reason: reason)) { try open(Array(whole[..<length])) }
    }
  }

  @Test func `any one byte of the header changed never crashes the reader`() throws {
    try writeSafetensors([NamedTensor("a", randomMatrix(2, 2, seed: 1))], to: path)
    let whole = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    for place in 0..<whole.count - 16 {
      for byte in [0, 0x22, 0x2D, 0x39, 0x5D, 0x7D, 0xFF] as [UInt8] {
        var changed = whole
        changed[place] = byte
        do throws(any Error) {
          for tensor in try open(changed).tensors { _ = try tensor.matrix() }
        } catch {
          #expect(error is CheckpointError)
        }
      }
    }
  }

  @Test func `a name given twice is refused`() {
    let header = """
      {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}
      """
    let data = [UInt8](repeating: 0, count: 8)
    let error = #expect(throws: CheckpointError.self) { try open(content(header, data: data)) }
    guard case .malformedJSON(path, 1, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `names that only look alike are two`() throws {
    // Å as one character (U+00C5) and as the sign for ångström (U+212B), which Swift's strings take for equal
    let header = """
      {"\u{C5}":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},\
      "\u{212B}":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}
      """
    let file = try open(content(header, data: [1, 2]))
    #expect(try file.tensor(named: "\u{C5}").integers() == [1])
    #expect(try file.tensor(named: "\u{212B}").integers() == [2])
  }

  @Test func `a type that nobody knows is named`() {
    for type in ["F8_E4M3", "C64", "f32", ""] {
      let header = #"{"w":{"dtype":"\#(type)","shape":[1],"data_offsets":[0,4]}}"#
      #expect(throws: CheckpointError.unsupportedType(tensor: "w", file: path, found: type)) {
        try open(content(header, data: [0, 0, 0, 0]))
      }
    }
  }

  @Test func `a folder or nothing in place of the file is unreadable`() {
    #expect(throws: CheckpointError.unreadable(file: folder.path, reason: "not a regular file")) {
      try SafetensorsFile(path: folder.path)
    }
    #expect(throws: CheckpointError.unreadable(file: path, reason: "No such file or directory")) {
      try SafetensorsFile(path: path)
    }
  }
}
