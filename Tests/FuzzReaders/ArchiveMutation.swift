import TestModels

extension HandMadeZip {
  /// The archive as far as its directory tells, which is the first thing that looks like one; nil where the entries are
  /// not where it says.
  init?(reading bytes: [UInt8]) {
    /// Beyond the end there are zeros.
    func number(_ width: Int, at place: Int) -> Int {
      guard place <= bytes.count - width else { return 0 }
      return bytes[place..<place + width].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let recordLength = 46
    guard var place = bytes.indices.first(where: { number(4, at: $0) == 0x0201_4B50 }) else { return nil }
    self.init([])
    while number(4, at: place) == 0x0201_4B50 {
      let name = place + recordLength
      let extra = name + number(2, at: place + 28)
      let end = extra + number(2, at: place + 30)
      guard end <= bytes.count else { return nil }
      let isLarge = number(4, at: place + 42) == 0xFFFF_FFFF && number(2, at: extra) == 1
      let offset = isLarge ? number(8, at: extra + 20) : number(4, at: place + 42)
      let packedCount = isLarge ? number(8, at: extra + 12) : number(4, at: place + 20)
      guard (0..<bytes.count).contains(offset), (0...bytes.count).contains(packedCount) else { return nil }
      let headerExtra = offset + 30 + number(2, at: offset + 26)
      let start = headerExtra + number(2, at: offset + 28)
      guard start + packedCount <= bytes.count else { return nil }

      var entry = Entry(String(decoding: bytes[name..<extra], as: UTF8.self), Array(bytes[start..<start + packedCount]))
      entry.count = isLarge ? number(8, at: extra + 4) : number(4, at: place + 24)
      entry.checksum = UInt32(number(4, at: place + 16))
      entry.method = UInt16(number(2, at: place + 10))
      entry.headerExtra = Array(bytes[headerExtra..<start])
      entry.isLarge = isLarge
      entries.append(entry)
      place = end
    }
    hasLargeEnd = number(4, at: place) == 0x0606_4B50
  }
}

extension HandMadeZip.Entry {
  /// Where the bytes stand in `packed`: behind the five before a single block that is not compressed, or from the
  /// beginning. They cannot be told where they are compressed, and then it is the stream that is changed.
  fileprivate var isBlock: Bool { method == 8 && packed.count >= 5 && packed[0] == 1 }
}

extension Mutator {
  /// Changes what entries hold, or what is said about them, and leaves all else in agreement with that.
  mutating func changedArchive(_ bytes: [UInt8], _ donor: [UInt8]) -> [UInt8] {
    guard var zip = HandMadeZip(reading: bytes), !zip.entries.isEmpty else {
      return changedBytes(bytes, donor, isText: false)
    }
    repeat {
      let count = zip.entries.count
      let place = below(count)
      switch below(12) {
      case 0: changeEnd(&zip)
      case 1: zip.entries.swapAt(place, below(count))
      case 2: if count > 1 { zip.entries.remove(at: place) }
      case 3: zip.entries.append(zip.entries[place])
      case 4, 5: changeRecord(&zip.entries[place], other: zip.entries[below(count)])
      case 6, 7: changeContent(&zip.entries[place])
      default: changeContent(&zip.entries[zip.entries.firstIndex { $0.name.hasSuffix(".pkl") } ?? place])
      }
    } while chance(1, of: 3)
    return chance(1, of: 16) ? changedBytes(zip.bytes, donor, isText: false) : zip.bytes
  }

  /// Half of the time the checksum is that of the new bytes: without it they are hardly looked at.
  private mutating func changeContent(_ entry: inout HandMadeZip.Entry) {
    let isBlock = entry.isBlock
    var content = isBlock ? Array(entry.packed.dropFirst(5)) : entry.packed
    content =
      entry.name.hasSuffix(".pkl") ? changedPickle(content, content) : changedBytes(content, content, isText: true)
    content = Array(content.prefix(FuzzInput.longestFile - 1))
    entry.packed = isBlock ? HandMadeZip.deflated(content) : content
    entry.packedCount = entry.packed.count
    guard isBlock || entry.method == 0 else { return }
    entry.count = content.count
    if chance(1, of: 2) { entry.checksum = HandMadeZip.checksum(content) }
  }

  private mutating func changeRecord(_ entry: inout HandMadeZip.Entry, other: HandMadeZip.Entry) {
    switch below(11) {
    case 0:
      entry.name = pick([other.name, "", "data.pkl", "m/data.pkl", "n/data.pkl", "m/data/1", "m/version", "é", "../a"])
      if chance(1, of: 2) { entry.headerName = entry.name }
    case 1: entry.headerName = other.name
    case 2: entry.method = pick([0, 8, 9, 12, UInt16(below(1 << 16))])
    case 3: entry.flags = UInt16(below(1 << 16))
    case 4: entry.disk = pick([1, .max])
    case 5: entry.count = boundary(near: entry.count)
    case 6: entry.packedCount = boundary(near: entry.packedCount)
    case 7: entry.offset = boundary(near: below(4096))
    case 8: entry.isLarge.toggle()
    case 9: entry.extra = [1, 0, UInt8(below(40)), 0] + [UInt8](repeating: UInt8(below(256)), count: below(40))
    default: entry.headerExtra = [UInt8](repeating: 0, count: below(80))
    }
  }

  private mutating func changeEnd(_ zip: inout HandMadeZip) {
    switch below(9) {
    case 0: zip.hasLargeEnd.toggle()
    case 1: zip.count = boundary(near: zip.entries.count)
    case 2: zip.directoryCount = boundary(near: 46 * zip.entries.count)
    case 3: zip.directoryStart = boundary(near: below(4096))
    case 4: zip.largeCount = boundary(near: zip.entries.count)
    case 5: zip.largeStart = boundary(near: below(4096))
    case 6: zip.largeOffset = boundary(near: below(4096))
    case 7: zip.comment = [UInt8](repeating: UInt8(below(256)), count: below(200))
    default: zip.gap = [UInt8](repeating: UInt8(below(256)), count: below(200))
    }
  }
}
