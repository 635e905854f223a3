import Comparison
import Results

/// A table in the paper's form: a row a method, a column a task, and the averages of domains; accuracies in percent, with
/// their standard errors and, where the suite repeats the paper, what the paper printed.
package struct ScoreTable: Equatable, Sendable {
  package struct Row: Equatable, Sendable {
    package var model: String
    /// As the suite names it.
    package var method: String
    /// Trained parameters, and what the paper's formula gives; nil where nothing is trained or no formula is known.
    package var trained: Int?
    package var formula: Int?
    /// One for each column; nil where the cell was not measured.
    package var scores: [Score?]
    package var published: [String?]
    /// Why there are no scores.
    package var problem: String?
    /// The dense model, for comparison: no row of the paper's.
    package var isReference = false
  }

  /// Of its files, such as "table-1".
  package var name: String
  package var title: String
  package var caption: String
  package var columns: [String]
  package var rows: [Row]

  package var hasPublished: Bool { rows.contains { $0.published.contains { $0 != nil } } }
}

/// Tables 1, 2 and 3 of the paper from the results of any suite, and one like Table 1 for every other compression.
package struct PaperTables {
  private let scores: SuiteScores
  private let columns: [(name: String, tasks: [String])]
  private let unusable: [Cell: String]

  /// - Parameters:
  ///   - publication: whose columns and averages are taken.
  ///   - isRepeated: whether the suite repeats the publication, so that its numbers stand beside.
  package init(_ evidence: SuiteEvidence, publication: Publication, isRepeated: Bool) {
    scores = SuiteScores(evidence, repeating: isRepeated ? publication : nil)
    columns = Self.columns(of: publication, tasks: scores.tasks)
    unusable = Dictionary(
      scores.findings.compactMap { finding in finding.problem.map { (finding.cell, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The paper's columns as far as the suite has them, then its other tasks; the average over all comes last.
  private static func columns(of publication: Publication, tasks: [String]) -> [(name: String, tasks: [String])] {
    let printed = publication.tables.first?.columns ?? []
    let averages = publication.averages.filter { $0.tasks.count < publication.tasks.count }
    let known = printed.compactMap { column -> (name: String, tasks: [String])? in
      if tasks.contains(column) { return (column, [column]) }
      // The mean over a part of its tasks would be another quantity under the same name.
      guard let average = averages.first(where: { $0.name == column }), average.tasks.allSatisfy(tasks.contains) else {
        return nil
      }
      return (column, average.tasks)
    }
    let others = tasks.filter { task in !known.contains { $0.name == task } }.map { (name: $0, tasks: [$0]) }
    let isWhole = Set(tasks) == Set(publication.tasks.map(\.name))
    return known + others + [(isWhole ? "Average" : "Average of \(tasks.count)", tasks)]
  }

  package func all() -> [ScoreTable] {
    let main = [scores.mainQuantization, scores.mainPruning].compactMap(\.self)
    let others = scores.evidence.compressions.filter { compression in
      !compression.isDense && !main.contains(compression)
    }
    var tables: [ScoreTable] = []
    if let quantization = scores.mainQuantization { tables.append(recoveries(of: quantization, "1")) }
    if let pruning = scores.mainPruning { tables.append(recoveries(of: pruning, "2")) }
    if let combinations = combinations() { tables.append(combinations) }
    return tables
      + others.map { compression in
        table(
          "table-\(compression.name)", "\(compression.name): recovery methods", compression,
          scores.evidence.recoveries, place: nil)
      }
  }

  private func recoveries(of compression: SuiteEvidence.Compression, _ number: String) -> ScoreTable {
    table(
      "table-\(number)", "Table \(number): recovery methods on \(compression.name)", compression,
      scores.evidence.recoveries, place: scores.published?.place(of: compression))
  }

  /// Table 3: IDP and concatenation beside the single prompts that they combine.
  private func combinations() -> ScoreTable? {
    let combining = scores.recoveries(.idp, .concatenation)
    guard let compression = scores.mainQuantization ?? scores.mainPruning, !combining.isEmpty else { return nil }
    let prompts = scores.recoveries(.prompt).filter { prompt in combining.contains { $0.prompts.contains(prompt.name) }
    }
    return table(
      "table-3", "Table 3: prompts alone and combined, on \(compression.name)", compression, prompts + combining,
      place: "Table 3", hasReference: false)
  }

  private func table(
    _ name: String, _ title: String, _ compression: SuiteEvidence.Compression, _ methods: [SuiteEvidence.Recovery],
    place: String?, hasReference: Bool = true
  ) -> ScoreTable {
    let rows = scores.evidence.models.flatMap { model -> [ScoreTable.Row] in
      var rows: [ScoreTable.Row] = []
      if hasReference, let dense = scores.dense, let unrecovered = scores.unrecovered,
        var reference = row(model, dense, unrecovered, place: nil)
      {
        reference.method = "dense, not compressed"
        reference.isReference = true
        rows.append(reference)
      }
      return rows + methods.compactMap { row(model, compression, $0, place: place) }
    }
    let documents = scores.findings.compactMap(\.result).first?.tasks.map { "\($0.name) \($0.documents)" } ?? []
    let paper = rows.contains { $0.published.contains { $0 != nil } } ? " Below a row: what the paper printed." : ""
    return ScoreTable(
      name: name, title: title,
      caption: "Accuracies in percent ± one standard error; those of averages take tasks as independent. Documents: "
        + documents.joined(separator: ", ") + "." + paper,
      columns: columns.map(\.name), rows: rows)
  }

  private func row(
    _ model: String, _ compression: SuiteEvidence.Compression, _ recovery: SuiteEvidence.Recovery, place: String?
  ) -> ScoreTable.Row? {
    guard let finding = scores.evidence.finding(model, compression, recovery) else { return nil }
    let result = finding.result
    let printed = place.flatMap { scores.published?.row(model, compression, recovery, in: $0) }
    return ScoreTable.Row(
      model: model, method: recovery.kind == .none ? "\(compression.name), no recovery" : recovery.name,
      trained: result.flatMap { $0.parameters.trainable > 0 ? $0.parameters.trainable : nil },
      formula: result?.parameters.formula.flatMap { $0 > 0 ? $0 : nil },
      scores: columns.map { column in
        let own = (result?.tasks ?? []).filter { column.tasks.contains($0.name) }
        return own.count == column.tasks.count && !own.isEmpty ? Score(meanOf: own) : nil
      },
      published: columns.map { column in
        printed.flatMap { table, row in table.score(row, column.name)?.text }
      }, problem: unusable[finding.cell])
  }
}
