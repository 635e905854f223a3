/// Several retrievals, as many at once as the settings allow, moved on step by step.
struct TransferSession {
  private let settings: TransferSettings
  private let multi = CurlMulti()
  private let rateLimit: RateLimit
  /// Those not begun, the first one last.
  private var queue: [(index: Int, download: Download)]
  private var active: [Retrieval] = []
  private var ended: [(index: Int, result: Result<ArrivedFile, ArtifactError>)] = []
  private var progress: [DownloadProgress] = []
  private var reported: [Int: (progress: DownloadProgress, seconds: Double)] = [:]

  private static let reportSeconds = 0.1
  private static let longestWaitSeconds = 0.05

  init(_ downloads: [Download], settings: TransferSettings) {
    self.settings = settings
    rateLimit = RateLimit(bytesPerSecond: settings.bytesPerSecond)
    queue = downloads.enumerated().map { ($0.offset, $0.element) }.reversed()
  }

  /// One download whose bytes are not kept.
  init(streaming download: Download, to stream: StreamedBytes, settings: TransferSettings) {
    self.init([], settings: settings)
    active = [
      Retrieval(download, index: 0, to: .stream(stream), settings: settings, rateLimit: rateLimit, multi: multi)
    ]
  }

  var isUnfinished: Bool { !queue.isEmpty || !active.isEmpty }

  /// The downloads that ended since this was last called.
  mutating func takeEnded() -> [(index: Int, result: Result<ArrivedFile, ArtifactError>)] {
    defer { ended = [] }
    return ended
  }

  /// What changed since this was last called, of each download ten times a second at most.
  mutating func takeProgress() -> [DownloadProgress] {
    defer { progress = [] }
    return progress
  }

  /// Ends whatever has not ended; what has arrived of it stays.
  mutating func stop() {
    for retrieval in active { retrieval.end(.failure(.stopped(file: retrieval.download.name))) }
    collect()
    while let next = queue.popLast() { ended.append((next.index, .failure(.stopped(file: next.download.name)))) }
  }

  /// Waits until something can be done, for a twentieth of a second at most, and does it.
  mutating func step() {
    rateLimit.refill()
    beginMore()
    multi.perform()
    // Whatever ended may have made room, or begun something else.
    var mayGoOn = multi.tellEnded()
    for retrieval in active {
      switch retrieval.phase {
      case .curl(let transfer):
        if transfer.isPaused, rateLimit.allowsMore { transfer.resume() }
        retrieval.endIfStalled()
      case .local(let transfer):
        mayGoOn = mayGoOn || rateLimit.allowsMore
        if let end = transfer.step() { retrieval.transferEnded(end) }
      case .checking: retrieval.lookAtDigest()
      case .waiting, .ended: break
      }
      note(retrieval)
    }
    mayGoOn = collect() || mayGoOn
    multi.wait(seconds: mayGoOn ? 0 : waitSeconds)
  }

  /// Transfers and digests take the places; whoever waits for another attempt takes none.
  private mutating func beginMore() {
    let now = MonotonicClock.seconds
    var busy = active.count { $0.isBusy }
    for retrieval in active where busy < settings.concurrentDownloads {
      guard case .waiting(let until, _, _) = retrieval.phase, until <= now else { continue }
      retrieval.begin()
      busy += 1
    }
    while busy < settings.concurrentDownloads, let next = queue.popLast() {
      do {
        let file = try PartialFile(path: next.download.partialFile)
        let retrieval = Retrieval(
          next.download, index: next.index, to: .file(file), settings: settings, rateLimit: rateLimit, multi: multi)
        active.append(retrieval)
        retrieval.begin()
        busy += 1
      } catch {
        ended.append((next.index, .failure(error)))
      }
    }
  }

  private var waitSeconds: Double {
    let now = MonotonicClock.seconds
    var seconds = rateLimit.allowsMore ? Self.longestWaitSeconds : min(Self.longestWaitSeconds, rateLimit.waitSeconds)
    guard active.count(where: \.isBusy) < settings.concurrentDownloads else { return seconds }
    for case .waiting(let until, _, _) in active.lazy.map(\.phase) { seconds = min(seconds, until - now) }
    return seconds
  }

  private mutating func note(_ retrieval: Retrieval) {
    let now = MonotonicClock.seconds
    let current = retrieval.progress
    if let last = reported[current.index] {
      let isNew = last.progress.activity != current.activity || now - last.seconds >= Self.reportSeconds
      guard isNew, last.progress != current else { return }
    }
    reported[current.index] = (current, now)
    progress.append(current)
  }

  /// Takes out those that ended; returns whether there were any.
  @discardableResult private mutating func collect() -> Bool {
    let count = ended.count
    for retrieval in active {
      guard case .ended(let result) = retrieval.phase else { continue }
      note(retrieval)
      reported[retrieval.index] = nil
      ended.append((retrieval.index, result))
    }
    active.removeAll { if case .ended = $0.phase { true } else { false } }
    return ended.count > count
  }
}
