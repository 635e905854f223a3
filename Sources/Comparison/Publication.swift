/// What a publication printed: its tables of accuracies, and what is needed to check their arithmetic.
///
/// It is a plain value; `Publication(contentsOf:)` reads one from YAML (Baselines/paper/published.yaml explains the
/// format), and refuses what contradicts itself in form: rows of the wrong length, names that occur twice, averages of
/// unknown tasks. What it says may still be wrong; that is for the `Audit` to find.
package struct Publication: Equatable, Sendable {
  package var title: String
  package var source: String
  package var models: [PublishedModel]
  package var tasks: [PublishedTask]
  package var averages: [PublishedAverage]
  package var formulas: [ParameterFormula]
  package var tables: [PublishedTable]
  package var statements: [PublishedStatement]

  package init(
    title: String, source: String, models: [PublishedModel], tasks: [PublishedTask], averages: [PublishedAverage],
    formulas: [ParameterFormula], tables: [PublishedTable], statements: [PublishedStatement]
  ) {
    self.title = title
    self.source = source
    self.models = models
    self.tasks = tasks
    self.averages = averages
    self.formulas = formulas
    self.tables = tables
    self.statements = statements
  }

  package func model(_ name: String) -> PublishedModel? { models.first { $0.name == name } }
  package func formula(of method: String) -> ParameterFormula? { formulas.first { $0.method == method } }
  package func statement(_ name: String) -> PublishedStatement? { statements.first { $0.name == name } }
}

/// An architecture, by the numbers that parameter formulas need.
package struct PublishedModel: Equatable, Sendable {
  package var name: String
  /// Such as `layers` and `width`; formulas name them.
  package var sizes: [String: Int]
  /// The linear maps of one layer; empty where no formula is to be held against them.
  package var projections: [Projection]

  package init(name: String, sizes: [String: Int], projections: [Projection]) {
    self.name = name
    self.sizes = sizes
    self.projections = projections
  }
}

/// A linear map, by its name in the checkpoint and its shape.
package struct Projection: Equatable, Sendable {
  package var name: String
  package var outputs: Int
  package var inputs: Int

  package init(name: String, outputs: Int, inputs: Int) {
    self.name = name
    self.outputs = outputs
    self.inputs = inputs
  }
}

package struct PublishedTask: Equatable, Sendable {
  package enum Scoring: String, CaseIterable, Sendable {
    /// The choice with the largest log-likelihood is the answer.
    case multipleChoice = "multiple-choice"
    /// Greedy decoding must give the answer.
    case greedyMatch = "greedy-match"
  }

  package var name: String
  package var scoring: Scoring?
  /// How many documents may have been scored: of each split or version that may have been used.
  package var documents: [Int]

  package init(name: String, scoring: Scoring?, documents: [Int]) {
    self.name = name
    self.scoring = scoring
    self.documents = documents
  }
}

/// A column that is the mean of others, each counting the same.
package struct PublishedAverage: Equatable, Sendable {
  package var name: String
  package var tasks: [String]

  package init(name: String, tasks: [String]) {
    self.name = name
    self.tasks = tasks
  }
}

package struct PublishedTable: Equatable, Sendable {
  /// How a finding names the table, such as "Table 1".
  package var place: String
  /// Names of tasks and averages, in the printed order.
  package var columns: [String]
  package var rows: [PublishedRow]

  package init(place: String, columns: [String], rows: [PublishedRow]) {
    self.place = place
    self.columns = columns
    self.rows = rows
  }

  package func score(_ row: PublishedRow, _ column: String) -> PrintedNumber? {
    columns.firstIndex(of: column).map { row.scores[$0] }
  }
}

package struct PublishedRow: Equatable, Sendable {
  /// The label as printed; unique in its table.
  package var label: String
  package var model: String
  package var compression: String
  package var method: String
  /// Of the method, in the unit that its formula names: a rank, a number of tokens. Nil where the row has none.
  package var size: Int?
  /// Trained parameters.
  package var parameters: PrintedNumber?
  /// Percentages, one for each column.
  package var scores: [PrintedNumber]

  package init(
    label: String, model: String, compression: String, method: String, size: Int?, parameters: PrintedNumber?,
    scores: [PrintedNumber]
  ) {
    self.label = label
    self.model = model
    self.compression = compression
    self.method = method
    self.size = size
    self.parameters = parameters
    self.scores = scores
  }
}

/// What the text says, with the number in it where it has one.
package struct PublishedStatement: Equatable, Sendable {
  package var name: String
  package var value: PrintedNumber?
  package var unit: String
  package var place: String
  package var sentence: String

  package init(name: String, value: PrintedNumber?, unit: String, place: String, sentence: String) {
    self.name = name
    self.value = value
    self.unit = unit
    self.place = place
    self.sentence = sentence
  }

  /// The number as printed, with its unit.
  package var text: String {
    guard let value else { return "“\(sentence)”" }
    return unit.isEmpty ? value.text : unit == "×" ? value.text + unit : value.text + " " + unit
  }
}
