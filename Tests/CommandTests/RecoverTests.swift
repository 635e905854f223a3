import Foundation
import Models
import Testing

/// Trains adapters of a random Llama on a small corpus.
@Suite final class RecoverTests: Sendable {
  private let scene: EvaluationScene

  init() throws { scene = try EvaluationScene() }

  private var corpus: String { "c4=\(scene.folder)/data/corpus.jsonl" }
  private static let lora = ["--method", "lora", "--rank", "2"]
  private static let prompt = ["--method", "prompt", "--tokens", "3"]
  private static let prefix = ["--method", "prefix", "--tokens", "3"]
  private static let dropping = lora + ["--dropout", "0.3", "--loss-tokens", "summed-following", "--clip", "1"]
  private static let projected = prefix + ["--initialization", "projection", "--projection-width", "5"]

  private func arguments(
    _ output: String, _ method: [String] = lora, steps: Int = 30, _ options: String...
  ) -> [String] {
    [
      "recover", "--model", scene.model, "--corpus", corpus, "--length", "16", "--batch", "4", "--learning-rate",
      "1e-2",
      "--validation-sequences", "4", "--validate-every", "10", "--steps", "\(steps)", "-o", scene.folder + "/" + output,
    ] + method + options
  }

  /// The record without what another run has otherwise.
  private func record(_ output: String) throws -> NSDictionary {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(scene.folder)/\(output)/training.json"))
    let members = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return members.filter { $0.key != "run" } as NSDictionary
  }

