import TestModels

private typealias Piece = HandMadePickle

/// Zip archives, pickles, and PyTorch's checkpoints, which are the one around the other.
extension ValidFiles {
  /// The numbers 0, 0.5, 1, …, as floats.
  private static func floats(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { HandMadeZip.little(Int((Float($0) / 2).bitPattern), 4) }
  }

  private static func deflated(_ name: String, _ bytes: [UInt8]) -> HandMadeZip.Entry {
    HandMadeZip.Entry(name, deflated: HandMadeZip.deflated(bytes), of: bytes)
  }

  // MARK: Archives

  /// The binary numbers from 0 to 63, a space behind each, by zlib's deflate at its best: Huffman codes of its own.
  private static let packedNumbers: [UInt8] = [
    0x3D, 0x90, 0xC1, 0x11, 0xC0, 0x30, 0x08, 0xC3, 0x56, 0x61, 0x04, 0xD8, 0x7F, 0xB9, 0x06, 0x4B, 0xF4, 0x93, 0x5C,
    0xC0, 0x67, 0xCB, 0xE9, 0x9A, 0x9A, 0xAE, 0xD9, 0xF3, 0x5D, 0xFD, 0xEE, 0x3C, 0xF3, 0xDE, 0xC1, 0x4E, 0x7A, 0xB2,
    0xCA, 0x6E, 0x97, 0x51, 0x21, 0x43, 0x17, 0x61, 0x94, 0x48, 0xA3, 0x6D, 0x1D, 0x71, 0xD0, 0x02, 0x8F, 0x98, 0x90,
    0x35, 0x18, 0xE2, 0x18, 0x4B, 0xDC, 0xB5, 0xD7, 0x9F, 0x00, 0x12, 0x8C, 0x20, 0xC3, 0x10, 0x53, 0x8C, 0x21, 0xA7,
    0x6D, 0xF0, 0x77, 0x18, 0x71, 0xE4, 0x01, 0x48, 0xBA, 0xC3, 0x93, 0x0F, 0x40, 0x08, 0x45, 0xB4, 0xFF, 0xFD, 0x80,
    0xF4, 0x87, 0x2F, 0x3F, 0x05, 0xFC, 0x9F, 0xB1, 0x8E, 0x7D, 0x28, 0x64, 0xBB, 0xAB, 0x37, 0xF5, 0x01,
  ]
  /// “ab” twenty times, by zlib: a copy that overlaps itself.
  private static let packedPairs: [UInt8] = [0x4B, 0x4C, 0x4A, 0x24, 0x0A, 0x02, 0x00]

  /// Stored and deflated entries, with short and with long fields.
  static func archives() -> [[UInt8]] {
    let numbers = (0..<64).map { String($0, radix: 2) + " " }.joined()
    let pairs = String(repeating: "ab", count: 20)
    var zip = HandMadeZip([
      HandMadeZip.Entry("a", Array(1...40)),
      HandMadeZip.Entry("numbers", deflated: packedNumbers, of: Array(numbers.utf8)),
      HandMadeZip.Entry("é/pairs", deflated: packedPairs, of: Array(pairs.utf8)),
      deflated("block", Array(1...9)),
      HandMadeZip.Entry("none", []),
    ])
    zip.entries[0].headerExtra = Array("FB".utf8) + [6, 0] + Array("ZZZZZZ".utf8)
    let short = zip.bytes
    zip.hasLargeEnd = true
    for index in zip.entries.indices { zip.entries[index].isLarge = index % 2 == 0 }
    return [short, zip.bytes]
  }

  // MARK: State dicts

  private static func get(_ index: UInt8) -> [UInt8] { [UInt8(ascii: "h"), index] }
  private static func put(_ value: [UInt8], _ index: UInt8) -> [UInt8] { value + [UInt8(ascii: "q"), index] }

