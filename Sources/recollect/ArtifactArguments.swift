import ArgumentParser
import Artifacts
import Experiments
import Foundation

/// Which artifacts a command works on, and where they are kept.
struct ArtifactArguments: ParsableArguments {
  @Argument(help: "Names of artifacts, as in the manifest.")
  var names: [String] = []

  @Option(help: "All artifacts that a suite needs: paper, opt-125m, ladder.")
  var suite: String?

  @OptionGroup var location: ManifestLocation

  /// The artifacts named; all of the manifest where none is.
  func artifacts(of manifest: Manifest) throws -> [Artifact] {
    names.isEmpty && suite == nil ? manifest.artifacts : try manifest.artifacts(named: names, suite: suite)
  }
}

/// Where the manifest is, and the store.
struct ManifestLocation: ParsableArguments {
  @Option(help: "The manifest. (default: Baselines/artifacts.yaml here or in a folder above)")
  var manifest: String?

  @Option(help: "The folder of fetched files. (default: RECOLLECT_CACHE or the user's cache)")
  var store: String?

  func file() throws -> String { try manifest ?? Self.foundFile() }

  /// The manifest here or in a folder above.
  static func foundFile() throws -> String {
    var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    while true {
      let file = folder.appendingPathComponent("Baselines/artifacts.yaml").path
      if FileManager.default.fileExists(atPath: file) { return file }
      if folder.path == "/" { break }
      folder.deleteLastPathComponent()
    }
    throw ValidationError(
      "There is no Baselines/artifacts.yaml here or above: start recollect in its project's folder, or give --manifest."
    )
  }

  /// Where the first digests of files are recorded: beside the manifest, so that they can be committed with it.
  static func recordFile(of manifest: String) -> String {
    URL(fileURLWithPath: manifest).deletingPathExtension().path + ".lock.json"
  }

  var artifactStore: ArtifactStore { ArtifactStore(folder: store ?? Folders.cache) }
}
