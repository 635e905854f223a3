import Foundation
import Results
import Yams

extension Suite {
  /// Reads a suite's YAML file; every error names the file and the line.
  package init(contentsOf path: String) throws(SuiteError) {
    let text: String
    do {
      text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    } catch {
      throw SuiteError(file: path, line: 0, problem: .unreadable(reason: error.localizedDescription))
    }
    try self.init(yaml: text, file: path)
  }

  /// Reads a suite's YAML text; `file` is named in errors.
  package init(yaml: String, file: String) throws(SuiteError) {
    let root = try SuiteMapping(
      SuiteMapping.compose(yaml, file: file), "suite",
      known: [
        "suite", "seed", "data", "artifacts", "models", "texts", "calibration", "compressions", "training",
        "recoveries",
        "evaluation", "tasks", "perplexity", "similarity", "latency", "quick", "gate",
      ], file: file)
    name = try root.name("suite")
    quick = root.has("quick") ? try root.texts("quick") : []
    gate = root.has("gate") ? try GateSettings(root.mapping("gate", known: GateSettings.keys)) : GateSettings()
    seed = try root.seed("seed")
    if root.has("artifacts") {
      guard !root.has("data") else {
        throw root.error("data", .outOfRange(key: "data", expected: "nothing beside artifacts", found: "a folder"))
      }
      artifacts = try root.texts("artifacts")
    } else {
      data = try root.text("data")
    }
    var names = NameLines()
    models = try root.elements("models", "model", known: ["name", "folder", "sha256"]) { element throws(SuiteError) in
      try ModelSetting(element, names: &names)
    }
    names = NameLines()
    compressions = try root.elements("compressions", "compression", known: nil) { element throws(SuiteError) in
      try CompressionSetting(element, names: &names)
    }
    names = NameLines()
    recoveries = try root.elements("recoveries", "recovery", known: nil) { element throws(SuiteError) in
      try RecoverySetting(element, names: &names)
    }
    names = NameLines()
    tasks = try root.elements("tasks", "task", known: ["task", "files", "sha256", "documents"]) {
      element throws(SuiteError) in
      try TaskSetting(element, names: &names)
    }
    evaluation = try EvaluationSetting(root.mapping("evaluation", known: ["documents", "order"]))
    names = NameLines()
    perplexities =
      root.has("perplexity")
      ? try root.elements("perplexity", "perplexity", known: nil) { element throws(SuiteError) in
        try PerplexitySetting(element, names: &names)
      } : []
    similarity =
      root.has("similarity") ? try SimilaritySetting(root.mapping("similarity", known: SimilaritySetting.keys)) : nil
    latency = root.has("latency") ? try LatencySetting(root.mapping("latency", known: LatencySetting.keys)) : nil
    // Required only where something needs them, so that a suite of dense models need not invent them.
    calibration =
      compressions.contains(where: \.method.needsCalibration) || root.has("calibration")
      ? try CalibrationSetting(root.mapping("calibration", known: CalibrationSetting.keys)) : nil
    training =
      recoveries.contains(where: \.method.isTrained) || root.has("training")
      ? try TrainingSetting(root.mapping("training", known: TrainingSetting.keys)) : nil
    if root.has("texts") {
      names = NameLines()
      texts = try root.elements("texts", "text", known: ["name", "kind", "corpus", "sha256"]) {
        element throws(SuiteError) in
        try TextSetting(element, names: &names)
      }
    }
    try checkCompressions(in: root)
    try checkPrompts(in: root)
    try checkQuickCells(in: root)
  }

  /// A compression may name only texts and recoveries that the suite has.
  private func checkCompressions(in root: SuiteMapping) throws(SuiteError) {
    for (compression, node) in zip(compressions, try root.list("compressions")) {
      let element = try SuiteMapping(node, "compression", known: nil, file: root.file)
      func check(_ key: String, _ names: [String], _ known: [String]) throws(SuiteError) {
        if let name = names.first(where: { !known.contains($0) }) {
          throw element.error(
            key, .unknownValue(key: key, found: name, nearest: nearest(to: name, among: known), known: known))
        }
      }
      try check("text", compression.text.map { [$0] } ?? [], texts.map(\.name))
      try check("recoveries", compression.recoveries ?? [], recoveries.map(\.name))
    }
  }

  private func checkQuickCells(in root: SuiteMapping) throws(SuiteError) {
    let known = models.flatMap { model in
      compressions.flatMap { compression in
        recoveries(of: compression).map { "\(model.name)/\(compression.name)/\($0.name)" }
      }
    }
    for (index, name) in quick.enumerated() {
      guard known.contains(name) else {
        throw root.error(
          "quick", .unknownValue(key: "quick", found: name, nearest: nearest(to: name, among: known), known: known))
      }
      guard !quick[..<index].contains(name) else {
        throw root.error("quick", .duplicateName(name, firstLine: root.line(of: "quick")))
      }
    }
  }

  /// A recovery that combines prompts may name only prompts that the suite trains, each once.
  private func checkPrompts(in root: SuiteMapping) throws(SuiteError) {
    let known = recoveries.compactMap { recovery in
      if case .prompt = recovery.method { recovery.name } else { nil }
    }
    for (recovery, node) in zip(recoveries, try root.list("recoveries")) {
      let element = try SuiteMapping(node, "recovery", known: nil, file: root.file)
      let prompts = recovery.method.combinedPrompts
      for (index, prompt) in prompts.enumerated() {
        guard known.contains(prompt) else {
          throw element.error(
            "prompts",
            .unknownPrompt(
              prompt, recovery: recovery.name, nearest: nearest(to: prompt, among: known), known: known))
        }
        guard !prompts[..<index].contains(prompt) else {
          throw element.error("prompts", .duplicateName(prompt, firstLine: element.line(of: "prompts")))
        }
      }
    }
  }
}

/// The names given so far in one list, with their lines.
struct NameLines {
  private var lines: [String: Int] = [:]

  mutating func add(_ name: String, from mapping: SuiteMapping, key: String) throws(SuiteError) {
    if let first = lines[name] { throw mapping.error(key, .duplicateName(name, firstLine: first)) }
    lines[name] = mapping.line(of: key)
  }
}

extension SuiteMapping {
  /// A name that can be part of a path.
  func name(_ key: String) throws(SuiteError) -> String {
    let name = try text(key)
    guard Cell.isValidName(name) else {
      throw error(
        key, .outOfRange(key: key, expected: "letters, digits and ._-+, not beginning with a dot", found: name))
    }
    return name
  }

  func sha256(_ key: String) throws(SuiteError) -> String {
    let digest = try text(key)
    try check(digest, isSHA256: key)
    return digest
  }

  func check(_ digest: String, isSHA256 key: String) throws(SuiteError) {
    guard digest.utf8.count == 64, digest.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
      throw error(
        key, .outOfRange(key: key, expected: "a SHA-256 digest, 64 lower-case hexadecimal digits", found: digest))
    }
  }

  func elements<Element>(
    _ key: String, _ subject: String, known: [String]?, _ read: (SuiteMapping) throws(SuiteError) -> Element
  ) throws(SuiteError) -> [Element] {
    var elements: [Element] = []
    for node in try list(key) {
      elements.append(try read(SuiteMapping(node, subject, known: known, file: file)))
    }
    return elements
  }

  /// Refuses keys that the method, once known, does not have.
  func restrict(to known: [String]) throws(SuiteError) {
    for key in keys where !known.contains(key) {
      throw error(
        key, .unknownKey(key, in: subject, nearest: nearest(to: key, among: known), known: known))
    }
  }
}
