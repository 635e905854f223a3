import Artifacts
import Testing

@Suite struct SHA256Tests {
  // FIPS 180-4's example messages.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func `agrees with the published digests`(message: String, digest: String) {
    #expect(sha256(message.utf8) == digest)
  }

  @Test func `does not depend on how the bytes are cut`() {
    let bytes = (0..<1000).map { UInt8($0 % 251) }
    var hasher = SHA256Hasher()
    bytes[..<7].withUnsafeBytes { hasher.update($0) }
    bytes[7...].withUnsafeBytes { hasher.update($0) }
    #expect(hasher.finalize() == sha256(bytes))
  }

  @Test func `can be told midway without an end to it`() {
    var hasher = SHA256Hasher()
    Array("ab".utf8).withUnsafeBytes { hasher.update($0) }
    #expect(hasher.current == sha256("ab".utf8))
    Array("c".utf8).withUnsafeBytes { hasher.update($0) }
    #expect(hasher.finalize() == sha256("abc".utf8))
  }
}
