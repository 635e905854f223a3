import Models
import Tensors

/// Makes inputs that are nearly valid, each a function of the stream alone.
struct Mutator {
  var stream: RandomStream

  /// One of the inputs made by code, or as often one of those found, changed in at least one file.
  mutating func input(made: [FuzzInput], found: [FuzzInput]) -> FuzzInput {
    let seeds = found.isEmpty || chance(1, of: 2) ? made : found
    var input = pick(seeds)
    let other = pick(seeds)
    repeat {
      let place = below(input.files.count)
      let file = input.files[place]
      let donor = other.files.first { $0.name == file.name } ?? file
      input.files[place].bytes = Array(changed(file, donor.bytes).prefix(FuzzInput.longestFile))
    } while chance(1, of: 4)
    if input.files.count > 1, chance(1, of: 50) { input.files.remove(at: below(input.files.count)) }
    return input
  }

  private mutating func changed(_ file: FuzzInput.File, _ donor: [UInt8]) -> [UInt8] {
    // One time in four whatever the format is.
    if chance(1, of: 4) { return changedBytes(file.bytes, donor, isText: true) }
    return switch file.format {
    case .safetensors: changedSafetensors(file.bytes, donor)
    case .json: changedJSON(file.bytes, donor)
    case .protobuf: changedMessage(file.bytes, donor)
    case .zip: changedArchive(file.bytes, donor)
    case .pickle: changedPickle(file.bytes, donor)
    case .text: changedLines(file.bytes, donor)
    }
  }
}

// MARK: - Choices

extension Mutator {
  mutating func below(_ bound: Int) -> Int { stream.nextInteger(below: bound) }

  mutating func chance(_ share: Int, of whole: Int) -> Bool { below(whole) < share }

  mutating func pick<Elements: RandomAccessCollection>(_ elements: Elements) -> Elements.Element {
    elements[elements.index(elements.startIndex, offsetBy: below(elements.count))]
  }

  /// A part of `count` elements, more often a short one.
  mutating func part(of count: Int) -> Range<Int> {
    guard count > 0 else { return 0..<0 }
    let start = below(count)
    let longest = min(count - start, 1 << below(12))
    return start..<start + below(longest) + 1
  }

  /// A number at which sizes, counts and places go wrong.
  mutating func boundary(near value: Int) -> Int {
    let numbers = [
      0, 1, -1, 2, 127, 128, 255, 256, 0x7FFF, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000,
      1 << 40, 1 << 53, 1 << 61, 1 << 62, .max - 7, .max, .min, value &+ 1, value &- 1, value &* 2, 0 &- value,
      value / 2,
      value &+ below(64), value &+ 8,
    ]
    return pick(numbers)
  }
}

// MARK: - Bytes of any kind

extension Mutator {
  private static let bytesOfNote: [UInt8] = [
    0, 1, 9, 10, 13, 0x20, 0x22, 0x5C, 0x7F, 0x80, 0xBF, 0xC0, 0xE2, 0xF4, 0xFF,
  ]

  private static let textsOfNote = [
    "\"", "\\", "\\u0000", "\\ud800", "\\udc00\\ud800", "{", "}", "[", "]", ":", ",", "null", "true", "-", "1e999",
    "-0", "0.1e-400", "18446744073709551616", "9223372036854775807", "▁", "▁▁▁▁", "<unk>", "<s>", "</s>", "<0x0A>",
    "\u{301}", "\u{212B}", "\u{200D}👩‍👩‍👧", "\u{FFFF}", "\u{10FFFF}", "\u{FEFF}", "\r\n", "\n\n", "  ", "\u{3000}",
    "\u{85}",
    "'re", "'", "０", "é", "́é", "日本",
  ]

  mutating func changedBytes(_ original: [UInt8], _ donor: [UInt8], isText: Bool) -> [UInt8] {
    var bytes = original
    repeat { changeOnce(&bytes, donor, isText: isText) } while chance(1, of: 2)
    return bytes
  }

