import Foundation
import Models
import Tensors
import TestModels
import Testing

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

private func row(_ elements: [Float]) -> Matrix { Matrix(rows: 1, columns: elements.count, elements) }

@Suite struct SafetensorsWriterTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/file.safetensors" }

  init() throws { folder = try TemporaryFolder() }

  private func written(_ tensors: [NamedTensor], metadata: [String: String] = [:]) throws -> [UInt8] {
    try writeSafetensors(tensors, metadata: metadata, to: path)
    return try Array(Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// The bits of `values` after storing them as 16-bit floats.
  private func stored(_ values: [Float], as format: NamedTensor.FloatFormat) throws -> [UInt16] {
    try writeSafetensors([NamedTensor("w", row(values), storedAs: format)], to: path)
    return try SafetensorsFile(path: path).tensor(named: "w").withBytes { bytes in
      stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    }
  }

  // MARK: Layout

  @Test func `tensors of a type are written by name, the header padded to eight bytes`() throws {
    let found = try written([NamedTensor("b", shape: [2], row([1, -2])), NamedTensor("a", row([0.5]))])
    let header = """
      {"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}
      """
    #expect(header.utf8.count == 110)  // and two blanks
    // 1/2, 1 and -2
    let data: [UInt8] = [0, 0, 0, 0x3F, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
    #expect(found == [112, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0x20, 0x20] + data)
  }

  @Test func `the metadata stands first, in the order of its names`() throws {
    let header = #"{"__metadata__":{"Z":"1","a":"2","é":"3"}}"#  // 43 bytes
    let found = try written([], metadata: ["é": "3", "a": "2", "Z": "1"])
    #expect(found == [48, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0x20, 0x20, 0x20, 0x20, 0x20])
    #expect(try written([]) == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
  }

  @Test func `names have the escapes of the reference writer`() throws {
    let name = "\u{0}\u{8}\t\n\u{B}\u{C}\r\u{1F}\u{7F}\"\\/é日"
    let found = try written([NamedTensor(name, shape: [0], row([]))])
    let expected = #"{"\u0000\b\t\n\u000b\f\r\u001f"# + "\u{7F}" + #"\"\\/é日":{"dtype":"F32","shape":[0]"#
    #expect(found[8...].starts(with: expected.utf8))
  }

  @Test func `wide types come first, in the reference writer's order`() throws {
    let tensors = ElementType.allCases.map {
      NamedTensor("t", as: $0, bytes: [UInt8](repeating: 1, count: $0.byteCount))
    }
    try writeSafetensors(tensors.shuffled(by: 3), to: path)
    #expect(
      try SafetensorsFile(path: path).tensors.map(\.type.rawValue) == [
        "U64", "I64", "F64", "F32", "U32", "I32", "BF16", "F16", "U16", "I16", "I8", "U8", "BOOL",
      ])
  }

  @Test func `the bytes do not depend on the order in which tensors are given`() throws {
    let tensors = (0..<4).map { NamedTensor("t\($0)", randomMatrix(1, 3, seed: UInt64($0))) }
    #expect(try written(tensors) == written(tensors.reversed()))
  }

  // MARK: What was written is read again

  @Test func `names, shapes, floats and metadata come back`() throws {
    let names = ["plain", "quo\"te", "back\\slash", "new\nline", "\u{1}\u{1F}", "Å", "日本"]
    var values = names.enumerated().map { (name: $1, shape: [2, $0 + 1], randomMatrix(2, $0 + 1, seed: UInt64($0))) }
    values.append(("scalar", [], row([7])))
    values.append(("nothing", [3, 0], Matrix(rows: 3, columns: 0)))
    values.append(("deep", [2, 3, 2], randomMatrix(6, 2, seed: 9)))
    let metadata = ["format": "pt", "a \"name\"": "a\tvalue"]
    try writeSafetensors(values.map { NamedTensor($0, shape: $1, $2) }, metadata: metadata, to: path)
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata == metadata)
    #expect(file.tensors.count == values.count)
    for (name, shape, matrix) in values {
      let stored = try file.tensor(named: name)
      #expect(stored.shape == shape)
      #expect(try stored.matrix() == matrix)
    }
  }

  @Test(arguments: ElementType.allCases)
  func `a stored tensor of any type is copied through, bits and all`(type: ElementType) throws {
    // Among them are NaNs and infinities of every float type.
    let bytes = [UInt8](repeating: 0xFF, count: 8) + [0, 0, 0x80, 0x7F, 0, 0, 0xF0, 0x7F] + Array(0..<16)
    let shape = [2, bytes.count / type.byteCount / 2]
    try writeSafetensors([NamedTensor("first", shape: shape, bytes: bytes, type: type)], to: path)
    let first = try SafetensorsFile(path: path).tensor(named: "first")
    // The file that the tensor is mapped from is itself replaced.
    try writeSafetensors([NamedTensor(first, as: "second"), NamedTensor(first)], to: path)
    for name in ["first", "second"] {
      let second = try SafetensorsFile(path: path).tensor(named: name)
      #expect(second.type == type && second.shape == shape)
      #expect(second.withBytes { Array($0) } == bytes)
    }
  }

  @Test func `halves that are exact come back, more than are converted at a time`() throws {
    let values = Matrix(rows: 3, columns: 50_000, (0..<150_000).map { Float($0 % 256) - 128 })
    for format in NamedTensor.FloatFormat.allCases {
      try writeSafetensors([NamedTensor("w", values, storedAs: format)], to: path)
      let stored = try SafetensorsFile(path: path).tensor(named: "w")
      #expect(stored.type == format.elementType)
      #expect(try stored.matrix() == values)
    }
  }

  // MARK: Rounding

  @Test func `halves are rounded to the nearest, ties to the even one`() throws {
    // 1 + 2⁻¹¹ lies between 1 and 1 + 2⁻¹⁰; 1 + 3·2⁻¹¹ between 1 + 2⁻¹⁰ and 1 + 2·2⁻¹⁰.
    #expect(try stored([1 + 0x1p-11, 1 + 0x3p-11], as: .float16) == [0x3C00, 0x3C02])
    #expect(try stored([1 + 0x1.01p-11, 1 + 0x2.ffp-11, -1 - 0x1.01p-11], as: .float16) == [0x3C01, 0x3C01, 0xBC01])
    // Subnormal: the smallest is 2⁻²⁴; half of it is a tie with 0, three halves one with 2⁻²³.
    #expect(try stored([0x1p-24, 0x1p-25, 0x1.8p-24, -0x1.01p-25], as: .float16) == [1, 0, 2, 0x8001])
    // Just below the smallest normal one, 2⁻¹⁴, rounding reaches it.
    #expect(try stored([0x1p-14 - 0x1p-26, -0x1p-149], as: .float16) == [0x0400, 0x8000])
    // The largest is 65504, and 65520 the tie with 65536.
    #expect(try stored([65504, 65519.996, -65519.996], as: .float16) == [0x7BFF, 0x7BFF, 0xFBFF])
  }

  @Test func `brain floats are rounded to the nearest, ties to the even one`() throws {
    // 1 + 2⁻⁸ lies between 1 and 1 + 2⁻⁷; 1 + 3·2⁻⁸ between 1 + 2⁻⁷ and 1 + 2·2⁻⁷.
    #expect(try stored([1 + 0x1p-8, 1 + 0x3p-8], as: .bfloat16) == [0x3F80, 0x3F82])
    #expect(try stored([1 + 0x1.01p-8, -1 - 0x2.ffp-8], as: .bfloat16) == [0x3F81, 0xBF81])
    // Subnormal: the smallest is 2⁻¹³³.
    #expect(try stored([0x1p-133, 0x1p-134, 0x1.8p-133, -0x1.01p-134], as: .bfloat16) == [1, 0, 2, 0x8001])
    // The largest is (2 - 2⁻⁷)·2¹²⁷, and (2 - 2⁻⁸)·2¹²⁷ the tie with 2¹²⁸.
    #expect(try stored([0x1.fep127, 0x1.feffp127], as: .bfloat16) == [0x7F7F, 0x7F7F])
  }

  @Test func `infinities and NaNs stay what they are`() throws {
    #expect(try stored([.infinity, -.infinity], as: .float16) == [0x7C00, 0xFC00])
    #expect(try stored([.infinity, -.infinity], as: .bfloat16) == [0x7F80, 0xFF80])
    // A signalling NaN whose only bits are those that get lost.
    let nan = Float(bitPattern: 0x7F80_0001)
    #expect(try stored([nan], as: .float16)[0] & 0x7FFF > 0x7C00)
    #expect(try stored([nan], as: .bfloat16)[0] & 0x7FFF > 0x7F80)
  }

  @Test func `a finite number that would become infinite is refused by its place`() throws {
    let cases: [(Float, NamedTensor.FloatFormat)] = [
      (65520, .float16), (-1e30, .float16), (.greatestFiniteMagnitude, .bfloat16), (-0x1.ffp127, .bfloat16),
    ]
    for (number, format) in cases {
      let type = format.elementType.rawValue
      #expect(throws: CheckpointError.overflow(tensor: "w", file: path, index: 2, type: type)) {
        try stored([1, .infinity, number, number], as: format)
      }
    }
  }

  // MARK: Failures

  @Test func `a failure leaves what stood there, and nothing beside it`() throws {
    let broken = [NamedTensor("a", row([1])), NamedTensor("b", row([1e30]), storedAs: .float16)]
    #expect(throws: CheckpointError.self) { try writeSafetensors(broken, to: path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    let before = try written([NamedTensor("a", row([1]))])
    #expect(throws: CheckpointError.self) { try writeSafetensors(broken, to: path) }
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file.safetensors"])
  }

  @Test func `a name that a folder has cannot be written`() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(throws: CheckpointError.unwritable(file: path, reason: "rename: Is a directory")) {
      try writeSafetensors([], to: path)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file.safetensors"])
  }

  @Test func `a folder that is not there cannot be written to`() {
    let nowhere = folder.path + "/nowhere/file"
    #expect(throws: CheckpointError.unwritable(file: nowhere, reason: "open: No such file or directory")) {
      try writeSafetensors([], to: nowhere)
    }
  }
}

extension NamedTensor {
  /// A single element, under a name that tells the types apart without ordering them as they are written.
  fileprivate init(_ prefix: String, as type: ElementType, bytes: [UInt8]) {
    self.init("\(prefix)\(type.rawValue.reversed().map(String.init).joined())", shape: [], bytes: bytes, type: type)
  }
}

extension [NamedTensor] {
  /// Every `step`-th, then those left over: another order, and the same each time.
  fileprivate func shuffled(by step: Int) -> [NamedTensor] {
    (0..<step).flatMap { first in stride(from: first, to: count, by: step).map { self[$0] } }
  }
}
