/// Why an entry is not taken.
struct EntryRefusal: Error, Equatable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// Where an entry would be written: the names of the folders and of the file, one below another.
struct EntryPath: Equatable {
  static let largestName = 255
  static let largestPath = 1024

  /// Empty for the archive's own folder.
  let components: [String]
  /// Only text can be written; a name in another encoding than UTF-8 is not refused as long as nobody wants it.
  let isText: Bool
  /// The components with slashes between them.
  let text: String

  /// Leaves out `.`, doubled slashes and one at the end; refuses whatever leads elsewhere, on any system.
  init(_ name: [UInt8]) throws(EntryRefusal) {
    guard !name.isEmpty else { throw EntryRefusal("has no name") }
    guard name.count <= Self.largestPath else { throw EntryRefusal("a path of over \(Self.largestPath) bytes") }
    guard name.first != UInt8(ascii: "/") else { throw EntryRefusal("an absolute path") }
    guard !name.contains(UInt8(ascii: "\\")) else { throw EntryRefusal("a path with a backslash") }
    guard !Self.hasDriveLetter(name) else { throw EntryRefusal("a path with a drive letter") }
    let parts = name.split(separator: UInt8(ascii: "/")).filter { $0 != [UInt8(ascii: ".")] }
    guard !parts.contains(Array("..".utf8)[...]) else { throw EntryRefusal("a path with ..") }
    guard parts.allSatisfy({ $0.count <= Self.largestName }) else {
      throw EntryRefusal("a name of over \(Self.largestName) bytes")
    }
    guard !Self.hasControlCharacter(name) else { throw EntryRefusal("a name with a control character") }
    components = parts.map { String(decoding: $0, as: UTF8.self) }
    isText = String(validating: name, as: UTF8.self) != nil
    text = components.joined(separator: "/")
  }

  /// U+0000 to U+001F, and U+007F to U+009F, of which those from U+0080 on are two bytes that mean nothing else.
  private static func hasControlCharacter(_ name: [UInt8]) -> Bool {
    var last: UInt8 = 0
    for byte in name {
      if byte < 0x20 || byte == 0x7F || last == 0xC2 && (0x80..<0xA0).contains(byte) { return true }
      last = byte
    }
    return false
  }

  private static func hasDriveLetter(_ name: some Collection<UInt8>) -> Bool {
    name.dropFirst().first == UInt8(ascii: ":") && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(name.first! | 0x20)
  }

  /// Whether a link that stands here leads out of the archive's folder.
  ///
  /// A symbolic link's target counts from the link's folder, a hard link's from the archive's. Links are never written,
  /// so that no other link can change what a target means.
  func leadsOutside(linkTo target: [UInt8], isSymbolic: Bool) -> Bool {
    if target.first == UInt8(ascii: "/") || target.contains(UInt8(ascii: "\\")) || Self.hasDriveLetter(target) {
      return true
    }
    var depth = isSymbolic ? components.count - 1 : 0
    for part in target.split(separator: UInt8(ascii: "/")) where part != [UInt8(ascii: ".")] {
      depth += part == Array("..".utf8)[...] ? -1 : 1
      if depth < 0 { return true }
    }
    return false
  }
}

/// The paths that an archive has taken so far, as a file system would see them that knows neither upper and lower case
/// nor the ways to write an accent.
struct TakenPaths {
  private enum Kind { case file, folder }

  private var taken: [String: (path: String, kind: Kind)] = [:]
  /// The folder taken last, and not refused, which is mostly that of the next file too.
  private var last: ArraySlice<String> = []

  mutating func takeFile(_ path: EntryPath) throws(EntryRefusal) {
    try takeFolders(path.components.dropLast())
    try take(path.text, .file)
  }

  mutating func takeFolder(_ path: EntryPath) throws(EntryRefusal) { try takeFolders(path.components[...]) }

  private mutating func takeFolders(_ components: ArraySlice<String>) throws(EntryRefusal) {
    // Compared byte by byte: equal strings may be written differently.
    guard !components.elementsEqual(last, by: { $0.utf8.elementsEqual($1.utf8) }) else { return }
    var folder = ""
    for component in components {
      folder += folder.isEmpty ? component : "/" + component
      try take(folder, .folder)
    }
    last = components
  }

  private mutating func take(_ path: String, _ kind: Kind) throws(EntryRefusal) {
    // Equal strings are those of the same characters, composed or not. Upper case first makes ß and ss the same.
    let folded = path.uppercased().lowercased()
    guard let former = taken[folded] else {
      taken[folded] = (path, kind)
      return
    }
    guard former.kind == kind else { throw EntryRefusal("a file and a folder of one name") }
    guard former.path.utf8.elementsEqual(path.utf8) else {
      throw EntryRefusal("differs only in case or in the form of its accents from \(former.path)")
    }
    guard kind == .folder else { throw EntryRefusal("comes twice") }
  }
}