  private mutating func changeOnce(_ bytes: inout [UInt8], _ donor: [UInt8], isText: Bool) {
    guard !bytes.isEmpty else {
      bytes = Array(donor[part(of: donor.count)])
      return
    }
    let place = below(bytes.count)
    switch below(isText ? 15 : 11) {
    case 0: bytes[place] ^= 1 << UInt8(below(8))
    case 1: bytes[place] = pick(Self.bytesOfNote)
    case 2: bytes[place] = UInt8(below(256))
    case 3: bytes.removeSubrange(part(of: bytes.count))
    case 4: bytes.insert(contentsOf: Array(bytes[part(of: bytes.count)]), at: place)
    case 5:
      let (first, second) = (part(of: bytes.count), part(of: bytes.count))
      let (left, right) = first.lowerBound < second.lowerBound ? (first, second) : (second, first)
      guard left.upperBound <= right.lowerBound else { return }
      bytes = Array(
        [
          bytes[..<left.lowerBound], bytes[right], bytes[left.upperBound..<right.lowerBound], bytes[left],
          bytes[right.upperBound...],
        ].joined())
    case 6: bytes = Array(bytes[..<place] + donor[below(donor.count + 1)...])
    case 7: bytes.replaceSubrange(part(of: bytes.count), with: donor[part(of: donor.count)])
    case 8: bytes.removeLast(bytes.count - place)
    case 9: replaceInteger(&bytes, at: place)
    case 10:
      // Many times the same, now and then up to what a file may have.
      let block = Array(bytes[part(of: bytes.count)])
      let most = chance(1, of: 8) ? FuzzInput.longestFile : FuzzInput.longestFile / 64
      let count = min(1 << below(14), most / block.count)
      bytes.insert(contentsOf: Array(repeatElement(block, count: count).joined()), at: place)
    case 11: bytes.insert(contentsOf: pick(Self.textsOfNote).utf8, at: place)
    case 12: bytes.replaceSubrange(part(of: bytes.count), with: pick(Self.textsOfNote).utf8)
    case 13: replaceDigits(&bytes, from: place)
    default:
      let opening = pick(["[", "{\"a\":", "(", "[[],", "{\"a\":[{},"])
      bytes.insert(contentsOf: String(repeating: opening, count: 1 << below(13)).utf8, at: place)
    }
  }

  /// A little-endian integer of 2, 4 or 8 bytes.
  private mutating func replaceInteger(_ bytes: inout [UInt8], at place: Int) {
    let width = pick([2, 4, 8])
    guard place + width <= bytes.count else { return }
    let found = (0..<width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[place + $1]) }
    let near = chance(1, of: 4) ? bytes.count : Int(truncatingIfNeeded: found)
    let number = boundary(near: near)
    for byte in 0..<width { bytes[place + byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
  }

  /// The first decimal number after `place`.
  private mutating func replaceDigits(_ bytes: inout [UInt8], from place: Int) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
    let number = boundary(near: Int(String(decoding: bytes[start..<end], as: UTF8.self)) ?? 0)
    bytes.replaceSubrange(start..<end, with: String(number).utf8)
  }
}

// MARK: - Lines

extension Mutator {
  /// Moves, repeats, drops and joins whole lines and words, where there are several.
  private mutating func changedLines(_ bytes: [UInt8], _ donor: [UInt8]) -> [UInt8] {
    let separator = UInt8(ascii: chance(2, of: 3) ? "\n" : " ")
    var parts = bytes.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count > 2 else { return changedBytes(bytes, donor, isText: true) }
    repeat {
      let (place, other) = (below(parts.count), below(parts.count))
      switch below(4) {
      case 0: parts.swapAt(place, other)
      case 1: parts.insert(parts[other], at: place)
      case 2: parts.remove(at: place)
      default: parts[place] += parts[other]
      }
    } while parts.count > 2 && chance(1, of: 2)
    return Array(parts.joined(separator: [separator]))
  }
}

// MARK: - Safetensors

extension Mutator {
  /// Changes the header, as JSON or as bytes, and mostly corrects its length, so that the reader gets past it.
  private mutating func changedSafetensors(_ bytes: [UInt8], _ donor: [UInt8]) -> [UInt8] {
    func parts(_ bytes: [UInt8]) -> (length: [UInt8], header: [UInt8], data: [UInt8])? {
      let announced = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard bytes.count >= 8, announced <= UInt64(bytes.count - 8) else { return nil }
      let end = 8 + Int(announced)
      return (Array(bytes[..<8]), Array(bytes[8..<end]), Array(bytes[end...]))
    }
    guard var (length, header, data) = parts(bytes), let other = parts(donor) else {
      return changedBytes(bytes, donor, isText: false)
    }
    if chance(5, of: 6) { header = changedJSON(header, other.header) }
    if chance(1, of: 4) { data = changedBytes(data, other.data, isText: false) }
    if chance(3, of: 4) { length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } }
    return length + header + data
  }
}
