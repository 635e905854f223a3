/// A hash table from texts, compared byte for byte, to ids.
///
/// It takes no array to look a text up, and is at most half full.
struct TextIndex: Sendable {
  private struct Entry {
    var hash: UInt32 = 0
    /// -1 where there is no entry.
    var id: Int32 = -1
    /// The text's place in `bytes`.
    var start = 0
    var length = 0
  }

  private var entries: [Entry]
  /// 32 less the binary logarithm of the number of entries: the upper bits of a hash are its place.
  private var shift: UInt32
  /// Another one in each process, so that no file can be made of texts that all fall into one place.
  private let seed = UInt64(truncatingIfNeeded: Hasher().finalize())
  /// All texts, one after the other.
  private var bytes: [UInt8] = []
  private var count = 0
  private var longest = 0

  init(minimumCapacity: Int = 0) {
    var bits: UInt32 = 4
    while bits < 31, 1 << bits < 2 * minimumCapacity { bits += 1 }
    entries = Array(repeating: Entry(), count: 1 << bits)
    shift = 32 - bits
  }

  subscript(text: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard text.count <= longest else { return nil }
    let hash = hash(text)
    return bytes.withUnsafeBufferPointer { bytes in
      var place = Int(hash >> shift)
      while true {
        let entry = entries[place]
        if entry.id < 0 { return nil }
        if entry.hash == hash, entry.length == text.count, Self.isSame(entry, bytes, text) { return entry.id }
        place = (place + 1) & (entries.count - 1)
      }
    }
  }

  subscript(text: some Collection<UInt8>) -> Int32? {
    text.withContiguousStorageIfAvailable { self[$0] } ?? Array(text).withUnsafeBufferPointer { self[$0] }
  }

  /// Adds a text with an id that is not negative; where it is there already, the earlier id stays and the result is
  /// false.
  mutating func insert(_ text: [UInt8], id: Int32) -> Bool {
    precondition(id >= 0, "the id \(id) is negative")
    if self[text] != nil { return false }
    if 2 * (count + 1) > entries.count {
      let old = entries
      entries = Array(repeating: Entry(), count: 2 * old.count)
      shift -= 1
      for entry in old where entry.id >= 0 { put(entry) }
    }
    let hash = text.withUnsafeBufferPointer(hash)
    put(Entry(hash: hash, id: id, start: bytes.count, length: text.count))
    bytes += text
    count += 1
    longest = max(longest, text.count)
    return true
  }

  private mutating func put(_ entry: Entry) {
    var place = Int(entry.hash >> shift)
    while entries[place].id >= 0 { place = (place + 1) & (entries.count - 1) }
    entries[place] = entry
  }

  @inline(__always)
  private static func isSame(
    _ entry: Entry, _ bytes: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    for place in text.indices where bytes[entry.start + place] != text[place] { return false }
    return true
  }

  /// Eight bytes at a time multiplied in, with the odd number nearest to 2⁶⁴ divided by the golden ratio.
  @inline(__always)
  private func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hash = seed &+ UInt64(text.count)
    var word: UInt64 = 0
    for (place, byte) in text.enumerated() {
      word = word << 8 | UInt64(byte)
      if place & 7 == 7 { hash = Self.mixed(hash ^ word) }
    }
    return UInt32(truncatingIfNeeded: Self.mixed(hash ^ word) >> 32)
  }

  @inline(__always)
  private static func mixed(_ word: UInt64) -> UInt64 {
    let product = word &* 0x9E37_79B9_7F4A_7C15
    return product ^ product >> 32
  }
}
