internal import CZlib

/// Why bytes are not the deflate stream that was announced.
struct DeflateError: Error {
  let reason: String
}

/// The raw deflate stream `source` (RFC 1951), unpacked by zlib's `inflate` to exactly `count` bytes.
///
/// - Throws: where the stream is malformed, unpacks to another number of bytes, or does not end with `source`; and,
///   before any memory is taken, where no stream of that length can unpack to so many bytes.
func inflated(_ source: UnsafeRawBufferPointer, count: Int) throws(DeflateError) -> OwnedBytes {
  // At best 258 bytes out of two bits.
  let largestExpansion = 1032
  guard count / largestExpansion <= source.count else {
    throw DeflateError(reason: "\(source.count) bytes cannot unpack to \(count)")
  }
  guard let result = OwnedBytes(count: count) else { throw DeflateError(reason: "no memory for \(count) bytes") }

  var stream = z_stream()
  guard inflateInitWithoutHeader(&stream) == Z_OK else { throw DeflateError(reason: "zlib does not start") }
  defer { inflateEnd(&stream) }
  // zlib counts a piece in 32 bits.
  let longestPiece = 1 << 30
  var consumed = 0
  var produced = 0
  while true {
    let input = min(source.count - consumed, longestPiece)
    let output = min(count - produced, longestPiece)
    stream.next_in = source.baseAddress.map {
      UnsafeMutableRawPointer(mutating: $0 + consumed).assumingMemoryBound(to: Bytef.self)
    }
    stream.avail_in = uInt(input)
    stream.next_out = result.buffer.baseAddress.map { ($0 + produced).assumingMemoryBound(to: Bytef.self) }
    stream.avail_out = uInt(output)
    let status = inflate(&stream, Z_NO_FLUSH)
    consumed += input - Int(stream.avail_in)
    produced += output - Int(stream.avail_out)
    if status == Z_STREAM_END { break }
    // Without progress the status is Z_BUF_ERROR, so the loop ends.
    guard status == Z_OK else {
      let cause =
        stream.msg.map { String(cString: $0) } ?? "the stream is cut off, or longer than \(count) bytes unpacked"
      throw DeflateError(reason: cause)
    }
  }
  guard produced == count else { throw DeflateError(reason: "unpacks to \(produced) bytes, not to \(count)") }
  guard consumed == source.count else {
    throw DeflateError(reason: "ends after \(consumed) of \(source.count) bytes")
  }
  return result
}

/// The CRC-32 of zip archives, by zlib's `crc32_z`.
func crc32(of bytes: UnsafeRawBufferPointer) -> UInt32 {
  guard let start = bytes.baseAddress else { return 0 }
  return UInt32(truncatingIfNeeded: crc32_z(0, start.assumingMemoryBound(to: Bytef.self), bytes.count))
}
