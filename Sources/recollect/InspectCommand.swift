import ArgumentParser
import Foundation
import Models

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a model folder holds, and what a run needs in memory.",
    discussion: """
      Reads the configuration, the headers of the weight files, the norms and biases, and the tokenizer; no matrix of \
      weights. A folder from which no model could be loaded is refused.

      Bytes are decimal (1 GB is 1,000,000,000). Of the memory, with 4 bytes a float:
        weights mapped     matrices used where they lie in the files; the system reads them on use and may drop them
        weights copied     norms and biases as floats, and matrices that cannot be used where they lie
        panel widened      the most that a product of half-precision weights widens at once; on each thread
        layer as floats    out · in · 4 of a block's largest linear layer; one at a time, and only to compress
        key-value cache    2 · blocks · key-value heads · head width · tokens · 4; for each sequence
        logits             vocabulary · tokens · 4, where every token's are asked for; for each sequence
      The activations within a block come on top.
      """)

  @Argument(help: "A Hugging Face style folder.")
  var folder: String

  @Flag(help: "Print one JSON object; sizes are in bytes.")
  var json = false

  @Option(help: "The tokens of the sequence that the memory is given for. (default: the model's positions)")
  var length: Int?

  private static let largestLength = 1 << 20

  func validate() throws {
    if let length, !(1...Self.largestLength).contains(length) {
      throw ValidationError("--length must be from 1 to \(Self.largestLength).")
    }
  }

  func run() throws {
    try reportingErrors {
      let model = try loadModel(folder: folder)
      if let length, model.shape.hasPositionTable, length > model.shape.maximumPositions {
        throw ValidationError(
          "--length \(length): this model has a table of \(model.shape.maximumPositions) positions and no more.")
      }
      let report = InspectReport(
        folder: folder, summary: try ModelSummary(model, folder: CheckpointFolder(folder)),
        tokenizer: try InspectReport.Tokenizer(folder: folder),
        memory: SequenceMemory(model.shape, length: length ?? model.shape.maximumPositions))
      print(json ? try report.json() : report.text, terminator: "")
    }
  }
}
