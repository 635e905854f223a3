import Foundation

/// Takes the compressed bytes of a file of JSON lines as they arrive and keeps the wanted lines, without the whole ever
/// being in memory or on the disk.
///
/// The file is gzip'd, or plain if its first two bytes are not gzip's. Only whole blocks of `blockSize` bytes are
/// unpacked, so that nothing depends on the pieces in which the bytes arrive: zlib reads ahead by a few bits, and how
/// far depends on where its input ends.
package struct DocumentSlice: ~Copyable {
  package static let blockSize = 1 << 14

  private let selection: SliceSelection
  private let name: String
  private var gzip: GzipStream
  private var isGzip: Bool?
  private var block: [UInt8] = []
  private let inflated = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var lines: LineSlice
  package private(set) var compressedBytesUsed = 0

  /// - Parameters:
  ///   - name: what errors call the compressed file.
  ///   - largestLine: the bytes that a line may have, wanted or not.
  ///   - file: does not exist yet; gets the wanted lines as they are, each with its line feed. Without `finish`, it is
  ///     removed again.
  package init(
    selection: SliceSelection, name: String, largestLine: Int = 64 << 20, into file: String
  ) throws(ArtifactError) {
    if case .lines(let lines) = selection {
      precondition(zip(lines, lines.dropFirst()).allSatisfy { $0 < $1 }, "the lines of a slice ascend")
    }
    self.selection = selection
    self.name = name
    gzip = GzipStream()
    lines = try LineSlice(selection, of: name, largestLine: largestLine, into: file)
  }

  deinit { inflated.deallocate() }

  package var isComplete: Bool { lines.isComplete }
  /// Line feeds so far.
  package var linesSeen: Int { lines.seen }

  /// Takes the next bytes of the compressed stream; false once the slice is complete, and further ones do nothing.
  package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) -> Bool {
    var rest = bytes
    while !isComplete, !rest.isEmpty {
      let count = min(rest.count, Self.blockSize - block.count)
      if count == Self.blockSize {
        try unpack(UnsafeRawBufferPointer(rebasing: rest[..<count]))
      } else {
        block += rest[..<count]
        if block.count == Self.blockSize { try unpackBlock() }
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return !isComplete
  }

  /// Ends the stream, and brings the slice to the disk.
  ///
  /// - Throws: `.invalidText` with the number of lines where the stream ended before the slice was complete,
  ///   `.invalidArchive` where it ended within a gzip member.
  package consuming func finish() throws(ArtifactError) -> SliceRecord {
    if !isComplete { try unpackBlock() }
    if !isComplete {
      guard isGzip != true || gzip.isComplete else {
        throw .invalidArchive(
          file: name, entry: nil,
          reason: "byte \(gzip.position): ends within a gzip member, after \(lines.seen) lines")
      }
      throw lines.shortage
    }
    let (size, digest) = try lines.finish()
    return SliceRecord(
      lines: selection.count, size: size, sha256: digest, compressedBytesUsed: compressedBytesUsed)
  }

  private mutating func unpackBlock() throws(ArtifactError) {
    var whole: [UInt8] = []
    swap(&whole, &block)
    var failure: ArtifactError?
    whole.withUnsafeBytes { bytes in
      do throws(ArtifactError) { try unpack(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    whole.removeAll(keepingCapacity: true)
    swap(&whole, &block)
  }

  private mutating func unpack(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) {
    compressedBytesUsed += bytes.count
    let isGzip = isGzip ?? bytes.starts(with: [0x1F, 0x8B])
    self.isGzip = isGzip
    guard isGzip else { return try lines.take(bytes) }
    var rest = bytes
    while !isComplete {
      let count: Int
      do throws(GzipError) {
        count = try gzip.inflate(&rest, into: inflated)
      } catch {
        throw .invalidArchive(file: name, entry: nil, reason: "byte \(error.position): \(error.reason)")
      }
      if count == 0 { return }
      try lines.take(UnsafeRawBufferPointer(rebasing: inflated[..<count]))
    }
  }
}
