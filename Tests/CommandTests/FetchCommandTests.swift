import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct FetchCommandTests {
  private let scene: FetchScene
  private let bytes = FetchScene.bytes(50_000, seed: 1)

  init() throws { scene = try FetchScene() }

  private func addData(_ more: String = "") throws {
    try scene.add("data", [SceneFile(name: "data.bin", bytes: bytes)], more: more)
  }

  // MARK: Plans

  @Test func `a dry run prints the plan and moves nothing`() throws {
    try addData()
    try scene.add("set", [.zip("set.zip", [("set/a.txt", [1, 2, 3])])])
    let outcome = try scene.run("fetch", "data", "set", "--dry-run")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    // Words begin, and numbers end, below their headings.
    #expect(lines[0] == "file              size  SHA-256  state        from")
    #expect(lines[2] == "data/data.bin  50.0 kB  known    to download  127.0.0.1")
    #expect(lines[3].hasPrefix("set/set.zip  "))
    #expect(outcome.output.contains("To download: "))
    #expect(outcome.output.contains("data, The data: CC0"))
    #expect(scene.server.requests.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: scene.store.folder))
    let json = try scene.run("fetch", "data", "--dry-run", "--json")
    let plan = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(plan["bytesToDownload"] as? Int == bytes.count)
  }

  @Test func `the plan of the paper names every file and its size`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let outcome = try Command.run(
      [
        "fetch", "--suite", "paper", "--dry-run", "--manifest", root.path + "/Baselines/artifacts.yaml", "--store",
        scene.store.folder,
      ], environment: scene.environment())
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("arc/ARC-V1-Feb2018.zip"))
    #expect(outcome.output.contains("680.8 MB"))
    #expect(outcome.output.contains("to be accepted: research only"))
    #expect(!outcome.output.contains("unknown"))
    // Data sets of 1.8 GB, shards of 0.4 GB, and two checkpoints of 13.5 and 13.3 GB.
    #expect(outcome.output.contains("To download: about 28."))
  }

  // MARK: Fetching

  @Test func `what is fetched is told on standard output, and is not fetched again`() throws {
    try addData()
    for _ in 0..<2 {
      let outcome = try scene.run("fetch", "data")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output == "\(scene.store.folder)/artifacts/data\n")
      #expect(scene.content("data/data.bin") == bytes)
    }
    #expect(scene.server.requests.count == 1)
    #expect(scene.server.requests[0].fields["user-agent"]?.hasPrefix("recollect/") == true)
    let json = try scene.run("fetch", "data", "--json", "--quiet")
    #expect(json.output == "{\n  \"data\" : \"\(scene.store.folder)/artifacts/data\"\n}\n")
    #expect(json.errors == "")
  }

  @Test func `a failing source is told without a wait that is none`() throws {
    let urls = ["/gone.bin", "/data.bin"].map { scene.server.url($0) }
    try scene.add("data", [SceneFile(name: "data.bin", bytes: bytes)])
    let text = try scene.text("artifacts.yaml").replacingOccurrences(
      of: "[\"\(urls[1])\"]", with: "[\"\(urls[0])\", \"\(urls[1])\"]")
    try text.write(toFile: scene.manifest, atomically: true, encoding: .utf8)
    let outcome = try scene.run("fetch", "data")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("data/data.bin: HTTP 404; going on at once"), "\(outcome.errors)")
  }

  @Test func `unknown names are a matter of usage`() throws {
    try addData()
    let name = try scene.run("fetch", "dta")
    #expect(name.status == 64)
    #expect(name.errors.contains("no artifact “dta”; did you mean “data”?"), "\(name.errors)")
    let suite = try scene.run("fetch", "--suite", "papr")
    #expect(suite.status == 64)
    #expect(suite.errors.contains("no suite “papr”; known are: all"), "\(suite.errors)")
    #expect(try scene.run("fetch").status == 64)
    #expect(try scene.run("fetch", "data", "--accept", "other").status == 64)
    #expect(scene.server.requests.isEmpty)
  }

  @Test func `a source that cannot be reached is named`() throws {
    try addData()
    scene.server.stop()
    let outcome = try scene.run("fetch", "data", "--mirror", scene.scratch.path + "/nowhere", "--quiet")
    #expect(outcome.status == 69)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("127.0.0.1:\(scene.server.port)/data.bin: connection refused"), "\(outcome.errors)")
    #expect(outcome.errors.contains("/nowhere/data/data.bin: no such file or directory"), "\(outcome.errors)")
  }

  @Test func `what can be had is had, though another file cannot`() throws {
    try addData()
    try scene.add("gone", [SceneFile(name: "gone.bin", bytes: [1])])
    scene.server.script("/gone.bin", after: .status(404))
    let outcome = try scene.run("fetch", "data", "gone")
    #expect(outcome.status == 69)
    #expect(outcome.output == "\(scene.store.folder)/artifacts/data\n")
    #expect(outcome.errors.contains("gone/gone.bin: HTTP 404") || outcome.errors.contains("/gone.bin: HTTP 404"))
    #expect(scene.content("data/data.bin") == bytes)
  }

  @Test func `another file than the known one is an error with both digests`() throws {
    var file = SceneFile(name: "data.bin", bytes: bytes)
    file.declaredDigest = sha256([1, 2, 3])
    try scene.add("data", [file])
    let outcome = try scene.run("fetch", "data")
    #expect(outcome.status == 69)
    #expect(outcome.errors.contains("SHA-256 \(sha256(bytes)), expected \(sha256([1, 2, 3]))"), "\(outcome.errors)")
    #expect(try scene.store.allObjects().isEmpty)
  }

  // MARK: Trust on first use

  @Test func `a first digest is recorded beside the manifest, and a later difference is an error`() throws {
    var file = SceneFile(name: "data.bin", bytes: bytes)
    file.isDigestKnown = false
    try scene.add("data", [file])
    let refused = try scene.run("fetch", "data", "--locked")
    #expect(refused.status == 69)
    #expect(refused.errors.contains("its SHA-256 is not known"), "\(refused.errors)")
    #expect(scene.server.requests.isEmpty)
    let first = try scene.run("fetch", "data")
    #expect(first.status == 0)
    #expect(first.errors.contains("Recorded the digests of 1 files in \(scene.recordFile)"), "\(first.errors)")
    #expect(try RecordedDigests(contentsOf: scene.recordFile).records["data/data.bin"]?.sha256 == sha256(bytes))
    #expect(try scene.run("fetch", "data", "--locked").status == 0)

    scene.server.serve(ServedFile(bytes.reversed(), entityTag: "\"2\""), at: "/data.bin")
    let later = try scene.run("fetch", "data", store: scene.scratch.path + "/other")
    #expect(later.status == 69)
    #expect(later.errors.contains("expected \(sha256(bytes))"), "\(later.errors)")
    #expect(try ArtifactStore(folder: scene.scratch.path + "/other").allObjects().isEmpty)
  }

  @Test func `a damaged record is an error, not an empty one`() throws {
    try addData()
    try Data("{".utf8).write(to: URL(fileURLWithPath: scene.recordFile))
    let outcome = try scene.run("fetch", "data")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("artifacts.lock.json cannot be read"), "\(outcome.errors)")
    #expect(scene.server.requests.isEmpty)
  }

  // MARK: Terms

  @Test func `what is under terms is fetched once they are accepted, and is not asked about again`() throws {
    try addData("    terms: research only\n")
    let open = try scene.run("fetch", "data")
    #expect(open.status == 64)
    #expect(open.errors.contains("data, The data: CC0; research only"), "\(open.errors)")
    #expect(open.errors.contains("--accept data"), "\(open.errors)")
    #expect(scene.server.requests.isEmpty)
    #expect(try scene.run("fetch", "data", "--dry-run").status == 0)
    #expect(try scene.run("fetch", "data", "--accept", "data").status == 0)
    #expect(try scene.run("cache", "gc", "data").status == 0)
    #expect(try scene.run("fetch", "data").status == 0)
    #expect(scene.server.requests.count == 2)
  }

  // MARK: Without the network, and by other ways

  @Test func `offline, what is stored is there and what is not is an error`() throws {
    try addData()
    let absent = try scene.run("fetch", "data", "--offline")
    #expect(absent.status == 69)
    #expect(absent.errors.contains("without the network there is nowhere to get it from"), "\(absent.errors)")
    #expect(try scene.run("fetch", "data", environment: ["HF_HUB_OFFLINE": "1"]).status == 69)
    #expect(scene.server.requests.isEmpty)
    #expect(try scene.run("fetch", "data").status == 0)
    let present = try scene.run("fetch", "data", "--offline")
    #expect(present.status == 0 && present.output == "\(scene.store.folder)/artifacts/data\n")
  }

  @Test func `a mirror is a folder or a URL, and serves offline where it is a folder`() throws {
    try addData()
    _ = try scene.scratch.folder("mirror")
    _ = try scene.scratch.folder("mirror/data")
    _ = try scene.scratch.file("mirror/data/data.bin", bytes)
    let folder = scene.scratch.path + "/mirror"
    #expect(try scene.run("fetch", "data", "--offline", "--mirror", folder).status == 0)
    #expect(scene.server.requests.isEmpty)
    scene.server.serve(ServedFile(bytes), at: "/mirror/data/data.bin")
    let store = scene.scratch.path + "/other"
    #expect(try scene.run("fetch", "data", "--mirror", scene.server.url("/mirror"), store: store).status == 0)
    #expect(scene.server.requests.map(\.status) == [404, 200])
    #expect(scene.server.requests.map(\.path).last == "/mirror/data/data.bin")
  }

  // MARK: The Hugging Face hub

  @Test func `the hub's token goes to the hub, and not with a redirect to another host`() throws {
    let revision = String(repeating: "a", count: 40)
    let manifest = """
      artifacts:
        - name: model
          title: Model
          licence: CC0
          huggingface: {model: org/model, revision: \(revision)}
          files: [{file: config.json, size: \(bytes.count), sha256: \(sha256(bytes))}]
      """
    try manifest.write(toFile: scene.manifest, atomically: true, encoding: .utf8)
    let path = "/org/model/resolve/\(revision)/config.json"
    scene.server.serve(ServedFile(bytes), at: "/elsewhere")
    scene.server.script(path, after: .redirect(to: scene.server.url("/elsewhere", host: "localhost")))
    let outcome = try scene.run(
      "fetch", "model", environment: ["HF_ENDPOINT": scene.server.url(""), "HF_TOKEN": "secret"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(scene.server.requests.map(\.path) == [path, "/elsewhere"])
    #expect(scene.server.requests.map(\.authorization) == ["Bearer secret", nil])
    #expect(scene.content("model/config.json") == bytes)
    for case let name as String in FileManager.default.enumerator(atPath: scene.scratch.path) ?? .init() {
      let text = FileManager.default.contents(atPath: "\(scene.scratch.path)/\(name)")
      #expect(text?.firstRange(of: Data("secret".utf8)) == nil, "\(name)")
    }
    #expect(!outcome.errors.contains("secret") && !outcome.output.contains("secret"))
  }

  // MARK: Proxies

  @Test func `a proxy is used where the environment names one, but for the hosts that it excepts`() throws {
    let proxy = try FaultyServer()
    defer { proxy.stop() }
    proxy.serve(ServedFile(bytes), at: "http://publisher.test/data.bin")
    try addData()
    let direct = try scene.text("artifacts.yaml")
    let distant = direct.replacingOccurrences(of: scene.server.url("/data.bin"), with: "http://publisher.test/data.bin")
    try distant.write(toFile: scene.manifest, atomically: true, encoding: .utf8)
    let variables = ["http_proxy": proxy.url(""), "no_proxy": "127.0.0.1"]
    let outcome = try scene.run("fetch", "data", environment: variables)
    #expect(outcome.status == 0, "\(outcome.errors)")
    // A proxy is asked for the whole URL.
    #expect(proxy.requests.map(\.path) == ["http://publisher.test/data.bin"])
    #expect(scene.content("data/data.bin") == bytes)

    try direct.write(toFile: scene.manifest, atomically: true, encoding: .utf8)
    let store = scene.scratch.path + "/other"
    #expect(try scene.run("fetch", "data", store: store, environment: variables).status == 0)
    #expect(proxy.requests.count == 1 && scene.server.requests.map(\.path) == ["/data.bin"])
  }
}
