import Artifacts
import Foundation

/// Shows downloads on standard error: on a terminal a line a file at work and one for all, drawn over themselves;
/// elsewhere a line a finished file, and now and then one for all.
final class FetchDisplay {
  private struct File {
    var progress: DownloadProgress?
    var note: String?
    var rate = TransferRate()
  }

  private let plan: FetchPlan
  private let isQuiet: Bool
  private let isLive = Terminal.isLive
  private var files: [Int: File] = [:]
  private var finished: Set<Int> = []
  /// Bytes of the files that are done, and of what was there before: they say nothing of the rate.
  private var arrived: [Int: Int] = [:]
  private var before: [Int: Int] = [:]
  private var rate = TransferRate()
  private var drawnLines = 0
  private var lastDrawn = ContinuousClock.now
  private let start = ContinuousClock.now

  init(plan: FetchPlan, isQuiet: Bool) {
    self.plan = plan
    self.isQuiet = isQuiet
  }

  func begin(store: ArtifactStore) {
    guard !isQuiet else { return }
    let stored = plan.items.count { $0.state == .stored }
    let toDownload = plan.bytesToDownload
    let about = plan.isRough ? "about " : ""
    standardError(
      "\(plan.items.count) files, \(stored) of them stored; to download: \(about)\(bytes(toDownload)), into \(store.folder)."
    )
  }

  func show(_ event: FetchEvent) {
    guard !isQuiet else { return }
    switch event {
    case .transfer(let item, let progress): show(progress, of: item)
    case .waiting(let item, let owner): files[item, default: File()].note = "waiting for \(owner)"
    case .checking(let item): files[item, default: File()].note = "computing the digest"
    case .unpacking(let item, let read, let total):
      files[item, default: File()].note = total > 0 ? "unpacking, \(read * 100 / total) %" : "unpacking"
    case .finished(let item):
      files[item] = nil
      if finished.insert(item).inserted, plan.items[item].state != .stored {
        write("✓ \(plan.items[item].name)\(sizeText(item))")
      }
    case .failed(let item, let error):
      files[item] = nil
      write("✗ \(plan.items[item].name): \(ErrorText(error).text)")
    }
    draw(atOnce: false)
  }

  func end() {
    guard !isQuiet else { return }
    clear()
    let total = arrived.reduce(0) { $0 + $1.value - before[$1.key, default: 0] }
    if total > 0 {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      standardError("Downloaded \(bytes(total)) in \(duration(seconds)).")
    }
  }

  private func show(_ progress: DownloadProgress, of item: Int) {
    files[item, default: File()].progress = progress
    files[item]?.note = nil
    switch progress.activity {
    case .retrying(let seconds, let reason):
      if files[item]?.note == nil, !isLive {
        write("\(plan.items[item].name): \(retryText(seconds, reason))")
      }
    case .receiving:
      if before[item] == nil { before[item] = progress.received }
    case .waiting, .connecting, .checking, .finished, .failed: break
    }
    files[item]?.rate.add(progress.received)
    arrived[item] = max(progress.received, arrived[item] ?? 0)
    rate.add(arrived.values.reduce(0, +))
  }

  private func sizeText(_ item: Int) -> String { arrived[item].map { ", " + bytes($0) } ?? "" }

  // MARK: Lines

  private func draw(atOnce: Bool) {
    let now = ContinuousClock.now
    guard isLive else {
      if now - lastDrawn > .seconds(30), !files.isEmpty {
        lastDrawn = now
        standardError(totalLine())
      }
      return
    }
    guard atOnce || now - lastDrawn > .milliseconds(100) else { return }
    lastDrawn = now
    let width = Terminal.errorWidth - 1
    // Waiting for their turn, files need no line.
    let busy = files.sorted { $0.key < $1.key }.filter {
      $0.value.note != nil || $0.value.progress?.activity != .waiting
    }
    let lines = busy.prefix(12).map { line($0.key, $0.value) } + [totalLine()]
    var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)F" : ""
    for line in lines { text += "\u{1B}[K" + line.prefix(width) + "\n" }
    text += "\u{1B}[J"
    drawnLines = lines.count
    FileHandle.standardError.write(Data(text.utf8))
  }

  private func line(_ item: Int, _ file: File) -> String {
    let name = plan.items[item].name
    if let note = file.note { return "  \(name): \(note)" }
    guard let progress = file.progress else { return "  \(name)" }
    switch progress.activity {
    case .waiting: return "  \(name): waiting"
    case .connecting: return "  \(name): connecting"
    case .checking: return "  \(name): computing the digest"
    case .retrying(let seconds, let reason): return "  \(name): \(retryText(seconds, reason))"
    case .failed, .finished: return "  \(name)"
    case .receiving:
      let bar = self.bar(progress.received, of: progress.total)
      let total = progress.total.map { " of \(bytes($0))" } ?? ""
      let left = progress.total.flatMap { file.rate.secondsLeft($0 - progress.received) }.map {
        ", \(duration($0)) left"
      }
      return "  \(bar) \(name): \(bytes(progress.received))\(total)\(file.rate.text)\(left ?? "")"
    }
  }

  private func totalLine() -> String {
    let done = arrived.reduce(0) { $0 + $1.value - before[$1.key, default: 0] }
    let total = max(plan.bytesToDownload, done)
    let left = rate.secondsLeft(total - done).map { ", \(duration($0)) left" } ?? ""
    return
      "\(bar(done, of: total)) \(finished.count) of \(plan.items.count) files, \(bytes(done)) of \(plan.isRough ? "about " : "")\(bytes(total))\(rate.text)\(left)"
  }

  private func retryText(_ seconds: Double, _ reason: String) -> String {
    "\(reason); " + (seconds > 0 ? "again in \(duration(seconds))" : "going on at once")
  }

  private func bar(_ done: Int, of total: Int?) -> String {
    guard let total, total > 0 else { return String(repeating: "░", count: 20) }
    let filled = min(20, max(0, Int(Double(done) / Double(total) * 20)))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
  }

  private func write(_ line: String) {
    clear()
    standardError(line)
  }

  private func clear() {
    guard isLive, drawnLines > 0 else { return }
    FileHandle.standardError.write(Data("\u{1B}[\(drawnLines)F\u{1B}[J".utf8))
    drawnLines = 0
  }
}

/// Bytes a second over the last few seconds.
private struct TransferRate {
  private var samples: [(time: ContinuousClock.Instant, count: Int)] = []

  mutating func add(_ count: Int) {
    let now = ContinuousClock.now
    if let last = samples.last, now - last.time < .milliseconds(200) { return }
    samples.append((now, count))
    while samples.count > 2, now - samples[0].time > .seconds(5) { samples.removeFirst() }
  }

  private var perSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.time - first.time > .milliseconds(400) else {
      return nil
    }
    return Double(last.count - first.count) / ((last.time - first.time) / .seconds(1))
  }

  var text: String { perSecond.map { ", \(bytes(max(0, Int($0))))/s" } ?? "" }

  func secondsLeft(_ count: Int) -> Double? {
    guard let perSecond, perSecond > 1 else { return nil }
    return Double(max(0, count)) / perSecond
  }
}
