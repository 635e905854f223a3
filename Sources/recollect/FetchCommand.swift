import ArgumentParser
import Artifacts
import Experiments
import Foundation

struct FetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Download, verify and unpack data sets and checkpoints.",
    discussion: """
      Files are known by their SHA-256, are fetched once, and lie in artifacts/<name> below the cache folder. What was \
      cut off goes on where it was. A Hugging Face cache on this machine is looked into first.

      The environment: HF_TOKEN, HF_ENDPOINT, HF_HUB_CACHE, HF_HUB_OFFLINE, http_proxy and the like, RECOLLECT_CACHE.
      """)

  @OptionGroup var arguments: ArtifactArguments

  @Flag(name: .long, help: "Say what would be fetched, from where and how large it is; move nothing.")
  var dryRun = false

  @Flag(help: "Ask nothing of the network: only the store, a Hugging Face cache and mirrors that are folders.")
  var offline = false

  @Option(help: "A folder or URL to look in first: a cache of recollect, or a folder for each artifact.")
  var mirror: [String] = []

  @Option(help: "Accept the terms of an artifact; may be repeated. It is remembered.")
  var accept: [String] = []

  @Flag(help: "Refuse files whose SHA-256 is not yet known.")
  var locked = false

  @Flag(help: "Keep archives once they are unpacked.")
  var keepArchives = false

  @Option(help: "Downloads at once.")
  var parallel = 4

  @Option(help: "At most so many bytes a second in all; as in 500k or 20M.")
  var limitRate: ByteCount?

  @Option(help: "Seconds without a byte after which a transfer counts as stalled.")
  var stall = 30.0

  @Flag(help: "Print the plan, or what was fetched, as JSON.")
  var json = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func validate() throws {
    if parallel < 1 || parallel > 64 { throw ValidationError("--parallel must be 1 to 64.") }
    if stall <= 0 { throw ValidationError("--stall must be more than 0.") }
    if arguments.names.isEmpty, arguments.suite == nil {
      throw ValidationError(
        "Name what to fetch, or a suite: “recollect fetch --suite paper --dry-run” shows what there is.")
    }
  }

  func run() throws {
    try reportingErrors {
      let file = try arguments.location.file()
      let manifest = try Manifest(contentsOf: file)
      let artifacts = try arguments.artifacts(of: manifest)
      let store = arguments.location.artifactStore
      let environment = ProcessInfo.processInfo.environment
      let hub = HuggingFaceSettings(
        environment: environment, homeFolder: FileManager.default.homeDirectoryForCurrentUser.path)
      var transfer = TransferSettings()
      transfer.userAgent = "recollect/\(Recollect.version)"
      transfer.concurrentDownloads = parallel
      transfer.bytesPerSecond = limitRate?.count
      transfer.stallSeconds = stall
      transfer.token = hub.token.map { Token(value: $0, origin: hub.endpoint) }
      let options = FetchOptions(
        isOffline: offline, mirrors: mirror, requiresKnownDigests: locked, keepsArchives: keepArchives, hub: hub,
        transfer: transfer, recordFile: ManifestLocation.recordFile(of: file))
      let plan = try FetchPlan(
        artifacts, store: store, digests: RecordedDigests(contentsOf: options.recordFile), options: options)
      if dryRun {
        print(json ? try PlanReport(plan, store: store).json : PlanReport(plan, store: store).text, terminator: "")
        return
      }
      try checkTerms(of: plan, store: store)
      let signals = StopSignals()
      let display = FetchDisplay(plan: plan, isQuiet: quiet)
      display.begin(store: store)
      let outcome: FetchOutcome
      do {
        outcome = try Fetcher(
          store: store, options: options, shouldStop: { signals.received != nil }, report: { display.show($0) }
        ).fetch(plan)
      } catch {
        display.end()
        throw error
      }
      display.end()
      if !outcome.recorded.isEmpty {
        standardError(
          "Recorded the digests of \(outcome.recorded.count) files in \(options.recordFile): commit it, and they are the same everywhere."
        )
      }
      if outcome.isStopped {
        standardError("Stopped. What has arrived is kept: the same command goes on from there.")
        throw signals.exitCode
      }
      for (index, error) in outcome.failures.sorted(by: { $0.key < $1.key }) {
        standardError("\(plan.items[index].name): \(ErrorText(error).text)")
      }
      let failed = Set(outcome.failures.keys.map { plan.items[$0].artifact.name })
      let complete = artifacts.filter { !failed.contains($0.name) }
      if json {
        print(try FetchedReport(complete, store: store).json, terminator: "")
      } else {
        for artifact in complete { print(store.folder(of: artifact)) }
      }
      // That a source failed weighs more than that the store did: then another machine could not do it either.
      if let status = outcome.failures.values.map({ ErrorText($0).status }).max() { throw ExitCode(status) }
    }
  }

  /// Terms are accepted once, by name, before anything under them is fetched.
  private func checkTerms(of plan: FetchPlan, store: ArtifactStore) throws {
    var accepted = AcceptedTerms(store: store)
    let known = Set(plan.items.map(\.artifact.name))
    for name in accept where !known.contains(name) {
      throw ValidationError("--accept \(name): that is not among what is to be fetched.")
    }
    try accepted.add(accept)
    var open: [Artifact] = []
    for item in plan.items where item.state != .stored && item.artifact.terms != nil {
      if !accepted.names.contains(item.artifact.name), !open.contains(where: { $0.name == item.artifact.name }) {
        open.append(item.artifact)
      }
    }
    guard open.isEmpty else { throw TermsNotAccepted(artifacts: open) }
  }
}

/// Artifacts whose publishers ask for something to be accepted that was not.
struct TermsNotAccepted: Error {
  let artifacts: [Artifact]

  var text: String {
    artifacts.map { "\($0.name), \($0.title): \($0.licence); \($0.terms ?? "")" }.joined(separator: "\n")
      + "\nIf you accept that, say so: "
      + artifacts.map { "--accept \($0.name)" }.joined(separator: " ")
  }
}

/// The artifacts whose terms the user of a store has accepted.
private struct AcceptedTerms {
  private(set) var names: Set<String>
  private let path: String

  init(store: ArtifactStore) {
    path = store.folder + "/accepted.json"
    // A file that cannot be read accepts nothing: the question is then asked again.
    names =
      FileManager.default.contents(atPath: path)
      .flatMap { try? JSONDecoder().decode(Set<String>.self, from: $0) } ?? []
  }

  mutating func add(_ more: [String]) throws {
    guard !names.isSuperset(of: more) else { return }
    names.formUnion(more)
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try JSONEncoder().encode(names.sorted()).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}

/// A number of bytes with an optional k, M or G.
struct ByteCount: ExpressibleByArgument {
  let count: Int

  init?(argument: String) {
    let factors: [Character: Int] = ["k": 1_000, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000]
    let factor = argument.last.flatMap { factors[$0] }
    guard let number = Int(factor == nil ? argument : String(argument.dropLast())), number > 0 else { return nil }
    let (count, isTooLarge) = number.multipliedReportingOverflow(by: factor ?? 1)
    guard !isTooLarge else { return nil }
    self.count = count
  }
}
