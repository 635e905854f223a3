import Foundation
import Models
import Testing

@Suite struct DeterminismTests {
  @Test func `one, two and three threads give the same results but for times`() throws {
    let suite = try SmallSuite()
    var runs: [[String: NSDictionary]] = []
    for threads in ["1", "2", "3"] {
      let results = "\(suite.folder)/results-\(threads)"
      let outcome = try Command.run([
        "run", suite.suiteFile, "--threads", threads, "--store", "\(suite.folder)/store-\(threads)", "-o", results,
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      runs.append(try resultsWithoutTimes(results))
    }
    #expect(runs[0].count == 10)
    #expect(runs[1] == runs[0])
    #expect(runs[2] == runs[0])
  }

  @Test func `a run killed in the middle goes on, and ends in the same results`() throws {
    // Long enough trainings that a kill falls within one.
    let suite = try SmallSuite(.init(trainingTokens: 20_000))
    let whole = try Command.run([
      "run", suite.suiteFile, "--threads", "2", "--store", "\(suite.folder)/store-whole", "-o", "\(suite.folder)/whole",
    ])
    #expect(whole.status == 0, "\(whole.errors)")

    let arguments = [
      "run", suite.suiteFile, "--threads", "2", "--store", "\(suite.folder)/store", "-o", "\(suite.folder)/results",
    ]
    var killed = 0
    // Killed at three moments: once so many stages are finished.
    for finished in [2, 4, 9] {
      let log = URL(fileURLWithPath: "\(suite.folder)/log-\(finished)")
      let process = try Command.start(
        arguments, output: log, errors: URL(fileURLWithPath: "\(suite.folder)/errors-\(finished)"))
      let deadline = ContinuousClock.now + .seconds(60)
      while process.isRunning, ContinuousClock.now < deadline {
        if stages(in: "\(suite.folder)/store") >= finished {
          kill(process.processIdentifier, SIGKILL)
          break
        }
        usleep(2000)
      }
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { killed += 1 }
    }
    // A machine may be so fast that the last kill comes too late; the first cannot.
    #expect(killed >= 1)
    let resumed = try Command.run(arguments)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("are finished already"))
    #expect(try resultsWithoutTimes("\(suite.folder)/results") == resultsWithoutTimes("\(suite.folder)/whole"))
    let left = try? FileManager.default.contentsOfDirectory(atPath: "\(suite.folder)/store/unfinished")
    #expect(left?.isEmpty ?? true, "what killed runs left is removed")
  }

  @Test func `a run that is asked to stop within a training goes on in it, and ends in the same results`() throws {
    let suite = try SmallSuite(.init(trainingTokens: 40_000))
    let whole = try Command.run([
      "run", suite.suiteFile, "--store", "\(suite.folder)/store-whole", "-o", "\(suite.folder)/whole",
    ])
    #expect(whole.status == 0, "\(whole.errors)")
    let unfinished = "\(suite.folder)/store/unfinished"
    func state() -> String? {
      let names = try? FileManager.default.contentsOfDirectory(atPath: unfinished)
      return names?.first { $0.hasSuffix(".state") && !$0.hasPrefix(".") }
    }
    let arguments = ["run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", "\(suite.folder)/results"]
    let errors = URL(fileURLWithPath: "\(suite.folder)/errors")
    let process = try Command.start(arguments, output: URL(fileURLWithPath: "\(suite.folder)/log"), errors: errors)
    while process.isRunning, state() == nil { usleep(1000) }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
    #expect(try String(contentsOf: errors, encoding: .utf8).contains("goes on from there"))
    // Written before the first step, and again when it was stopped.
    let file = try SafetensorsFile(path: "\(unfinished)/\(#require(state()))")
    let step = try #require(file.metadata["step"].flatMap { Int($0) })
    #expect(step > 0 && step < 40_000 / 64)
    let resumed = try Command.run(arguments)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try resultsWithoutTimes("\(suite.folder)/results") == resultsWithoutTimes("\(suite.folder)/whole"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: unfinished).isEmpty)
  }

  @Test func `a suite run in other ways is held against its run, bit for bit`() throws {
    let suite = try SmallSuite(.init(trainingTokens: 8000))
    let results = suite.folder + "/results"
    func determinism() throws -> Command.Outcome {
      try Command.run(["determinism", suite.suiteFile, "-o", results, "--quiet"])
    }
    let without = try determinism()
    #expect(without.status == 3 && without.errors.contains("recollect run"), "\(without.errors)")

    let run = try Command.run(["run", suite.suiteFile, "--store", "\(suite.folder)/store", "-o", results, "--quiet"])
    try #require(run.status == 0, "\(run.errors)")
    let same = try determinism()
    #expect(same.status == 0, "\(same.output)\(same.errors)")
    #expect(same.output.contains("10 cells, each the same to the last bit in every run"), "\(same.output)")

    // A document's margin that differs in its last digit is noticed, and so is a loss.
    let documents = results + "/random/dense/none.documents.jsonl"
    let text = try String(contentsOfFile: documents, encoding: .utf8)
    try text.replacing(/("margin":\d+\.\d)/, maxReplacements: 1) { "\($0.output.1)1" }
      .write(toFile: documents, atomically: true, encoding: .utf8)
    let cell = results + "/random/gptq-3bit/prompt-3.json"
    try String(contentsOfFile: cell, encoding: .utf8).replacing("\"lastLoss\" : ", with: "\"lastLoss\" : 1")
      .write(toFile: cell, atomically: true, encoding: .utf8)
    let other = try determinism()
    #expect(other.status == 2)
    #expect(other.output.contains("dense / none: records of documents"), "\(other.output)")
    #expect(other.output.contains("gptq-3bit / prompt-3: last loss"), "\(other.output)")
  }

  /// Finished stages: those that took their names.
  private func stages(in store: String) -> Int {
    let groups = (try? FileManager.default.contentsOfDirectory(atPath: store)) ?? []
    return groups.filter { $0 != "unfinished" }.reduce(0) {
      $0 + ((try? FileManager.default.contentsOfDirectory(atPath: "\(store)/\($1)"))?.count ?? 0)
    }
  }
}
