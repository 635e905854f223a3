import Artifacts
import Foundation
import TestServers
import Testing

@Suite struct HuggingFaceSettingsTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func settings(_ environment: [String: String] = [:]) -> HuggingFaceSettings {
    HuggingFaceSettings(environment: environment, homeFolder: scratch.path)
  }

  @Test func `with nothing set, it is the hub itself and the cache in the user's folder`() {
    #expect(settings().endpoint == "https://huggingface.co")
    #expect(!settings().isOffline)
    #expect(settings().cacheFolder == scratch.path + "/.cache/huggingface/hub")
    #expect(settings().token == nil)
    #expect(settings(["HF_ENDPOINT": "", "HF_TOKEN": "", "HF_HOME": ""]).endpoint == "https://huggingface.co")
  }

  @Test func `the nearer a variable is to the thing, the more it counts`() {
    var variables = ["XDG_CACHE_HOME": "/xdg"]
    #expect(settings(variables).cacheFolder == "/xdg/huggingface/hub")
    variables["HF_HOME"] = "/home"
    #expect(settings(variables).cacheFolder == "/home/hub")
    variables["HF_HUB_CACHE"] = "/cache"
    #expect(settings(variables).cacheFolder == "/cache")
  }

  @Test(arguments: [("1", true), ("ON", true), ("true", true), ("yes", true), ("0", false), ("no", false), ("", false)])
  func `the hub is offline where it is said`(value: String, isOffline: Bool) {
    #expect(settings(["HF_HUB_OFFLINE": value]).isOffline == isOffline)
  }

  @Test func `a token is the variable's, else that of its file, else that of the user's folder`() throws {
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/.cache/huggingface", withIntermediateDirectories: true)
    _ = try scratch.file(".cache/huggingface/token", Array("stored\n".utf8))
    let named = try scratch.file("named", Array(" named \n".utf8))
    #expect(settings().token == "stored")
    #expect(settings(["HF_TOKEN_PATH": named]).token == "named")
    #expect(settings(["HF_TOKEN_PATH": named, "HF_TOKEN": "given"]).token == "given")
  }

  @Test func `a token over several lines is none: it would end its header`() {
    #expect(settings(["HF_TOKEN": "secret\r\nX-Other: 1"]).token == nil)
  }

  @Test func `a file's URL and its place in the cache are those of the hub's own programs`() throws {
    let revision = String(repeating: "c", count: 40)
    let model = HuggingFaceFile(kind: .model, repository: "org/model", revision: revision, path: "a b.json")
    let data = HuggingFaceFile(kind: .dataset, repository: "org/data", revision: revision, path: "en/a.gz")
    let endpoint = settings(["HF_ENDPOINT": "http://mirror.example//"]).endpoint
    #expect(model.url(endpoint: endpoint) == "http://mirror.example/org/model/resolve/\(revision)/a%20b.json")
    #expect(data.url(endpoint: endpoint) == "http://mirror.example/datasets/org/data/resolve/\(revision)/en/a.gz")
    let folder = scratch.path + "/hub/datasets--org--data/snapshots/\(revision)/en"
    #expect(settings(["HF_HUB_CACHE": scratch.path + "/hub"]).cachedPath(of: data) == nil)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: folder + "/a.gz"))
    #expect(settings(["HF_HUB_CACHE": scratch.path + "/hub"]).cachedPath(of: data) == folder + "/a.gz")
  }

  @Test func `a token shows itself in no description`() {
    let token = Token(value: "secret", origin: "https://huggingface.co")
    #expect(!"\(token)".contains("secret") && !String(reflecting: token).contains("secret"))
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!dumped.contains("secret"))
  }
}
