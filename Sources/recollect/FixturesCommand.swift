import ArgumentParser
import Experiments
import Foundation

struct FixturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixtures",
    abstract: "Pack a world and the models trained on it as the mirror that the suite embedded fetches.",
    discussion: """
      The files have the forms in which the genuine ones are published: archives, compressed files and loose ones, in a \
      folder for each artifact. The same input gives the same bytes. The manifest's entries for them are printed.

      ci/fixtures does all of it from a seed, the training included.
      """)

  @Option(help: "A folder that recollect world wrote.")
  var world: String

  @Option(help: "The folder of the Llama.")
  var llama: String

  @Option(help: "The folder of the OPT.")
  var opt: String

  @Option(name: .shortAndLong, help: "The folder of the mirror.")
  var output: String

  @Option(help: "The mirror as the manifest's folder sees it.")
  var mirror = "../Fixtures"

  func run() throws {
    try reportingErrors {
      let fixtures = try FixtureMirror(world: world, models: ["world-llama": llama, "world-opt": opt])
      try fixtures.write(to: output)
      print(try fixtures.manifest(of: output, mirror: mirror), terminator: "")
    }
  }
}
