import Models
import TestModels
import Testing

private typealias Piece = HandMadePickle

private func parsed(_ bytes: [UInt8]) throws -> Pickle {
  try bytes.withUnsafeBytes { try Pickle(parsing: $0, file: "p") }
}

/// The value that opcodes leave behind.
private func value(_ opcodes: [UInt8]) throws -> Pickle.Value { try parsed(Piece.whole(opcodes)).root }

private func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct UnpicklerTests {
  /// The elements of the container that opcodes leave behind.
  private func elements(_ opcodes: [UInt8]) throws -> [Pickle.Value] {
    let pickle = try parsed(Piece.whole(opcodes))
    switch pickle.root {
    case .tuple(let container), .list(let container), .dictionary(let container), .persistent(let container):
      return pickle.elements(of: container)
    default:
      Issue.record("\(pickle.root) is no container")
      return []
    }
  }

  private func expectRefusal(
    at position: Int, _ reason: String, _ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      throws: CheckpointError.refusedPickle(file: "p", position: position, reason: reason),
      sourceLocation: sourceLocation
    ) { try parsed(bytes) }
  }

  // MARK: Reading what is right

  @Test func `constants and numbers are read`() throws {
    #expect(try value(ascii("N")) == .none)
    #expect(try value([0x88]) == .boolean(true))
    #expect(try value([0x89]) == .boolean(false))
    #expect(try value(ascii("K") + [0xFF]) == .integer(255))
    #expect(try value(ascii("M") + [0x01, 0xFF]) == .integer(65281))
    #expect(try value(ascii("J") + [0xFE, 0xFF, 0xFF, 0xFF]) == .integer(-2))
    #expect(try value([0x8F]) == .emptySet)
    // 1.5 = 0x3FF8…, the most significant byte first
    #expect(try value(ascii("G") + [0x3F, 0xF8, 0, 0, 0, 0, 0, 0]) == .real(1.5))
  }

  @Test func `long integers have any number of bytes up to eight`() throws {
    #expect(try value([0x8A, 0]) == .integer(0))
    #expect(try value([0x8A, 1, 0x80]) == .integer(-128))
    #expect(try value([0x8A, 2, 0xFF, 0x00]) == .integer(255))
    #expect(try value([0x8A, 5, 0, 0, 0, 0, 1]) == .integer(4_294_967_296))
    #expect(try value([0x8A, 8] + [UInt8](repeating: 0xFF, count: 8)) == .integer(-1))
    #expect(try value([0x8A, 8] + HandMadeZip.little(.min, 8)) == .integer(.min))
    #expect(try value([0x8A, 8] + HandMadeZip.little(.max, 8)) == .integer(.max))
  }

  @Test func `texts are read in both forms`() throws {
    #expect(try value(Piece.text("Å日")) == .text("Å日"))
    #expect(try value(Piece.text("")) == .text(""))
    #expect(try value(ascii("U") + [2] + ascii("ab")) == .text("ab"))
  }

  @Test func `tuples take what they are told`() throws {
    #expect(try elements(ascii(")")) == [])
    #expect(try elements(ascii("N") + [0x85]) == [.none])
    #expect(try elements(ascii("N") + [0x88, 0x86]) == [.none, .boolean(true)])
    #expect(try elements(ascii("N") + [0x88, 0x89, 0x87]) == [.none, .boolean(true), .boolean(false)])
    #expect(try elements(ascii("(NNNNt")) == [.none, .none, .none, .none])
    #expect(try elements(ascii("(t")) == [])
    // A mark within a mark
    #expect(try elements(ascii("(N(NNtNt")).count == 3)
  }

  @Test func `lists and dictionaries grow one by one and in batches`() throws {
    #expect(try elements(ascii("]Na(K\u{1}K\u{2}e")) == [.none, .integer(1), .integer(2)])
    let members: [Pickle.Value] = [.integer(1), .none, .integer(2), .integer(3), .integer(4), .integer(5)]
    #expect(try elements(ascii("}K\u{1}Ns(K\u{2}K\u{3}K\u{4}K\u{5}u")) == members)
    #expect(try elements(Piece.dictionary([("a", ascii("N"))], from: Piece.orderedDictionary)) == [.text("a"), .none])
  }

  @Test func `what was memorized comes again, and is the same container`() throws {
    // memo[1] = [], appended to by both names; memo[300] = "a"
    let list = ascii("]q\u{1}h\u{1}K\u{7}aK\u{8}a") + [0x86]
    let pickle = try parsed(Piece.whole(list))
    guard case .tuple(let pair) = pickle.root, case .list(let first) = pickle.elements(of: pair)[0] else {
      Issue.record("no list")
      return
    }
    #expect(pickle.elements(of: pair) == [.list(first), .list(first)])
    #expect(pickle.elements(of: first) == [.integer(7), .integer(8)])
    #expect(
      try elements(
        Piece.text("a") + ascii("r") + HandMadeZip.little(300, 4) + ascii("j") + HandMadeZip.little(300, 4) + [0x86])
        == [.text("a"), .text("a")])
  }

  @Test func `functions are named, not called`() throws {
    guard
      case .call(.rebuildTensorV2, arguments: _) =
        try value(Piece.call(Piece.global("torch._utils", "_rebuild_tensor_v2"), [ascii("N")]))
    else {
      Issue.record("no call")
      return
    }
    guard case .dictionary = try value(Piece.orderedDictionary) else {
      Issue.record("no dictionary")
      return
    }
    guard case .dictionary = try value(Piece.global("collections", "OrderedDict") + ascii(")") + [0x81]) else {
      Issue.record("no dictionary")
      return
    }
  }

  @Test func `storage classes have element types`() throws {
    let types: [(name: String, type: ElementType)] = [
      ("DoubleStorage", .float64), ("FloatStorage", .float32), ("HalfStorage", .float16),
      ("BFloat16Storage", .bfloat16), ("LongStorage", .int64), ("IntStorage", .int32), ("ShortStorage", .int16),
      ("CharStorage", .int8), ("ByteStorage", .uint8), ("BoolStorage", .boolean),
    ]
    for (name, type) in types {
      #expect(try value(Piece.global("torch", name)) == .global(.storage(type)))
      #expect(try value(Piece.global("torch.cuda", name)) == .global(.storage(type)))
    }
    #expect(try value(Piece.global("torch.storage", "UntypedStorage")) == .global(.storage(.uint8)))
    #expect(
      try elements(Piece.storage("HalfStorage", "0", count: 6))
        == [.text("storage"), .global(.storage(.float16)), .text("0"), .text("cpu"), .integer(6)])
  }

  @Test func `attributes of a dictionary are passed over`() throws {
    let pickle =
      Piece.dictionary([("a", ascii("N"))], from: Piece.orderedDictionary) + Piece.dictionary([("b", ascii("N"))])
    #expect(try elements(pickle + ascii("b")) == [.text("a"), .none])
  }

  @Test func `nesting as deep as the file is long does no harm`() throws {
    let depth = 200_000
    let pickle = try parsed(Piece.whole(ascii("N") + [UInt8](repeating: 0x85, count: depth)))
    guard case .tuple = pickle.root else {
      Issue.record("no tuple")
      return
    }
    // A list that is its own element
    #expect(try elements(ascii("]q\u{1}h\u{1}a")).count == 1)
    expectRefusal(
      at: 2 + depth, "the pickle stops with more than one value",
      Piece.whole([UInt8](repeating: UInt8(ascii: "("), count: depth - 1) + ascii("N")))
  }

  // MARK: Reading what is wrong

  @Test(arguments: [
    ("os", "system"), ("builtins", "eval"), ("__builtin__", "set"), ("torch", "load"), ("torch._utils", "_rebuild"),
    ("collections", "defaultdict"), ("torch", "ComplexFloatStorage"), ("torch.nn", "FloatStorage"), ("", ""),
    ("torch._utils", "_rebuild_tensor_v2\r"), ("collections.OrderedDict", ""),
  ])
  func `any other global is refused by its name`(module: String, name: String) {
    expectRefusal(
      at: 3, "the global “\(module).\(name)” has no place in a state dict, and is not loaded",
      Piece.whole(ascii("N") + Piece.global(module, name)))
  }

  @Test(arguments: [
    ("0", "the opcode POP"), ("2", "the opcode DUP"), ("i", "the opcode INST"), ("o", "the opcode OBJ"),
    ("P", "the opcode PERSID"), ("T", "the opcode BINSTRING"), ("C", "the opcode SHORT_BINBYTES"),
    ("I", "the opcode INT"), ("\u{1}", "the byte 0x1, which is no opcode,"),
  ])
  func `any other opcode is refused by its name`(opcode: String, name: String) {
    expectRefusal(at: 4, "\(name) has no place in a state dict", Piece.whole(ascii("NN" + opcode)))
  }

  @Test func `opcodes of later protocols are refused, and so are the protocols`() {
    for (byte, name) in [(0x93, "STACK_GLOBAL"), (0x95, "FRAME"), (0x92, "NEWOBJ_EX"), (0x82, "EXT1")]
      as [(UInt8, String)]
    {
      expectRefusal(at: 2, "the opcode \(name) has no place in a state dict", Piece.whole([byte]))
    }
    for version in [0, 1, 3, 4, 255] as [UInt8] {
      expectRefusal(
        at: 0, "protocol \(version) of pickle; torch.save writes 2 by default", [0x80, version] + ascii("N."))
    }
  }

  /// Opcodes that break a rule, where (from the first of them), and what is said about it.
  static let broken: [(opcodes: [UInt8], position: Int, reason: String)] = [
    (ascii(""), 0, "the stack is empty"),
    (ascii("NN"), 2, "the pickle stops with more than one value"),
    (ascii("N("), 2, "the stack is empty"),
    (ascii("N.N"), 1, "the pickle stops before its last byte"),
    (ascii("t"), 0, "no mark is set"),
    (ascii("N") + [0x86], 1, "the stack has 1 values where 2 are needed"),
    (ascii("NN(N") + [0x87], 4, "the stack has 1 values where 3 are needed"),
    (ascii("N(a"), 2, "the stack has 0 values where 1 are needed"),
    (ascii("q\u{1}"), 0, "the stack is empty"),
    (ascii("N(q\u{1}"), 2, "the stack is empty"),
    (ascii("Nq\u{1}h\u{2}"), 3, "nothing was memorized as 2"),
    (ascii("j") + [1, 0, 0, 0], 0, "nothing was memorized as 1"),
    (ascii("NNa"), 2, "elements for None"),
    (ascii("(NNa"), 3, "elements for None"),
    (ascii("]NNs"), 3, "members for a list"),
    (ascii("}(NNNu"), 5, "a key without a value"),
    (ascii("}NR"), 2, "a call that is not of a global with a tuple"),
    (ascii("N)R"), 2, "a call that is not of a global with a tuple"),
    (
      HandMadePickle.call(HandMadePickle.global("collections", "OrderedDict"), [ascii("N")]), 28,
      "an OrderedDict with arguments"
    ),
    (HandMadePickle.call(HandMadePickle.global("torch", "IntStorage"), []), 20, "a call of a storage class"),
    (
      HandMadePickle.global("torch._utils", "_rebuild_tensor") + ascii(")") + [0x81], 31,
      "a new object of a function, not of a class"
    ),
    (ascii("NNb"), 2, "attributes for None"),
    (ascii("NQ"), 1, "a persistent id that is no tuple"),
    (ascii("X") + [2, 0, 0, 0] + [0xC3, 0x28], 0, "a text that is no valid UTF-8"),
    (ascii("X") + [8, 0, 0, 0] + ascii("a"), 0, "the pickle ends 6 bytes too early"),
    (ascii("X") + [0xFF, 0xFF, 0xFF, 0xFF], 0, "the pickle ends 4294967294 bytes too early"),
    (ascii("U") + [2], 0, "the pickle ends 1 bytes too early"),
    ([0x8A, 9] + [UInt8](repeating: 0, count: 9), 0, "an integer of 9 bytes; 8 are the most"),
    ([0x8A, 0xFF], 0, "an integer of 255 bytes; 8 are the most"),
    ([0x8A, 4, 0], 0, "the pickle ends 2 bytes too early"),
    (ascii("J") + [0, 0], 0, "the pickle ends 1 bytes too early"),
    (ascii("ctorch"), 0, "a name that does not end within 255 bytes"),
    (ascii("c" + String(repeating: "a", count: 256) + "\n\n"), 0, "a name that does not end within 255 bytes"),
    (ascii("c") + [0xFF, 0x0A, 0x0A], 0, "a name that is no valid UTF-8"),
  ]

  @Test(arguments: broken)
  func `opcodes that break a rule are refused by that rule`(opcodes: [UInt8], position: Int, reason: String) {
    expectRefusal(at: 2 + position, reason, Piece.whole(opcodes))
  }

  @Test func `a pickle cut off anywhere is refused`() throws {
    let whole = Piece.whole(
      Piece.dictionary([
        ("a", Piece.tensor(Piece.storage("FloatStorage", "0", count: 1 << 40), shape: [2, 3], strides: [3, 1])),
        ("b", ascii("]K\u{1}a")),
      ]))
    _ = try parsed(whole)
    for length in 0..<whole.count {
      #expect(throws: CheckpointError.self, "\(length) bytes") { try parsed(Array(whole[..<length])) }
    }
  }
}
