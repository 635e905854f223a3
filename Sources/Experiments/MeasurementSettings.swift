import Evaluation

// What a suite measures of its cells' models beside the tasks.

/// A text whose perplexity is measured.
package struct PerplexitySetting: Equatable, Sendable {
  package enum Method: Equatable, Sendable {
    /// Whole documents, of which the first `documents` (all where nil), by lm-evaluation-harness's protocol.
    case rolling(documents: Int?, prefix: RequestEncoding.Prefix)
    /// The documents joined and cut into windows of `length` tokens, of which the first `windows` (all where nil), by
    /// that of GPTQ and SparseGPT.
    case windows(length: Int, windows: Int?)

    package var name: String {
      switch self {
      case .rolling: "rolling"
      case .windows: "windows"
      }
    }
  }

  package var name: String
  package var corpus: String
  package var sha256: String
  package var source: PerplexitySource.Kind
  package var method: Method

  package var canonical: CanonicalJSON {
    var members: [String: CanonicalJSON] = [
      "name": .string(name), "sha256": .string(sha256), "source": .string(source.rawValue),
      "method": .string(method.name),
    ]
    switch method {
    case .rolling(let documents, let prefix):
      members["documents"] = .optional(documents)
      members["prefix"] = .string(prefix == .endOfText ? "eos" : "bos")
    case .windows(let length, let windows):
      members["length"] = .integer(length)
      members["windows"] = .optional(windows)
    }
    return .object(members)
  }
}

/// The texts on which a cell's model is held against the dense one.
package struct SimilaritySetting: Equatable, Sendable {
  package var corpus: String
  package var sha256: String
  package var source: PerplexitySource.Kind
  package var samples: Int
  /// Tokens of a sample.
  package var length: Int

  package var canonical: CanonicalJSON {
    [
      "sha256": .string(sha256), "source": .string(source.rawValue), "samples": .integer(samples),
      "length": .integer(length),
    ]
  }
}

/// The batch over which a cell's model is timed.
package struct LatencySetting: Equatable, Sendable {
  package var batch: Int
  /// Tokens of a sequence.
  package var length: Int
  package var repetitions: Int

  package init(batch: Int, length: Int, repetitions: Int) {
    self.batch = batch
    self.length = length
    self.repetitions = repetitions
  }

  package var canonical: CanonicalJSON {
    ["batch": .integer(batch), "length": .integer(length), "repetitions": .integer(repetitions)]
  }
}

extension PerplexitySetting {
  init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    name = try mapping.name("name")
    try names.add(name, from: mapping, key: "name")
    corpus = try mapping.text("corpus")
    sha256 = try mapping.sha256("sha256")
    source = try mapping.choice("source")
    let common = ["name", "corpus", "sha256", "source", "method"]
    switch try mapping.choice(
      "method", among: ["rolling", "windows"], { ["rolling", "windows"].contains($0) ? $0 : nil })
    {
    case "windows":
      try mapping.restrict(to: common + ["length", "windows"])
      method = .windows(
        length: try mapping.integer("length", in: 2...1_000_000, default: 2048),  // model.seqlen in IST-DASLab/gptq
        windows: try mapping.optionalInteger("windows", in: 1...Int.max))
    default:
      try mapping.restrict(to: common + ["documents", "prefix"])
      method = .rolling(
        documents: try mapping.optionalInteger("documents", in: 1...Int.max),
        prefix: mapping.has("prefix")
          ? try mapping.choice("prefix", among: ["eos", "bos"]) {
            ["eos": RequestEncoding.Prefix.endOfText, "bos": .beginningElseEndOfText][$0]
          } : .endOfText)
    }
  }
}

extension SimilaritySetting {
  static let keys = ["corpus", "sha256", "source", "samples", "length"]

  init(_ mapping: SuiteMapping) throws(SuiteError) {
    corpus = try mapping.text("corpus")
    sha256 = try mapping.sha256("sha256")
    source = try mapping.choice("source")
    samples = try mapping.integer("samples", in: 1...1_000_000)
    length = try mapping.integer("length", in: 2...1_000_000)
  }
}

extension LatencySetting {
  static let keys = ["batch", "length", "repetitions"]

  init(_ mapping: SuiteMapping) throws(SuiteError) {
    batch = try mapping.integer("batch", in: 1...1_000_000)
    length = try mapping.integer("length", in: 1...1_000_000)
    repetitions = try mapping.integer("repetitions", in: 2...10_000)
  }
}
