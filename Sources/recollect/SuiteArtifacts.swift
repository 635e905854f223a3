import Artifacts
import Experiments
import Foundation

/// What a suite names of the manifest, fetched before anything else runs.
enum SuiteArtifacts {
  /// Fetches, verifies and unpacks what is not there yet.
  ///
  /// - Returns: the folder that the suite's paths start at; nil for a suite with a data folder of its own.
  /// - Throws: the first failure; `ExitCode` when stopped.
  static func folder(for suite: Suite, isQuiet: Bool, signals: StopSignals) throws -> String? {
    guard !suite.artifacts.isEmpty else { return nil }
    let file = try ManifestLocation.foundFile()
    let artifacts = try Manifest(contentsOf: file).artifacts(named: suite.artifacts, suite: nil)
    let store = ArtifactStore(folder: Folders.cache)
    let hub = HuggingFaceSettings(
      environment: ProcessInfo.processInfo.environment,
      homeFolder: FileManager.default.homeDirectoryForCurrentUser.path)
    var transfer = TransferSettings()
    transfer.userAgent = "recollect/\(Recollect.version)"
    transfer.token = hub.token.map { Token(value: $0, origin: hub.endpoint) }
    let options = FetchOptions(
      requiresKnownDigests: true, hub: hub, transfer: transfer, recordFile: ManifestLocation.recordFile(of: file))
    let plan = try FetchPlan(
      artifacts, store: store, digests: RecordedDigests(contentsOf: options.recordFile), options: options)
    if plan.items.contains(where: { $0.state != .stored }) {
      let display = FetchDisplay(plan: plan, isQuiet: isQuiet)
      display.begin(store: store)
      defer { display.end() }
      let outcome = try Fetcher(
        store: store, options: options, shouldStop: { signals.received != nil }, report: { display.show($0) }
      ).fetch(plan)
      if outcome.isStopped { throw RunStopped() }
      if let (_, error) = outcome.failures.min(by: { $0.key < $1.key }) { throw error }
    }
    guard let first = artifacts.first else { return nil }
    return URL(fileURLWithPath: store.folder(of: first)).deletingLastPathComponent().path
  }
}
