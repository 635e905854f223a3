import TestModels

extension Mutator {
  /// Moves, repeats, drops and replaces whole opcodes and their arguments.
  mutating func changedPickle(_ bytes: [UInt8], _ donor: [UInt8]) -> [UInt8] {
    var parts = Self.opcodes(bytes)
    guard !parts.isEmpty else { return changedBytes(bytes, donor, isText: false) }
    repeat {
      let (place, other) = (below(parts.count), below(parts.count))
      switch below(10) {
      case 0: parts.remove(at: place)
      case 1: parts.insert(parts[other], at: place)
      case 2: parts.swapAt(place, other)
      case 3: parts.insert(opcodeOfNote(), at: place)
      case 4:
        let others = Self.opcodes(donor)
        parts.replaceSubrange(part(of: parts.count), with: others[part(of: others.count)])
      case 5:
        let block = parts[part(of: parts.count)]
        let length = block.reduce(1) { $0 + $1.count }
        let count = min(1 << below(12), FuzzInput.longestFile / 4 / length)
        parts.insert(contentsOf: Array(repeatElement(block, count: count).joined()), at: place)
      case 6:
        // Shapes, strides, offsets and counts, which only a small change leaves nearly right.
        let integers = parts.indices.filter { parts[$0].count > 1 && Self.integerOpcodes.contains(parts[$0][0]) }
        if !integers.isEmpty { parts[pick(integers)] = HandMadePickle.integer(below(10)) }
      default: parts[place] = changedOpcode(parts[place])
      }
    } while !parts.isEmpty && chance(1, of: 2)
    let changed = Array(parts.joined())
    return chance(1, of: 16) ? changedBytes(changed, donor, isText: false) : changed
  }

  private static let integerOpcodes = Array("JKM".utf8)

  /// The opcodes with their arguments, those of each in one part. What is cut off is a part as it is.
  private static func opcodes(_ bytes: [UInt8]) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var place = 0
    while place < bytes.count {
      let rest = bytes[(place + 1)...]
      let short = Int(rest.first ?? 0)
      let length =
        switch bytes[place] {
        case UInt8(ascii: "K"), UInt8(ascii: "h"), UInt8(ascii: "q"), 0x80: 1
        case UInt8(ascii: "M"): 2
        case UInt8(ascii: "J"), UInt8(ascii: "j"), UInt8(ascii: "r"): 4
        case UInt8(ascii: "G"): 8
        case UInt8(ascii: "U"), 0x8A: 1 + short
        case UInt8(ascii: "X"): 4 + rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        case UInt8(ascii: "c"):
          rest.split(separator: 10, maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
            .reduce(0) { $0 + $1.count + 1 }
        default: 0
        }
      let end = min(place + 1 + length, bytes.count)
      parts.append(Array(bytes[place..<end]))
      place = end
    }
    return parts
  }

  private mutating func changedOpcode(_ opcode: [UInt8]) -> [UInt8] {
    let argument = opcode.dropFirst()
    switch opcode[0] {
    case let byte where Self.integerOpcodes.contains(byte):
      let value = argument.reversed().reduce(0) { $0 << 8 | Int($1) }
      return HandMadePickle.integer(boundary(near: value))
    case 0x8A: return [0x8A, UInt8(below(12))] + argument.dropFirst()
    case UInt8(ascii: "h"), UInt8(ascii: "q"): return [opcode[0], UInt8(below(6))]
    case UInt8(ascii: "X"):
      return HandMadePickle.text(
        pick(["", "0", "1", "7", "a", "\u{C5}", "\u{212B}", "storage", "module", "cpu", "../version"]))
    case UInt8(ascii: "c"), UInt8(ascii: "R"), 0x81: return opcodeOfNote()
    default: return chance(1, of: 2) ? opcodeOfNote() : [UInt8(below(256))] + argument
    }
  }

  private mutating func opcodeOfNote() -> [UInt8] {
    switch below(6) {
    case 0: Array(pick(["(", ")", "t", "}", "]", "e", "u", "a", "s", "N", "b", "Q", "R", ".", "0", "2"]).utf8)
    case 1: [pick([0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8F])]
    case 2: HandMadePickle.integer(boundary(near: below(64)))
    case 3: [pick([UInt8(ascii: "h"), UInt8(ascii: "q")]), UInt8(below(6))]
    case 4:
      HandMadePickle.global(
        "torch", pick(["FloatStorage", "DoubleStorage", "HalfStorage", "LongStorage", "ByteStorage", "load"]))
    default:
      pick([
        HandMadePickle.orderedDictionary, HandMadePickle.global("collections", "OrderedDict"),
        HandMadePickle.global("torch._utils", "_rebuild_tensor"),
        HandMadePickle.global("torch._utils", "_rebuild_tensor_v2"),
        HandMadePickle.global("torch._utils", "_rebuild_parameter"), HandMadePickle.global("os", "system"),
      ])
    }
  }
}