  private func adapter(_ output: String) throws -> [Data] {
    try ["adapter_config.json", "adapter_model.safetensors"].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(scene.folder)/\(output)/\($0)"))
    }
  }

  private func perplexity(_ adapters: String...) throws -> Double {
    let outcome = try Command.run(
      [
        "perplexity", "--model", scene.model, "--c4", scene.folder + "/data/corpus.jsonl", "--max-length", "100",
        "--json",
      ]
        + adapters.flatMap { ["--adapter", scene.folder + "/" + $0] })
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try JSONValue(parsing: outcome.output)["tokenPerplexity"]?["value"]?.double)
  }

  @Test(arguments: [(lora, 2 * 2 * (2 * 32 + 2 * 24 + 3 * 40)), (prompt, 3 * 16), (prefix, 3 * 2 * 2 * 8)])
  func `an adapter is trained, helps, and the record says how`(method: [String], count: Int) throws {
    let arguments = arguments("adapter", method, steps: 100, "--json")
    let outcome = try Command.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try JSONValue(parsing: outcome.output)
    #expect(record["losses"]?.array?.count == 100)
    #expect(
      record["validations"]?.array?.compactMap { $0["step"]?.integer } == Array(stride(from: 0, through: 100, by: 10)))
    #expect(record["parameters"]?["trained"]?.integer == count)
    #expect(record["question"]?["recipe"]?["tokens"]?.integer == 100 * 4 * 16)
    #expect(record["question"]?["corpus"]?["documentLimit"]?.integer == 5000)
    // Of the whole sequences of the corpus, four are held out.
    let tokens = try #require(record["corpusTokens"]?.integer)
    #expect(record["sequencesPerEpoch"]?.integer == tokens / 16 - 4)
    let perplexities = (record["validations"]?.array ?? []).compactMap { $0["perplexity"]?.double }
    let keptStep = try #require(record["keptStep"]?.integer)
    #expect(perplexities[keptStep / 10] == perplexities.dropFirst().min())
    #expect(try perplexity("adapter") < 0.9 * perplexity())
    #expect(!FileManager.default.fileExists(atPath: scene.folder + "/adapter/unfinished"))
    // The same command finds it done, and others are refused.
    let again = try Command.run(arguments)
    #expect(again.status == 0 && again.output == outcome.output)
    let other = try Command.run(arguments + ["--seed", "1"])
    #expect(other.status == 3 && other.errors.contains("holds a training with other settings"), "\(other.errors)")
  }

  @Test func `the last parameters are kept where they are asked for`() throws {
    for keep in ["best", "last"] {
      // At this rate the validation loss rises towards the end.
      let outcome = try Command.run(arguments(keep, Self.lora, steps: 120, "--keep", keep, "--learning-rate", "0.05"))
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let (best, last) = (try record("best"), try record("last"))
    #expect(best["losses"] as? NSArray == last["losses"] as? NSArray)
    #expect(last["keptStep"] as? Int == 120)
    #expect((best["keptStep"] as? Int == 120) == (try adapter("best")[1] == adapter("last")[1]))
  }

  @Test(arguments: [lora, dropping, prompt, prefix])
  func `threads and sequences at once change no bit`(method: [String]) throws {
    var records: [NSDictionary] = []
    var adapters: [[Data]] = []
    for (threads, atOnce) in [(1, 1), (2, 4), (3, 2), (3, 3)] {
      let output = "adapter-\(threads)-\(atOnce)"
      let outcome = try Command.run(
        arguments(output, method, steps: 30, "--threads", "\(threads)", "--micro-batch", "\(atOnce)"))
      #expect(outcome.status == 0, "\(outcome.errors)")
      records.append(try record(output))
      adapters.append(try adapter(output))
    }
    for index in 1..<records.count { #expect(records[index] == records[0] && adapters[index] == adapters[0]) }
  }

  @Test(arguments: [lora, dropping, prompt, prefix, projected])
  func `killed again and again, it ends in the same bits`(method: [String]) throws {
    let steps = 600
    let whole = try Command.run(arguments("whole", method, steps: steps))
    #expect(whole.status == 0, "\(whole.errors)")
    let arguments = arguments("killed", method, steps: steps, "--checkpoint-every", "7", "--quiet")
    let state = scene.folder + "/killed/unfinished/state.safetensors"
    var killed = 0
    for round in 0..<6 {
      let process = try Command.start(
        arguments, output: URL(fileURLWithPath: scene.folder + "/log"),
        errors: URL(fileURLWithPath: scene.folder + "/errors"))
      // At another moment each time, once there is a state of this process.
      let before = try? FileManager.default.attributesOfItem(atPath: state)[.modificationDate] as? Date
      while process.isRunning,
        (try? FileManager.default.attributesOfItem(atPath: state)[.modificationDate] as? Date) == before
      { usleep(500) }
      usleep(UInt32(1000 * round * 3))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { killed += 1 }
    }
    #expect(killed >= 1)
    let last = try Command.run(arguments.filter { $0 != "--quiet" })
    #expect(last.status == 0 && last.errors.contains("Going on behind step"), "\(last.errors)")
    #expect(try record("killed") == record("whole"))
    #expect(try adapter("killed") == adapter("whole"))
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func `asked to stop, it keeps its state and says how to go on`(signal: Int32, status: Int32) throws {
    let arguments = arguments("stopped", Self.lora, steps: 100_000)
    let errors = URL(fileURLWithPath: scene.folder + "/errors")
    let process = try Command.start(arguments, output: URL(fileURLWithPath: scene.folder + "/log"), errors: errors)
    while process.isRunning, try !String(contentsOf: errors, encoding: .utf8).contains("step 10:") { usleep(1000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == status)
    #expect(try String(contentsOf: errors, encoding: .utf8).contains("the same command goes on from there"))
    let state = scene.folder + "/stopped/unfinished/state.safetensors"
    let other = try Command.run(self.arguments("stopped", Self.lora, steps: 99_999))
    #expect(other.status == 3 && other.errors.contains("the state of another training"), "\(other.errors)")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: state))
    try bytes.dropLast(8).write(to: URL(fileURLWithPath: state))
    let damaged = try Command.run(arguments)
    #expect(
      damaged.status == 3 && damaged.errors.contains("remove it, and the training begins anew"), "\(damaged.errors)")
  }

  @Test func `a training that diverges ends with the step and the place`() throws {
    let outcome = try Command.run(arguments("broken", Self.lora, steps: 30, "--learning-rate", "1e38"))
    #expect(outcome.status == 3)
    #expect(
      outcome.errors.contains("the training diverged in step") && outcome.errors.contains("smaller learning rate"))
    #expect(outcome.errors.contains("model.layers.0") || outcome.errors.contains("lora_"), "\(outcome.errors)")
  }

  @Test func `a text of its own for validation must not be the training text`() throws {
    let copy = scene.folder + "/copy.jsonl"
    try FileManager.default.copyItem(atPath: scene.folder + "/data/corpus.jsonl", toPath: copy)
    let same = try Command.run(arguments("same", Self.lora, steps: 10, "--validation", "c4=" + copy))
    #expect(same.status == 3 && same.errors.contains("this is the text that is trained on"), "\(same.errors)")
    let text = scene.folder + "/other.txt"
    try "the fox sang under a lamp and a tree, again and again".write(toFile: text, atomically: true, encoding: .utf8)
    let short = try Command.run(arguments("short", Self.lora, steps: 10, "--validation", "text=" + text))
    #expect(short.status == 3 && short.errors.contains("has 3 whole sequences"), "\(short.errors)")
    let sound = try Command.run(
      arguments("sound", Self.lora, steps: 10, "--validation", "text=" + text) + ["--validation-sequences", "3"])
    #expect(sound.status == 0, "\(sound.errors)")
    // Then all of the corpus is trained on.
    let record = try record("sound")
    #expect(record["sequencesPerEpoch"] as? Int == (record["corpusTokens"] as? Int).map { $0 / 16 })
  }

  @Test(arguments: ["prompt", "prefix"])
  func `what begins as a text does no more harm at first than that text`(method: String) throws {
    func first(_ options: String...) throws -> Double {
      let output = options.joined(separator: " ")
      let outcome = try Command.run(
        arguments(output, ["--method", method, "--tokens", "4"], steps: 1) + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try #require((try record(output)["validations"] as? [[String: Any]])?.first?["perplexity"] as? Double)
    }
    // Four tokens with the beginning: what stands in front of three letters is the text “the”.
    let text = try first("--initialization", "text", "--text", "the")
    let random = try first("--initialization", "normal", "--scale", "30")
    #expect(text < random)
    #expect(try first("--initialization", "text", "--text", "the lamp") == text)
  }

  @Test func `a folder with other files is left as it is`() throws {
    let outcome = try Command.run(arguments("data"))
    #expect(outcome.status == 3 && outcome.errors.contains("the folder has other files"), "\(outcome.errors)")
  }

  @Test func `layers that the model does not have are refused with those it has`() throws {
    let outcome = try Command.run(arguments("fc", Self.lora, steps: 1, "--targets", "fc1,q_proj"))
    #expect(outcome.status == 3 && outcome.errors.contains("no layers called fc1; it has q_proj"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: scene.folder + "/fc"))
    let named = try Command.run(arguments("two", Self.lora, steps: 1, "--targets", "v_proj,q_proj"))
    #expect(named.status == 0, "\(named.errors)")
    // Two blocks of a rank of 2 for 16 → 16 and 16 → 8.
    let parameters = try #require(try record("two")["parameters"] as? [String: Any])
    #expect(parameters["trained"] as? Int == 2 * 2 * (32 + 24))
  }

  @Test(arguments: [
    (["--method", "lora", "--tokens", "3"], "has no use for --tokens"),
    (["--method", "prompt"], "needs --tokens"),
    (["--method", "prompt", "--tokens", "3", "--dropout", "0.1"], "has no use for --dropout"),
    (["--method", "prompt", "--tokens", "3", "--initialization", "projection"], "use embedding-rows, normal"),
    (["--method", "prompt", "--tokens", "3", "--initialization", "text"], "needs --text"),
    (["--method", "prefix", "--tokens", "3", "--text", "a"], "--initialization text"),
    (["--method", "prefix", "--tokens", "3", "--projection-width", "2"], "--initialization projection"),
    (["--method", "lora", "--dropout", "1"], "--dropout must be from 0 to below 1"),
    (["--method", "prompt", "--tokens", "3", "--rank", "2"], "has no use for --rank"),
    (["--method", "prompt", "--tokens", "3", "--scale", "2"], "--initialization normal"),
    (["--method", "lora", "--rank", "0"], "--rank must be from 1 to 65536"),
    (["--method", "lora", "--targets", "everything"], "--targets"),
    (["--method", "lora", "--warmup", "3"], "--schedule linear"),
    (["--method", "lora", "--steps", "3", "--tokens-total", "3"], "leave one out"),
    (["--method", "lora", "--validation-sequences", "0", "--keep", "best"], "--keep best needs"),
    (["--method", "lora", "--corpus", "ptb=x"], "--corpus"),
    (["--method", "lora", "--learning-rate", "0"], "--learning-rate must be above 0"),
    (["--method", "lora", "--batch", "0"], "--batch must be at least 1"),
  ])
  func `options that make no sense are refused with what to change`(arguments: [String], message: String) throws {
    let outcome = try Command.run(
      ["recover", "--model", "none", "-o", "none"] + (arguments.contains("--corpus") ? [] : ["--corpus", "text=x"])
        + arguments)
    #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
  }
}
