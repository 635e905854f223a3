import Foundation

/// The bytes of a tar archive, or of a single compressed file, as they are when what compressed them is undone.
///
/// Reads beyond the end of the archive up to the end of the file, so that the checksums at its end count too.
final class ArchiveSource {
  private enum Encoding { case plain, gzip, filtered }

  private let file: ArchiveFile
  private let encoding: Encoding
  private var gzip = GzipStream()
  private var filter: ArchiveReader?
  private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
  private var packedRest = UnsafeRawBufferPointer(start: nil, count: 0)
  private let unpacked = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
  /// How many bytes were made of the file's, or skipped.
  private(set) var count = 0
  /// How many of them somebody has use for; the others are bounded.
  var usedCount = 0
  private let largestUnused: Int
  /// What went wrong while libarchive was asking for bytes.
  private(set) var failure: ArtifactError?

  var path: String { file.path }
  var size: Int { file.size }
  var isCompressed: Bool { encoding != .plain }
  /// How far the file was read.
  var position: Int { file.position }

  init(_ file: consuming ArchiveFile) throws(ArtifactError) {
    let start = try file.bytes(at: 0, count: 6)
    if start.starts(with: [0x1F, 0x8B]) {
      encoding = .gzip
    } else if start == [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] || start.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
      || start.starts(with: Array("BZh".utf8))
    {
      encoding = .filtered
      filter = try ArchiveReader(decompressing: file)
    } else {
      encoding = .plain
    }
    // Texts are compressed by a factor of 2 to 20. Whoever wants a small file of a large archive unpacks the rest for
    // nothing; a bomb would make that endless.
    largestUnused = 100 * file.size + (64 << 20)
    self.file = file
  }

  deinit {
    packed.deallocate()
    unpacked.deallocate()
  }

  /// The next bytes, which stay until the next call; none at the end.
  func next() throws(ArtifactError) -> UnsafeRawBufferPointer {
    let bytes: UnsafeRawBufferPointer
    switch encoding {
    case .plain: bytes = UnsafeRawBufferPointer(rebasing: unpacked[..<(try file.read(into: unpacked))])
    case .gzip: bytes = try nextInflated()
    case .filtered: bytes = try filter!.nextBlock()?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }
    count += bytes.count
    guard !isCompressed || count - usedCount <= largestUnused else {
      throw .refusedEntry(
        file: path, entry: "", reason: "\(size) bytes unpack to over \(largestUnused) beside what is wanted of them")
    }
    return bytes
  }

  private func nextInflated() throws(ArtifactError) -> UnsafeRawBufferPointer {
    do {
      while true {
        let count = try gzip.inflate(&packedRest, into: unpacked)
        if count > 0 { return UnsafeRawBufferPointer(rebasing: unpacked[..<count]) }
        let read = try file.read(into: packed)
        packedRest = UnsafeRawBufferPointer(rebasing: packed[..<read])
        guard read == 0 else { continue }
        guard gzip.isComplete else { throw GzipError(position: gzip.position, reason: "ends within a gzip member") }
        return UnsafeRawBufferPointer(start: nil, count: 0)
      }
    } catch let error as GzipError {
      throw .invalidArchive(file: path, entry: nil, reason: "byte \(error.position): \(error.reason)")
    } catch let error as ArtifactError {
      throw error
    } catch {
      fatalError("\(error)")
    }
  }

  /// `next` for a caller that cannot take an error: nil, and `failure` has it.
  func nextOrFailure() -> UnsafeRawBufferPointer? {
    do {
      return try next()
    } catch {
      failure = error
      return nil
    }
  }

  /// Skips up to `count` bytes where that needs no reading; returns how many.
  func skip(_ count: Int) -> Int {
    guard !isCompressed else { return 0 }
    do {
      let skipped = try file.skip(count)
      self.count += skipped
      return skipped
    } catch {
      failure = error
      return 0
    }
  }
}
