import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct RecordedDigestsTests {
  private let scratch: ScratchFolder
  private let path: String
  private let artifact: Artifact
  private let record = RecordedDigests.Record(sha256: sha256([1]), size: 1, source: "https://example.org/a.bin")

  init() throws {
    scratch = try ScratchFolder()
    path = scratch.path + "/artifacts.lock.json"
    let files = ["a.bin", "b.bin"].map { name in
      ArtifactFile(
        name: name, sources: [.url("https://example.org/\(name)")], size: nil, approximateSize: nil, sha256: nil,
        content: .whole)
    }
    artifact = Artifact(name: "work", title: "Work", licence: "none", terms: nil, files: files)
  }

  @Test func `records are sorted, one below the other, so that they can be committed`() throws {
    try RecordedDigests.add(record, artifact, artifact.files[1], to: path)
    try RecordedDigests.add(record, artifact, artifact.files[0], to: path)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      text == """
        {
          "work/a.bin" : {
            "sha256" : "\(record.sha256)",
            "size" : 1,
            "source" : "https://example.org/a.bin"
          },
          "work/b.bin" : {
            "sha256" : "\(record.sha256)",
            "size" : 1,
            "source" : "https://example.org/a.bin"
          }
        }

        """)
    #expect(try RecordedDigests(contentsOf: path)[artifact, artifact.files[0]] == record)
    #expect(!FileManager.default.fileExists(atPath: path + ".lock"))
  }

  @Test func `the first record stays, and another one for the same file is an error`() throws {
    try RecordedDigests.add(record, artifact, artifact.files[0], to: path)
    var elsewhere = record
    elsewhere.source = "https://example.com/a.bin"
    try RecordedDigests.add(elsewhere, artifact, artifact.files[0], to: path)
    #expect(try RecordedDigests(contentsOf: path)[artifact, artifact.files[0]] == record)
    let other = RecordedDigests.Record(sha256: sha256([2]), size: 1, source: "https://example.com/a.bin")
    #expect(
      throws: ArtifactError.otherDigest(
        file: "work/a.bin", source: other.source, expected: record.sha256, found: other.sha256)
    ) { try RecordedDigests.add(other, artifact, artifact.files[0], to: path) }
    #expect(try RecordedDigests(contentsOf: path)[artifact, artifact.files[0]] == record)
  }

  @Test func `records that several threads add at once are all kept`() throws {
    let files = (0..<20).map { number in
      ArtifactFile(
        name: "\(number)", sources: [], size: nil, approximateSize: nil, sha256: nil, content: .whole)
    }
    let (artifact, record, path) = (artifact, record, path)
    DispatchQueue.concurrentPerform(iterations: files.count) { number in
      #expect(throws: Never.self) { try RecordedDigests.add(record, artifact, files[number], to: path) }
    }
    #expect(try RecordedDigests(contentsOf: path).records.count == files.count)
  }

  @Test(arguments: [
    "", "[]", "{\"a/b\": 3}", "{\"a/b\": {\"sha256\": \"\(String(repeating: "0", count: 64))\"}}",
    "{\"a/b\": {\"sha256\": \"00\", \"size\": 1, \"source\": \"\"}}",
    "{\"a/b\": {\"sha256\": \"\(String(repeating: "0", count: 64))\", \"size\": -1, \"source\": \"\"}}",
    "{\"a/b\": {\"sha256\": \"\(String(repeating: "G", count: 64))\", \"size\": 1, \"source\": \"\"}}",
  ])
  func `a damaged file is not taken for an empty one`(text: String) throws {
    _ = try scratch.file("artifacts.lock.json", Array(text.utf8))
    let error = #expect(throws: ArtifactError.self) { try RecordedDigests(contentsOf: path) }
    guard case .unreadable(file: path, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a file that is not there has no records`() throws {
    #expect(try RecordedDigests(contentsOf: path) == RecordedDigests())
  }
}
