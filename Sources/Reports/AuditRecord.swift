import Comparison
import Results

/// An audit as JSON: every check with its numbers, those that hold among them, and the contradictions.
package struct AuditRecord: Encodable {
  let schema = "recollect-audit"
  let schemaVersion = 1
  let title: String
  let source: String
  let averages: [Average]
  let documents: [Documents]
  let duplicates: [DuplicateRows]
  let labels: [Label]
  let parameters: [Parameters]
  let adapted: [Adapted]
  let contradictions: [AuditFinding]

  package init(_ audit: Audit) {
    title = audit.publication.title
    source = audit.publication.source
    averages = audit.averages.map(Average.init)
    documents = audit.documents.map(Documents.init)
    duplicates = audit.duplicates
    labels = audit.labels.map(Label.init)
    parameters = audit.parameters.map(Parameters.init)
    adapted = audit.adapted.map(Adapted.init)
    contradictions = audit.findings
  }

  package func json() throws(ResultError) -> String {
    String(decoding: try resultJSON(self, file: "standard output"), as: UTF8.self)
  }

  struct Average: Encodable {
    let place: RowPlace
    let average: String
    let printed: PrintedNumber
    let scores: [PrintedNumber]
    let recomputed: Double
    let tolerance: Double
    let holds: Bool

    init(_ check: AverageCheck) {
      place = check.place
      average = check.average
      printed = check.printed
      scores = check.scores
      recomputed = check.recomputed
      tolerance = check.tolerance
      holds = check.holds
    }
  }

  struct Documents: Encodable {
    let task: String
    let documents: Int
    let percentages: Int
    let differentPercentages: Int
    let misfits: [DocumentCheck.Misfit]
    let chance: Double
    let verdict: DocumentCheck.Verdict

    init(_ check: DocumentCheck) {
      task = check.task
      documents = check.documents
      percentages = check.percentages
      differentPercentages = check.differentPercentages
      misfits = check.misfits
      chance = check.chance
      verdict = check.verdict
    }
  }

  struct Label: Encodable {
    let place: RowPlace
    let otherTable: String
    let alike: [RowPlace]
    let equal: [RowPlace]
    let differences: [LabelCheck.Difference]
    let holds: Bool

    init(_ check: LabelCheck) {
      place = check.place
      otherTable = check.otherTable
      alike = check.alike
      equal = check.equal
      differences = check.differences
      holds = check.holds
    }
  }

  struct Parameters: Encodable {
    let model: String
    let method: String
    let size: Int
    let unit: String
    let places: [RowPlace]
    let printed: PrintedNumber
    let computed: Int?
    let smallestFittingSize: Int?
    let largestFittingSize: Int?
    let holds: Bool

    init(_ check: ParameterCheck) {
      model = check.model
      method = check.method
      size = check.size
      unit = check.unit
      places = check.places
      printed = check.printed
      computed = check.computed
      smallestFittingSize = check.fittingSizes?.lowerBound
      largestFittingSize = check.fittingSizes?.upperBound
      holds = check.holds
    }
  }

  struct Adapted: Encodable {
    struct Choice: Encodable {
      let projections: String
      let parametersPerRank: Int

      init(_ choice: AdaptedProjections) {
        projections = choice.text
        parametersPerRank = choice.parameters(rank: 1)
      }
    }

    let model: String
    let method: String
    let all: Choice
    let fitting: [Choice]

    init(_ check: AdaptedCheck) {
      model = check.model
      method = check.method
      all = Choice(check.all)
      fitting = check.fitting.map(Choice.init)
    }
  }
}
