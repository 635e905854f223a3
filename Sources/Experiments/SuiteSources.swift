import Artifacts
import Foundation
import Models

/// What can be wrong with the files that a suite names.
package enum SourceError: Error, Equatable {
  /// The folder that holds all of them is not there.
  case noDataFolder(String, suite: String)
  case absent(file: String, neededFor: String)
  case unreadable(file: String, reason: String)
  case otherDigest(file: String, neededFor: String, expected: String, found: String)
  /// A file that a run would read, and whose digest the suite does not give.
  case unlisted(file: String, model: String)
}

/// The files that a suite names, found below its data folder, with the bytes that its digests name.
package struct SuiteSources: Sendable {
  package let folder: String

  /// - Parameters:
  ///   - suiteFile: relative paths in the suite start at its folder.
  ///   - data: takes the place of the suite's own data folder.
  package init(_ suite: Suite, suiteFile: String, data: String?) {
    let base = URL(fileURLWithPath: suiteFile).deletingLastPathComponent()
    folder =
      data.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
      ?? URL(fileURLWithPath: suite.data ?? ".", relativeTo: base).standardizedFileURL.path
  }

  package func path(_ relative: String) -> String {
    URL(fileURLWithPath: relative, relativeTo: URL(fileURLWithPath: folder, isDirectory: true)).standardizedFileURL.path
  }

  /// Checks that every file of the suite is there, and holds the bytes that the suite's digests name.
  package func verify(_ suite: Suite) throws(SourceError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw .noDataFolder(folder, suite: suite.name)
    }
    for model in suite.models {
      for (file, digest) in model.sha256.sorted(by: { $0.key < $1.key }) {
        try verify("\(model.folder)/\(file)", digest, for: "the model \(model.name)")
      }
      try verifyNothingElseIsRead(model)
    }
    if let calibration = suite.calibration {
      try verify(calibration.corpus, calibration.sha256, for: "the calibration")
    }
    if let training = suite.training { try verify(training.corpus, training.sha256, for: "the training") }
    for text in suite.texts { try verify(text.corpus, text.sha256, for: "the text \(text.name)") }
    for perplexity in suite.perplexities {
      try verify(perplexity.corpus, perplexity.sha256, for: "the perplexity \(perplexity.name)")
    }
    if let similarity = suite.similarity { try verify(similarity.corpus, similarity.sha256, for: "the similarity") }
    for task in suite.tasks {
      for (file, digest) in zip(task.files, task.sha256) { try verify(file, digest, for: "the task \(task.task)") }
    }
  }

  /// A result is known by the digests of what it was made from, so nothing may be read that has none.
  private func verifyNothingElseIsRead(_ model: ModelSetting) throws(SourceError) {
    let folder = path(model.folder)
    let read = Tokenizer.fileNames + ["config.json"]
    let weights = [".safetensors", ".bin"].flatMap { [$0, $0 + ".index.json"] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted()
    where read.contains(name) || weights.contains(where: name.hasSuffix) {
      guard model.sha256[name] != nil else { throw .unlisted(file: folder + "/" + name, model: model.name) }
    }
  }

  private func verify(_ relative: String, _ expected: String, for use: String) throws(SourceError) {
    let path = path(relative)
    guard FileManager.default.fileExists(atPath: path) else { throw .absent(file: path, neededFor: use) }
    let found: String
    do {
      found = try sha256(ofFile: path)
    } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
    guard found == expected else {
      throw .otherDigest(file: path, neededFor: use, expected: expected, found: found)
    }
  }
}
