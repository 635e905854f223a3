import Results

/// A line "name: old → new" for each field in which two results differ, environment and timing left out.
///
/// A task's flags are long, so they are told as documents lost and gained.
func fieldDifferences(from old: CellResult, to new: CellResult) -> [String] {
  let oldFields = fields(of: old)
  let newFields = fields(of: new)
  let oldNames = Set(oldFields.map(\.name))
  let names = oldFields.map(\.name) + newFields.map(\.name).filter { !oldNames.contains($0) }
  let oldValues = Dictionary(uniqueKeysWithValues: oldFields.map { ($0.name, $0.value) })
  let newValues = Dictionary(uniqueKeysWithValues: newFields.map { ($0.name, $0.value) })
  return names.compactMap { name in
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
    add("\(task.name) perplexity", task.perplexity)
    add("\(task.name) documents", task.documents)
    add("\(task.name) version", task.version)
    add("\(task.name) answers", task.answersDigest)
    add("\(task.name) scores", task.scoresDigest)
    add("\(task.name) notes", task.notes.isEmpty ? nil : task.notes.joined(separator: "; "))
  }
  add("tasks", result.tasks.map(\.name).joined(separator: " "))
  add("trainable parameters", result.parameters.trainable)
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
  for (name, digest) in result.provenance.sorted(by: { $0.key < $1.key }) {
    add("provenance \(name)", digest)
  }
  return fields
}
