internal import CCrypto
import Foundation

/// The SHA-256 digest (FIPS 180-4) of bytes that arrive piece by piece, by OpenSSL's libcrypto, which uses the
/// processor's own instructions for it where there are any.
package struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto has no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { fatalError("EVP_DigestUpdate failed") }
  }

  /// The digest as 64 lower-case hexadecimal digits.
  package consuming func finalize() -> String { Self.digest(finishing: context) }

  /// The digest of the bytes so far; more may follow.
  package var current: String {
    guard let copy = EVP_MD_CTX_new(), EVP_MD_CTX_copy_ex(copy, context) == 1 else {
      fatalError("EVP_MD_CTX_copy_ex failed")
    }
    defer { EVP_MD_CTX_free(copy) }
    return Self.digest(finishing: copy)
  }

  private static let hexadecimalDigits = Array("0123456789abcdef".utf8)

  private static func digest(finishing context: OpaquePointer) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { fatalError("EVP_DigestFinal_ex failed") }
    return String(unsafeUninitializedCapacity: 2 * digest.count) { text in
      for (index, byte) in digest.enumerated() {
        text[2 * index] = hexadecimalDigits[Int(byte >> 4)]
        text[2 * index + 1] = hexadecimalDigits[Int(byte & 15)]
      }
      return 2 * digest.count
    }
  }
}

/// The SHA-256 digest of `bytes`, as 64 lower-case hexadecimal digits.
package func sha256(_ bytes: some Sequence<UInt8>) -> String {
  var hasher = SHA256Hasher()
  Array(bytes).withUnsafeBytes { hasher.update($0) }
  return hasher.finalize()
}

/// A file that could not be read to its end.
package struct FileReadingError: Error, Equatable {
  package let file: String
  package let reason: String
}

/// The SHA-256 digest of a file's bytes, read piece by piece.
package func sha256(ofFile path: String) throws(FileReadingError) -> String {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  func failure() -> FileReadingError { FileReadingError(file: path, reason: String(cString: strerror(errno))) }
  guard descriptor >= 0 else { throw failure() }
  defer { close(descriptor) }
  var hasher = SHA256Hasher()
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
  defer { buffer.deallocate() }
  while true {
    let count = read(descriptor, buffer.baseAddress, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw failure() }
    if count == 0 { return hasher.finalize() }
    hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }
}
