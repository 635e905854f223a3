import Artifacts
import Foundation
import Reports

/// What `recollect fetch --dry-run` shows.
struct PlanReport {
  let plan: FetchPlan
  let store: ArtifactStore

  init(_ plan: FetchPlan, store: ArtifactStore) {
    self.plan = plan
    self.store = store
  }

  var text: String {
    let rows = plan.items.map { item in
      [item.name, size(of: item), item.sha256 == nil ? "at first use" : "known", state(of: item), host(of: item)]
    }
    let table = TextTable(
      heading: ["file", "size", "SHA-256", "state", "from"], rows: rows, headingWidth: 16, gap: 2,
      textColumns: [0, 2, 3, 4])
    let about = plan.isRough ? "about " : ""
    var lines = [
      "To download: \(about)\(bytes(plan.bytesToDownload)); on the disk at the most: \(about)\(bytes(plan.bytesToWrite)); "
        + "free in \(store.folder): \(bytes(plan.freeSpace))."
    ]
    if plan.bytesToWrite > plan.freeSpace { lines.append("That is more than there is room for.") }
    var seen: Set<String> = []
    for item in plan.items where seen.insert(item.artifact.name).inserted {
      let terms = item.artifact.terms.map { "; to be accepted: \($0)" } ?? ""
      lines.append("\(item.artifact.name), \(item.artifact.title): \(item.artifact.licence)\(terms)")
    }
    return table.text + lines.joined(separator: "\n") + "\n"
  }

  private func size(of item: FetchPlan.Item) -> String {
    if item.file.content.isSlice, item.state != .stored {
      return item.file.approximateSize.map { "~ " + bytes($0) } ?? "a part"
    }
    guard let size = item.size else { return "unknown" }
    return (item.isSizeExact ? "" : "~ ") + bytes(size)
  }

  private func state(of item: FetchPlan.Item) -> String {
    switch item.state {
    case .stored: "stored"
    case .toUnpack: "to unpack"
    case .inHubCache: "in the HF cache"
    case .toDownload(received: 0): item.urls.isEmpty ? "not to be had" : "to download"
    case .toDownload(let received): "\(bytes(received)) there"
    }
  }

  private func host(of item: FetchPlan.Item) -> String {
    guard let first = item.urls.first else { return "" }
    let host = URLComponents(string: first)?.host ?? ""
    let more = item.urls.count > 1 ? " and \(item.urls.count - 1) more" : ""
    return (host.isEmpty ? "a folder" : host) + more
  }

  var json: String {
    get throws {
      struct Item: Encodable {
        let file: String
        let size: Int?
        let isSizeExact: Bool
        let sha256: String?
        let state: String
        let urls: [String]
        let licence: String
        let terms: String?
      }
      struct Plan: Encodable {
        let files: [Item]
        let bytesToDownload: Int
        let bytesToWrite: Int
        let bytesFree: Int
      }
      let files = plan.items.map { item in
        Item(
          file: item.name, size: item.size, isSizeExact: item.isSizeExact, sha256: item.sha256,
          state: state(of: item), urls: item.urls, licence: item.artifact.licence, terms: item.artifact.terms)
      }
      return try encoded(
        Plan(
          files: files, bytesToDownload: plan.bytesToDownload, bytesToWrite: plan.bytesToWrite,
          bytesFree: plan.freeSpace))
    }
  }
}

/// What `recollect fetch --json` prints: where the artifacts are.
struct FetchedReport {
  let artifacts: [Artifact]
  let store: ArtifactStore

  init(_ artifacts: [Artifact], store: ArtifactStore) {
    self.artifacts = artifacts
    self.store = store
  }

  var json: String {
    get throws {
      let folders = artifacts.map { ($0.name, store.folder(of: $0)) }
      return try encoded(Dictionary(uniqueKeysWithValues: folders))
    }
  }
}

extension ArtifactContent {
  fileprivate var isSlice: Bool { if case .slice = self { true } else { false } }
}

func encoded(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}
