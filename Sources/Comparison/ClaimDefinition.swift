/// A claim that can be judged: where it stands, what is computed, and how it is decided.
struct ClaimDefinition: Sendable {
  /// What the paper says.
  enum Subject: Sendable {
    /// The name of a stored statement.
    case statement(String)
    /// What tables imply without saying it.
    case implied(String, place: String)
  }

  let id: String
  let subject: Subject
  let quantity: String
  let formula: String
  let decide: @Sendable (inout ClaimInputs) throws(MissingInput) -> ClaimOutcome

  func claim(from evidence: ClaimEvidence) -> Claim {
    var inputs = ClaimInputs(evidence)
    var claim = Claim(
      id: id, statement: "", isQuoted: false, place: "", quantity: quantity, formula: formula, published: "", value: "",
      verdict: .notMeasured, reading: nil, workings: [], details: [], notes: [], inputs: [], scale: nil, missing: nil,
      evidence: [])
    do throws(MissingInput) {
      switch subject {
      case .statement(let name):
        let statement = try inputs.statement(name)
        (claim.statement, claim.place, claim.isQuoted) = (statement.sentence, statement.place, true)
        claim.published = statement.value == nil ? "" : statement.text
      case .implied(let text, let place):
        (claim.statement, claim.place) = (text, place)
      }
      let outcome = try decide(&inputs)
      if let published = outcome.published { claim.published = published }
      (claim.value, claim.verdict, claim.reading) = (outcome.value, outcome.verdict, outcome.reading)
      (claim.workings, claim.details, claim.notes) = (outcome.workings, outcome.details, outcome.notes)
      claim.scale = outcome.scale
    } catch {
      claim.missing = error.what
    }
    claim.inputs = inputs.used
    claim.evidence = inputs.files
    return claim
  }
}

/// What deciding a claim gave.
struct ClaimOutcome {
  var value: String
  var verdict: ClaimVerdict
  var workings: [Claim.Working]
  var details: [Claim.Working] = []
  var reading: String?
  var notes: [String] = []
  /// Where it is not the statement's own number.
  var published: String?
  var scale: String?
}

/// What a claim needs and nobody has given.
struct MissingInput: Error {
  let what: String
}

/// The printed numbers and the results that a claim is decided by. What is asked for is noted, with its place.
struct ClaimInputs {
  let publication: Publication
  let suite: SuiteEvidence?
  let facts: DocumentFacts?
  private let publicationFile: EvidenceFile
  private(set) var used: [Claim.Input] = []
  private var resultFiles: Set<EvidenceFile> = []

  init(_ evidence: ClaimEvidence) {
    publication = evidence.publication
    publicationFile = evidence.publicationFile
    suite = evidence.suite
    facts = evidence.facts
  }

  /// The publication and the results that were used, sorted by name.
  var files: [EvidenceFile] { [publicationFile] + resultFiles.sorted { $0.name < $1.name } }

  mutating func use(_ file: EvidenceFile) { resultFiles.insert(file) }

  mutating func statement(_ name: String) throws(MissingInput) -> PublishedStatement {
    guard let statement = publication.statement(name) else {
      throw MissingInput(what: "the publication's file has no statement “\(name)”")
    }
    if let value = statement.value { note(name, value.text, statement.place) }
    return statement
  }

  mutating func number(_ name: String) throws(MissingInput) -> PrintedNumber {
    guard let value = try statement(name).value else {
      throw MissingInput(what: "the publication's statement “\(name)” has no number")
    }
    return value
  }

  mutating func score(_ table: PublishedTable, _ row: PublishedRow, _ column: String) throws(MissingInput)
    -> PrintedNumber
  {
    guard let score = table.score(row, column) else {
      throw MissingInput(what: "\(table.place) has no column \(column)")
    }
    note("\(row.label), \(column)", score.text, table.place)
    return score
  }

  mutating func parameters(_ row: PublishedRow, in table: PublishedTable) throws(MissingInput) -> PrintedNumber {
    guard let parameters = row.parameters else {
      throw MissingInput(what: "\(RowPlace(table, row)) has no number of parameters")
    }
    note("\(row.label), parameters", parameters.text, table.place)
    return parameters
  }

  /// Notes the cells of a ledger that decide together.
  mutating func use(_ entries: [SuiteLedger.Entry], of suite: String, recoveredBy family: SuiteLedger.Family) {
    for file in entries.flatMap(\.files) { use(file) }
    note(
      "cells recovered by \(family.rawValue)", entries.map { "\($0.cell)" }.joined(separator: ", "),
      "\(entries.count) cells of the suite \(suite)")
  }

  /// Notes every row of every table.
  mutating func noteTables() {
    note(
      "all rows", "\(publication.tables.reduce(0) { $0 + $1.rows.count }) rows",
      listed(publication.tables.map(\.place)))
  }

  /// Notes a method's formula, and the sizes that it is held against.
  mutating func noteFormula(of method: String) throws(MissingInput) {
    guard let formula = publication.formula(of: method) else {
      throw MissingInput(what: "the publication's file has no formula for \(method)")
    }
    note("formula of \(method)", formula.text(), formula.place)
    for table in publication.tables {
      for row in table.rows where row.method == method && row.parameters != nil { _ = try parameters(row, in: table) }
    }
  }

  private mutating func note(_ name: String, _ printed: String, _ place: String) {
    let input = Claim.Input(name: name, printed: printed, place: place)
    if !used.contains(input) { used.append(input) }
  }
}

/// The methods of the paper, as its file names them.
enum PaperMethod {
  static let none = "none"
  static let lora = "lora"
  static let prompt = "prompt"
  static let prefix = "prefix"
  static let idp = "idp"
  static let concatenation = "concat"
}
