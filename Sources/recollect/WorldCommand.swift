import ArgumentParser
import Foundation
import Models
import World

struct WorldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "world",
    abstract: "Write the embedded world: two corpora and nine task files about the same invented facts.",
    discussion: """
      The corpora have the forms of Wikitext and C4, the task files those in which the benchmarks are published. What \
      the corpora state and the tasks ask stands in world/facts.jsonl and world/questions.jsonl, with how often it was \
      stated. The same seed writes the same bytes.
      """)

  @Option(help: "The seed: another seed, another world.")
  var seed: UInt64

  @Option(name: .shortAndLong, help: "The folder to write to; it is made where there is none.")
  var output: String

  @Option(help: "How much there is to know, in percent of the usual 4,400 facts.")
  var size = 100

  @Option(help: "How often the corpora to learn from are written anew, in other words each time.")
  var rounds = WorldFiles.defaultRounds

  @Option(help: "How many documents each task asks, where the world has facts enough.")
  var documents = WorldFiles.defaultDocuments

  func validate() throws {
    let sizes = WorldSize.percentages
    if !sizes.contains(size) {
      throw ValidationError("--size \(size): it should be from \(sizes.lowerBound) to \(sizes.upperBound).")
    }
    if rounds < 1 { throw ValidationError("--rounds \(rounds): it should be 1 or more.") }
    if documents < 2 { throw ValidationError("--documents \(documents): it should be 2 or more.") }
  }

  func run() throws {
    try reportingErrors {
      let files = WorldFiles(seed: seed, size: WorldSize(percent: size), rounds: rounds, documents: documents)
      for file in files.files { try write(file.text, to: output + "/" + file.path) }
      for file in files.examination.files { print("\(file.task): \(file.questions.count) documents") }
      print("\(files.world.facts.count) facts")
    }
  }

  private func write(_ text: String, to path: String) throws(CheckpointError) {
    let url = URL(fileURLWithPath: path)
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url, options: .atomic)
    } catch {
      throw .unwritable(file: path, reason: error.localizedDescription)
    }
  }
}
