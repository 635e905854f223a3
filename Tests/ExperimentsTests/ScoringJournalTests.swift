import Evaluation
import Experiments
import Foundation
import Models
import TestServers
import Testing

@Suite struct ScoringJournalTests {
  private let scratch: ScratchFolder
  private let path: String
  private let scores = [
    RequestScore(logLikelihood: -1.25, isGreedy: true), RequestScore(logLikelihood: .nan, isGreedy: false),
    RequestScore(
      logLikelihood: -.leastNonzeroMagnitude, isGreedy: false, wins: PromptWins(counts: [[0, 1], [12, 3]])),
  ]
  private let answers = [
    GeneratedAnswer(text: "a \"line\"\nand é"),
    GeneratedAnswer(text: "", hasNaN: true, wins: PromptWins(counts: [[1, 0], [0, 1]])),
  ]

  init() throws {
    scratch = try ScratchFolder()
    path = scratch.path + "/deep/journal"
  }

  private func opened(_ question: String = "q") throws -> ScoringJournal {
    try ScoringJournal(path: path, question: question, counts: [5, 4])
  }

  /// A journal with three entries, and where each line of it ends.
  private func written() throws -> (bytes: Data, ends: [Int]) {
    let journal = try opened()
    try journal.add(task: 0, places: [4, 1], scores: Array(scores[..<2]))
    try journal.add(task: 1, places: [0, 3], answers: answers)
    try journal.add(task: 0, places: [2], scores: [scores[2]])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    return (bytes, bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 })
  }

  private func isSame(_ score: RequestScore?, _ other: RequestScore) -> Bool {
    score?.logLikelihood.bitPattern == other.logLikelihood.bitPattern && score?.isGreedy == other.isGreedy
      && score?.wins == other.wins
  }

  @Test func `what was added is found again, bit by bit`() throws {
    _ = try written()
    let found = try opened().found
    #expect(found[0].scores.keys.sorted() == [1, 2, 4] && found[0].answers.isEmpty)
    #expect(isSame(found[0].scores[4], scores[0]))
    #expect(isSame(found[0].scores[1], scores[1]))
    #expect(isSame(found[0].scores[2], scores[2]))
    #expect(found[1].answers == [0: answers[0], 3: answers[1]] && found[1].scores.isEmpty)
  }

  @Test func `cut off at any byte, it has all whole lines, and goes on`() throws {
    let (bytes, ends) = try written()
    #expect(ends.count == 4)
    for length in 0...bytes.count {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
      let lines = ends.filter { $0 <= length }.count
      do {
        let journal = try opened()
        #expect(journal.found[0].scores.count == [0, 0, 2, 2, 3][lines], "\(length) bytes")
        #expect(journal.found[1].answers.count == [0, 0, 0, 2, 2][lines], "\(length) bytes")
        try journal.add(task: 0, places: [3], scores: [scores[0]])
      }
      #expect(isSame(try opened().found[0].scores[3], scores[0]), "\(length) bytes")
    }
  }

  @Test func `a line with another byte is taken away with all that follows`() throws {
    let (bytes, ends) = try written()
    for place in stride(from: ends[0], to: ends[1], by: 3) {
      var broken = bytes
      broken[place] ^= 1
      try broken.write(to: URL(fileURLWithPath: path))
      let found = try opened().found
      #expect(found[0].scores.isEmpty && found[1].answers.isEmpty, "byte \(place)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes.prefix(ends[0]))
    }
  }

  @Test func `the journal of another question, and a file that is none, are refused and left as they are`() throws {
    let (bytes, _) = try written()
    #expect(throws: JournalError.otherQuestion(file: path)) { try opened("other") }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    for text in ["a text", "a\nb\n", "\n", "\u{0}"] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: JournalError.notAJournal(file: path)) { try opened() }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
  }

  @Test func `two at once do not write one journal`() throws {
    let journal = try opened()
    #expect(throws: JournalError.inUse(file: path)) { try opened() }
    journal.remove()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a journal that cannot be written is named`() throws {
    #expect(throws: JournalError.self) {
      try ScoringJournal(path: scratch.path, question: "q", counts: [])
    }
  }
}
