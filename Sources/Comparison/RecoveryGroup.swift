/// The rows of one table for one model: the compressed model, and what each method made of it.
struct RecoveryGroup: Sendable {
  let table: PublishedTable
  let model: String
  let baseline: PublishedRow
  let rows: [PublishedRow]

  var name: String { "\(table.place), \(model)" }

  func rows(of method: String) -> [PublishedRow] { rows.filter { $0.method == method } }

  /// Every table and model with a row that nothing was recovered in.
  static func all(in publication: Publication) -> [RecoveryGroup] {
    publication.tables.flatMap { table in
      publication.models.compactMap { model in
        let rows = table.rows.filter { $0.model == model.name }
        return rows.first { $0.method == PaperMethod.none }.map {
          RecoveryGroup(table: table, model: model.name, baseline: $0, rows: rows)
        }
      }
    }
  }

  /// The row of a method with the largest number in a column.
  func best(
    _ method: String, by column: String, _ inputs: inout ClaimInputs
  ) throws(MissingInput) -> (row: PublishedRow, score: PrintedNumber) {
    var best: (row: PublishedRow, score: PrintedNumber)?
    for row in rows(of: method) {
      let score = try inputs.score(table, row, column)
      if best.map({ $0.score.value < score.value }) ?? true { best = (row, score) }
    }
    guard let best else { throw MissingInput(what: "\(table.place) has no \(method) of \(model)") }
    return best
  }
}

extension ClaimInputs {
  /// The groups that have all of these methods.
  func groups(with methods: [String]) throws(MissingInput) -> [RecoveryGroup] {
    let groups = RecoveryGroup.all(in: publication).filter { group in
      methods.allSatisfy { !group.rows(of: $0).isEmpty }
    }
    guard !groups.isEmpty else { throw MissingInput(what: "no table has rows of \(listed(methods))") }
    return groups
  }

  /// The average over the most tasks.
  func widestAverage() throws(MissingInput) -> PublishedAverage {
    guard let average = publication.averages.max(by: { $0.tasks.count < $1.tasks.count }) else {
      throw MissingInput(what: "the publication's file has no averages")
    }
    return average
  }

  /// The fewest documents of each task that the printed percentages do not exclude.
  func documents(of tasks: [String]) throws(MissingInput) -> [Int] {
    let checks = documentChecks(of: publication).filter { $0.verdict != .excluded }
    var documents: [Int] = []
    for task in tasks {
      guard let fewest = checks.filter({ $0.task == task }).map(\.documents).min() else {
        throw MissingInput(what: "no number of documents is possible for \(task)")
      }
      documents.append(fewest)
    }
    return documents
  }
}

extension PrintedNumber {
  /// The difference of the printed numbers, without the error of taking it between doubles.
  func minus(_ other: PrintedNumber) -> Double {
    let finest = min(exponent, other.exponent, 0)
    return Double(units(of: finest) - other.units(of: finest)) / Double(powerOfTen(-finest))
  }
}
