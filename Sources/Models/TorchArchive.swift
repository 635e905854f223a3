/// The entries of a PyTorch file, which stand below one folder: `data.pkl`, `data/0`, `data/1`, …, `version` and
/// others.
struct TorchArchive {
  let archive: ZipArchive
  private let folder: String
  private let pickleEntry: ZipArchive.Entry

  /// Enough for the names of a hundred thousand tensors. A few bytes of a pickle make a container, which takes fifty
  /// times as much, so what a small compressed entry may unpack to must end somewhere.
  private static let longestPickle = 1 << 24

  /// - Throws: `.invalidArchive` where there is no single pickle, or one that is not for this reader.
  init(_ archive: ZipArchive) throws(CheckpointError) {
    self.archive = archive
    let suffix = "/data.pkl"
    let pickles = archive.entries.filter { $0.name.hasSuffix(suffix) && !$0.name.dropLast(suffix.count).contains("/") }
    guard pickles.count == 1 else {
      throw .invalidArchive(
        file: archive.path, reason: pickles.isEmpty ? "it has no data.pkl" : "it has several data.pkl")
    }
    pickleEntry = pickles[0]
    folder = String(pickleEntry.name.dropLast(suffix.count))
    try checkFormat()
  }

  private func checkFormat() throws(CheckpointError) {
    func invalid(_ reason: String) -> CheckpointError { .invalidArchive(file: archive.path, reason: reason) }
    // Newer files that are marked so keep it in a folder of its own.
    var version = try text(of: ".data/version")
    if version == nil { version = try text(of: "version") }
    guard let version else { throw invalid("it has no version") }
    // kMaxSupportedFileFormatVersion of PyTorch is ten.
    guard let number = Int(version), (1...10).contains(number) else {
      throw invalid("it is of version “\(version)”, known are 1 to 10")
    }
    let byteOrder = try text(of: "byteorder") ?? "little"
    guard byteOrder == "little" else { throw invalid("its byte order is “\(byteOrder)”, known is “little”") }
  }

  /// A short entry, without the line feed at its end; nil where there is none.
  private func text(of name: String) throws(CheckpointError) -> String? {
    guard let entry = archive["\(folder)/\(name)"] else { return nil }
    let longest = 20
    guard entry.count <= longest else {
      throw .invalidArchive(file: archive.path, reason: "“\(entry.name)” is longer than \(longest) bytes")
    }
    let contents = try archive.contents(of: entry, verified: true)
    defer { withExtendedLifetime(contents.owner) {} }
    let line = contents.bytes.last == UInt8(ascii: "\n") ? contents.bytes.dropLast() : contents.bytes[...]
    return String(decoding: line, as: UTF8.self)
  }

  func pickle() throws(CheckpointError) -> Pickle {
    guard pickleEntry.count <= Self.longestPickle else {
      throw .invalidArchive(
        file: archive.path,
        reason: "its data.pkl has \(pickleEntry.count) bytes, more than the \(Self.longestPickle) that are read")
    }
    let contents = try archive.contents(of: pickleEntry, verified: true)
    defer { withExtendedLifetime(contents.owner) {} }
    return try Pickle(parsing: contents.bytes, file: archive.path)
  }

  /// The entry with a storage's bytes.
  func storage(_ key: String) -> ZipArchive.Entry? { archive["\(folder)/data/\(key)"] }

  /// The bytes of all entries, once unpacked.
  var byteCount: Int {
    archive.entries.reduce(0) { sum, entry in
      let (total, overflow) = sum.addingReportingOverflow(entry.count)
      return overflow ? .max : total
    }
  }
}