  /// Views of a storage of six floats, tensors of other types, and attributes, as PyTorch writes them.
  private static func views() -> [UInt8] {
    let members = Piece.dictionary(
      [
        ("whole", Piece.tensor(put(Piece.storage("FloatStorage", "0", count: 6), 1), shape: [2, 3], strides: [3, 1])),
        ("tied", Piece.tensor(get(1), shape: [2, 3], strides: [3, 1])),
        ("turned", Piece.tensor(get(1), shape: [3, 2], strides: [1, 3])),
        ("row", put(Piece.tensor(get(1), offset: 3, shape: [3], strides: [1]), 2)),
        ("again", get(2)),
        ("column", Piece.tensor(get(1), offset: 2, shape: [2], strides: [3])),
        ("step", Piece.tensor(Piece.storage("LongStorage", "1", count: 1), shape: [], strides: [])),
        ("halves", Piece.tensor(Piece.storage("HalfStorage", "2", count: 4), shape: [2, 1, 2], strides: [2, 2, 1])),
        ("none", Piece.tensor(Piece.storage("ByteStorage", "3", count: 0), shape: [0, 3], strides: [3, 1])),
      ], from: put(Piece.orderedDictionary, 0))
    return Piece.whole(members + Piece.dictionary([("_metadata", Piece.orderedDictionary)]) + Array("b".utf8))
  }

  /// A plain dictionary of a parameter, and of a tensor of the older form.
  private static func parameters() -> [UInt8] {
    let parameter = Piece.call(
      Piece.global("torch._utils", "_rebuild_parameter"),
      [
        Piece.tensor(Piece.storage("FloatStorage", "0", count: 6), shape: [2, 3], strides: [3, 1]), Piece.no,
        Piece.orderedDictionary,
      ])
    let older = Piece.call(
      Piece.global("torch._utils", "_rebuild_tensor"),
      [
        Piece.storage("DoubleStorage", "1", count: 2, module: "torch.cuda"), Piece.integer(0), Piece.integers([2]),
        Piece.integers([1]),
      ])
    return Piece.whole(Piece.dictionary([("parameter", parameter), ("older", older)]))
  }

  static func pickles() -> [[UInt8]] {
    // Numbers and containers of every kind, which no state dict needs.
    let others: [[UInt8]] = [
      [0x88], [0x8F], Array("K\u{7}M\u{1}\u{2}".utf8) + [0x86], Piece.integer(1 << 40), Array("]Na(K\u{1}K\u{2}e".utf8),
      Array("U\u{2}ab".utf8), Array("G".utf8) + [0x3F, 0xF8, 0, 0, 0, 0, 0, 0], Array(")".utf8),
    ]
    return [views(), parameters(), Piece.whole(Piece.tuple(others))]
  }

  static func checkpoints() -> [[UInt8]] {
    let stored = HandMadeZip([
      HandMadeZip.Entry("m/data.pkl", views()), HandMadeZip.Entry("m/version", Array("3\n".utf8)),
      HandMadeZip.Entry("m/data/0", floats(6)), HandMadeZip.Entry("m/data/1", HandMadeZip.little(-7, 8)),
      HandMadeZip.Entry("m/data/2", [0, 0x3C, 0, 0x40, 0, 0x42, 0, 0x44]), HandMadeZip.Entry("m/data/3", []),
    ])
    var packed = HandMadeZip([
      deflated("n/data.pkl", parameters()), deflated("n/.data/version", Array("10".utf8)),
      deflated("n/byteorder", Array("little".utf8)), deflated("n/data/0", floats(6)),
      deflated("n/data/1", [UInt8](repeating: 0, count: 16)),
    ])
    packed.hasLargeEnd = true
    return [stored.bytes, packed.bytes]
  }

  /// A file of PyTorch with tensors of two rows and three columns.
  static func checkpoint(_ names: [String]) -> [UInt8] {
    let storage = Piece.storage("FloatStorage", "0", count: 6)
    let tensors = names.map { ($0, Piece.tensor(storage, shape: [2, 3], strides: [3, 1])) }
    return HandMadeZip([
      HandMadeZip.Entry("m/data.pkl", Piece.whole(Piece.dictionary(tensors))),
      HandMadeZip.Entry("m/version", Array("3\n".utf8)), deflated("m/data/0", floats(6)),
    ]).bytes
  }
}
