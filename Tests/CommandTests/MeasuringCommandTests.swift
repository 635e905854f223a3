import Foundation
import Testing

/// `similarity` and `latency` on a small model.
@Suite struct MeasuringCommandTests {
  private func json(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try Command.run(arguments + ["--json", "--quiet"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  // MARK: Similarity

  @Test func `a model has a similarity of exactly 1 to itself, in every block and both readings`() throws {
    let suite = try SmallSuite()
    let model = suite.folder + "/checkpoint"
    let arguments = [
      "similarity", model, model, "--corpus", suite.folder + "/data/corpus.jsonl", "--source", "c4", "--samples", "3",
      "--length", "20",
    ]
    let found = try json(arguments)
    let similarity = try #require(found["similarity"] as? [String: Any])
    for curve in ["attentionByRow", "attentionFlattened", "activationsByRow", "activationsFlattened"] {
      #expect(similarity[curve] as? [Double] == [1, 1])
    }
    #expect(found["source"] as? String == "c4")
    let text = try Command.run(arguments)
    #expect(text.output.contains("1.000000") && text.output.contains("3 texts of 20 tokens"), "\(text.output)")
  }

  @Test func `what cannot be compared is an error that says why`() throws {
    let suite = try SmallSuite()
    var faults = SmallSuite.Faults()
    faults.maximumPositions = 64
    let model = suite.folder + "/checkpoint"
    let corpus = suite.folder + "/data/corpus.jsonl"
    let short = try Command.run(["similarity", model, model, "--corpus", corpus, "--source", "c4", "--length", "4000"])
    #expect(short.status == 3 && short.errors.contains("0 texts have 4000 tokens, and 8 are needed"), "\(short.errors)")
    let absent = try Command.run(["similarity", model, model + "-x", "--corpus", corpus])
    #expect(absent.status == 3 && absent.errors.contains("checkpoint-x"), "\(absent.errors)")
    #expect(try Command.run(["similarity", model, model, "--corpus", corpus, "--samples", "0"]).status == 64)
  }

  // MARK: Latency

  @Test func `latency has every variant, its ratio, what it saves, and what was to be expected`() throws {
    let arguments = [
      "latency", "--shape", "llama-288", "--measured-blocks", "1", "--batch", "4", "--measured-batch", "2", "--length",
      "16", "--prompt", "3", "--prompt", "5", "--prefix", "4", "--repetitions", "2", "--threads", "2",
    ]
    let found = try json(arguments)
    let variants = try #require(found["variants"] as? [[String: Any]])
    #expect(
      variants.map { $0["name"] as? String } == [
        "dense", "LoRA merged", "LoRA unmerged", "LoRA step by step", "prompt-3", "prompt-5", "prefix-4", "IDP-3-5",
      ])
    for variant in variants {
      let ratio = try #require(variant["ratio"] as? [String: Any])
      let value = try #require(ratio["value"] as? Double)
      #expect(abs((ratio["reduction"] as? Double ?? 9) - (1 - value)) < 1e-12)
      #expect(abs((ratio["speedUp"] as? Double ?? 9) - 1 / value) < 1e-12)
      #expect((ratio["predicted"] as? [Double])?.count == 4)
      #expect((variant["disturbed"] as? [Bool])?.count == 2)
      // Six blocks and twice the sequences of what was run.
      let seconds = try #require(variant["measuredSeconds"] as? [Double])
      #expect(abs((variant["seconds"] as? Double ?? 0) - 12 * (seconds[0] + seconds[1]) / 2) < 1e-9)
    }
    #expect((variants[0]["ratio"] as? [String: Any])?["value"] as? Double == 1)
    #expect((variants[1]["ratio"] as? [String: Any])?["predicted"] as? [Double] == [1, 1, 1, 1])
    let comparisons = try #require(found["comparisons"] as? [[String: Any]])
    // Four with something in front against three LoRAs, and IDP against two prompts.
    #expect(comparisons.count == 14)
    #expect(found["measuredBlocks"] as? Int == 1 && found["blocks"] as? Int == 6)
  }

  @Test func `the table says what was measured and what was multiplied`() throws {
    let outcome = try Command.run([
      "latency", "--shape", "opt-125m", "--measured-blocks", "1", "--batch", "2", "--length", "8", "--prompt", "2",
      "--prefix", "2", "--repetitions", "2", "--quiet",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for text in [
      "prompt-2 ÷ LoRA step by step", "Measured: 1 of 12 blocks, 2 of 2 sequences.",
      "RTX 4090: 82600 G multiply-adds/s",
      "Other work had", "speed-up",
    ] {
      #expect(outcome.output.contains(text), "\(outcome.output)")
    }
  }

  @Test func `a model of one's own is measured as it is`() throws {
    let suite = try SmallSuite()
    let found = try json([
      "latency", "--model", suite.folder + "/checkpoint", "--batch", "2", "--length", "8", "--prompt", "2", "--prefix",
      "2", "--repetitions", "2",
    ])
    #expect(found["model"] as? String == "checkpoint" && found["measuredBlocks"] as? Int == 2)
  }

  @Test func `numbers that mean nothing are refused`() throws {
    for options in [
      ["--shape", "llama-8"], ["--shape", "llama-288", "--model", "x"], ["--batch", "0"], ["--repetitions", "1"],
      ["--batch", "2", "--measured-batch", "3"], ["--measured-blocks", "7"], ["--length", "2048"],
    ] {
      #expect(try Command.run(["latency"] + options).status == 64, "\(options)")
    }
  }
}
