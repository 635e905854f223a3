import Results

/// A line "name: old → new" for each field in which two results differ, environment and timing left out; a ratio of
/// times, which is never the same twice, only where it would not be held.
///
/// A task's flags are long, so they are told as documents lost and gained.
func fieldDifferences(from old: CellResult, to new: CellResult) -> [String] {
  let oldFields = fields(of: old)
  let newFields = fields(of: new)
  let oldNames = Set(oldFields.map(\.name))
  let names = oldFields.map(\.name) + newFields.map(\.name).filter { !oldNames.contains($0) }
  let oldValues = Dictionary(uniqueKeysWithValues: oldFields.map { ($0.name, $0.value) })
  let newValues = Dictionary(uniqueKeysWithValues: newFields.map { ($0.name, $0.value) })
  let latency = compareLatency(found: new, expected: old, rule: ComparisonRule())
    .filter { $0.verdict != .pass }.map { "\($0.name): \(orNone($0.expected)) → \(orNone($0.found))" }
  return latency
    + names.compactMap { name in
      guard oldValues[name] != newValues[name] else { return nil }
      if let flips = flips(named: name, from: old, to: new) {
        return "\(name): \(flips.lost) lost, \(flips.gained) gained of \(flips.documents)"
      }
      if name == "losses", let before = old.training?.losses, let after = new.training?.losses,
        before.count == after.count
      {
        let differing = zip(before, after).count { $0 != $1 }
        return "losses: \(differing) of \(after.count) differ"
      }
      return "\(name): \(oldValues[name] ?? "none") → \(newValues[name] ?? "none")"
    }
}

private func orNone(_ text: String) -> String { text.isEmpty ? "none" : text }

private func flips(named name: String, from old: CellResult, to new: CellResult) -> Flips? {
  guard let after = new.tasks.first(where: { "\($0.name) correct" == name }),
    let before = old.tasks.first(where: { $0.name == after.name }), before.documents == after.documents
  else { return nil }
  return Flips(expected: before.correct, found: after.correct)
}

private typealias Field = (name: String, value: String)

/// Every compared field by name, in the order in which a reader wants them; absent ones are left out.
private func fields(of result: CellResult) -> [Field] {
  var fields: [Field] = []
  func add(_ name: String, _ value: (some Any)?) {
    if let value { fields.append((name, "\(value)")) }
  }
  add("schema version", result.schemaVersion)
  add("suite", result.suite)
  add("cell", result.cell)
  add("seed", result.seed)
  add("average accuracy", result.averageAccuracy)
  for task in result.tasks {
    add("\(task.name) accuracy", task.accuracy)
    add("\(task.name) correct", task.correct)
    add("\(task.name) normalized accuracy", task.accuracyNormalized)
    add("\(task.name) chance", task.chance)
    add("\(task.name) perplexity", task.perplexity)
    add("\(task.name) documents", task.documents)
    add("\(task.name) version", task.version)
    add("\(task.name) answers", task.answersDigest)
    add("\(task.name) scores", task.scoresDigest)
    add("\(task.name) choices of prompts", task.promptWins?.joined(separator: ", "))
    add("\(task.name) notes", task.notes.isEmpty ? nil : task.notes.joined(separator: "; "))
  }
  add("tasks", result.tasks.map(\.name).joined(separator: " "))
  add("trainable parameters", result.parameters.trainable)
  add("exact parameters", result.parameters.exact)
  add("formula parameters", result.parameters.formula)
  add("parameters note", result.parameters.note)
  add("compression method", result.compression?.method)
  add("bits per weight", result.compression?.bitsPerWeight)
  add("zero fraction", result.compression?.zeroFraction)
  add("compression error", result.compression?.errorSum)
  add("training steps", result.training?.steps)
  add("training tokens", result.training?.tokens)
  add("first loss", result.training?.firstLoss)
  add("last loss", result.training?.lastLoss)
  add("losses", result.training?.losses)
  if let prompting = result.prompting {
    add("prompts", prompting.prompts.joined(separator: " "))
    add("prompting", prompting.method)
    add("choice", prompting.selection.map { "\($0.score) \($0.layers) \($0.heads) \($0.queries)" })
    add("positions", "\(prompting.positions) \(prompting.positionCount)")
  }
  for perplexity in result.perplexities ?? [] {
    let question = "\(perplexity.method) of \(perplexity.window), \(perplexity.tokens) tokens"
    add("perplexity of \(perplexity.name)", "\(perplexity.tokenPerplexity) (\(question))")
    add("perplexity of \(perplexity.name), a word", perplexity.wordPerplexity)
  }
  if let similarity = result.similarity {
    add("similarity", "\(similarity.samples) texts of \(similarity.length) tokens")
    for (name, values) in similarity.curves { add("similarity \(name)", values.map { "\($0)" }.joined(separator: " ")) }
  }
  for (name, digest) in result.provenance.sorted(by: { $0.key < $1.key }) {
    add("provenance \(name)", digest)
  }
  return fields
}
