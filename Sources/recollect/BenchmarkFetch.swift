import ArgumentParser
import Artifacts
import Foundation
import Reports

struct BenchmarkFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Measure how fast files are downloaded, verified and unpacked.",
    discussion: """
      A file of random bytes, and the same file in a tar and a zip archive, are fetched from a server on loopback into an \
      empty store. Beside it run curl, which only writes the same file, and sha256sum, which only reads it: the slower of \
      them is what a fetch is held against. Then archives of many small members are unpacked, beside bsdtar. Repetitions \
      go by turns; the tables have medians.

      What recollect takes includes the digests, and waiting until all is on the disk. curl and bsdtar compute no digests \
      and wait for no disk; bsdtar is therefore measured with a sync of its file system behind it too.

      The files, four times the size of the one and twice more while one is unpacked, lie in a folder of their own below \
      TMPDIR, and are removed in the end.
      """)

  @Option(help: "The size of the large file in MiB; 0 leaves it out.")
  var megabytes = 1024

  @Option(help: "How many small members, of 4 KiB each; 0 leaves them out.")
  var members = 10000

  @Option(help: "How often each is run.")
  var repetitions = 3

  func validate() throws {
    guard (0...3072).contains(megabytes) else { throw ValidationError("--megabytes must be from 0 to 3072.") }
    guard (0...Unpacker.largestCount).contains(members) else {
      throw ValidationError("--members must be from 0 to \(Unpacker.largestCount).")
    }
    if repetitions < 1 { throw ValidationError("--repetitions must be at least 1.") }
  }

  func run() throws {
    try reportingErrors {
      let signals = StopSignals()
      let benchmark = try FetchBenchmark(megabytes: megabytes, members: members)
      do {
        if megabytes > 0 { try measureFetching(benchmark, signals) }
        if megabytes > 0, members > 0 { print() }
        if members > 0 { try measureUnpacking(benchmark, signals) }
      } catch {
        throw signals.received == nil ? error : signals.exitCode
      }
    }
  }

  private func endIfStopped(_ signals: StopSignals) throws {
    if signals.received != nil { throw signals.exitCode }
  }

  // MARK: A large file

  private func measureFetching(_ benchmark: FetchBenchmark, _ signals: StopSignals) throws {
    guard let curl = OtherProgram("curl"), let sha256sum = OtherProgram("sha256sum") else {
      print("→ to compare: install curl and sha256sum (packages curl and coreutils)")
      return
    }
    standardError("making files of \(megabytes) MiB")
    try benchmark.makeLargeFiles()
    var rows: [[String]] = []
    for form in FetchBenchmark.Form.allCases {
      standardError("fetching: \(form.title)")
      var curls: [Double] = []
      var digests: [Double] = []
      var fetches: [Double] = []
      var peak = 0
      for _ in 0..<repetitions {
        curls.append(try benchmark.curl(form, by: curl))
        try endIfStopped(signals)
        digests.append(try benchmark.sha256sum(form, by: sha256sum))
        try endIfStopped(signals)
        let fetch = try benchmark.fetch(form, shouldStop: { signals.received != nil })
        fetches.append(fetch.seconds)
        peak = max(peak, fetch.peakMemory)
      }
      let megabytes = Double(try benchmark.size(form)) / 1e6
      let slower = max(Measurement.median(curls), Measurement.median(digests))
      rows.append(
        [form.title]
          + [curls, digests, fetches].map { String(format: "%.0f", megabytes / Measurement.median($0)) }
          + [
            String(format: "%.2f", slower / Measurement.median(fetches)),
            String(format: "%.0f", Double(peak) / 1e6),
          ])
    }
    let heading = [
      "fetched", "curl MB/s", "sha256sum MB/s", "recollect MB/s", "of the slower", "peak memory MB",
    ]
    print(TextTable(heading: heading, rows: rows, headingWidth: 24, gap: 2).text, terminator: "")
    print("\(megabytes) MiB, medians of \(repetitions)")
  }

  // MARK: Many small members

  private func measureUnpacking(_ benchmark: FetchBenchmark, _ signals: StopSignals) throws {
    standardError("making archives of \(members) members")
    try benchmark.makeCollections()
    let bsdtar = OtherProgram("bsdtar")
    let sync = OtherProgram("sync")
    var rows: [[String]] = []
    for collection in FetchBenchmark.Collection.allCases {
      standardError("unpacking: \(collection.rawValue)")
      var ours: [Double] = []
      var unpacked: [Double] = []
      var synchronized: [Double] = []
      for _ in 0..<repetitions {
        if let bsdtar { unpacked.append(try benchmark.unpack(collection, by: bsdtar, then: nil)) }
        try endIfStopped(signals)
        if let bsdtar, let sync { synchronized.append(try benchmark.unpack(collection, by: bsdtar, then: sync)) }
        try endIfStopped(signals)
        ours.append(try benchmark.unpack(collection, shouldStop: { signals.received != nil }))
      }
      func milliseconds(_ seconds: [Double]) -> String {
        seconds.isEmpty ? "–" : String(format: "%.0f", 1000 * Measurement.median(seconds))
      }
      func ratio(_ seconds: [Double]) -> String {
        seconds.isEmpty ? "–" : String(format: "%.2f", Measurement.median(seconds) / Measurement.median(ours))
      }
      rows.append([
        collection.rawValue, milliseconds(unpacked), milliseconds(synchronized), milliseconds(ours), ratio(unpacked),
        ratio(synchronized),
      ])
    }
    let heading = [
      "unpacked", "bsdtar ms", "bsdtar, sync ms", "recollect ms", "bsdtar ÷ recollect", "bsdtar, sync ÷ recollect",
    ]
    print(TextTable(heading: heading, rows: rows, headingWidth: 24, gap: 2).text, terminator: "")
    print("\(members) members of 4 KiB, medians of \(repetitions)")
    if bsdtar == nil { print("→ to compare: install bsdtar (package libarchive-tools)") }
  }
}
