import Comparison
import Foundation
import Yams

extension Publication {
  /// Reads the YAML file of a publication; every error names the file and the line.
  package init(contentsOf path: String) throws(SuiteError) {
    let text: String
    do {
      text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    } catch {
      throw SuiteError(file: path, line: 0, problem: .unreadable(reason: error.localizedDescription))
    }
    try self.init(yaml: text, file: path)
  }

  /// Reads a publication's YAML text; `file` is named in errors.
  package init(yaml: String, file: String) throws(SuiteError) {
    let root = try SuiteMapping(
      SuiteMapping.compose(yaml, file: file), "publication",
      known: ["title", "source", "models", "tasks", "averages", "parameters", "tables", "statements"], file: file)
    var names = NameLines()
    let models = try root.elements("models", "model", known: ["model", "sizes", "projections"]) {
      element throws(SuiteError) in try PublishedModel(element, names: &names)
    }
    names = NameLines()
    let tasks = try root.elements("tasks", "task", known: ["task", "scoring", "documents"]) {
      element throws(SuiteError) in try PublishedTask(element, names: &names)
    }
    // Tasks and averages are both columns, so their names are taken from one list.
    let averages = try root.optionalElements("averages", "average", known: ["average", "tasks"]) {
      element throws(SuiteError) in
      try PublishedAverage(element, tasks: tasks.map(\.name), names: &names)
    }
    names = NameLines()
    let formulas = try root.optionalElements(
      "parameters", "formula", known: ["method", "unit", "place", "lowRank", "terms"]
    ) { element throws(SuiteError) in
      try ParameterFormula(element, sizes: models.flatMap(\.sizes.keys).sorted(), names: &names)
    }
    names = NameLines()
    let tables = try root.elements("tables", "table", known: ["table", "columns", "rows"]) {
      element throws(SuiteError) in
      try PublishedTable(
        element, models: models.map(\.name), tasks: tasks.map(\.name), averages: averages, names: &names)
    }
    names = NameLines()
    let statements = try root.optionalElements(
      "statements", "statement", known: ["statement", "value", "unit", "place", "sentence"]
    ) { element throws(SuiteError) in
      try PublishedStatement(element, names: &names)
    }
    self.init(
      title: try root.text("title"), source: try root.text("source"), models: models, tasks: tasks, averages: averages,
      formulas: formulas, tables: tables, statements: statements)
  }
}

extension PublishedModel {
  fileprivate init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    let name = try mapping.text("model")
    try names.add(name, from: mapping, key: "model")
    var sizes: [String: Int] = [:]
    if mapping.has("sizes") {
      let elements = try mapping.mapping("sizes", known: nil)
      for key in elements.keys {
        guard key != ParameterFormula.rowSize else {
          throw elements.error(
            key, .outOfRange(key: key, expected: "another name, as \(key) is the row's own", found: key))
        }
        sizes[key] = try elements.integer(key, in: 1...largestCount)
      }
    }
    var projections: [Projection] = []
    if mapping.has("projections") {
      let elements = try mapping.mapping("projections", known: nil)
      // In the order of the file, which is the model's.
      for case (.scalar(let key), _) in try mapping.node("projections").mapping ?? [:] {
        let shape = try elements.integers(key.string, in: 1...largestCount)
        guard shape.count == 2 else { throw elements.wrongKind(key.string, expected: "[outputs, inputs]") }
        projections.append(Projection(name: key.string, outputs: shape[0], inputs: shape[1]))
      }
    }
    self.init(name: name, sizes: sizes, projections: projections)
  }
}

extension PublishedTask {
  fileprivate init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    let name = try mapping.text("task")
    try names.add(name, from: mapping, key: "task")
    self.init(
      name: name, scoring: mapping.has("scoring") ? try mapping.choice("scoring") : nil,
      documents: try mapping.integers("documents", in: 1...largestCount))
  }
}

extension PublishedAverage {
  fileprivate init(_ mapping: SuiteMapping, tasks known: [String], names: inout NameLines) throws(SuiteError) {
    let name = try mapping.text("average")
    try names.add(name, from: mapping, key: "average")
    self.init(name: name, tasks: try mapping.words("tasks", "task", among: known))
  }
}

extension ParameterFormula {
  /// The factor of a term that stands for the row's own size.
  fileprivate static let rowSize = "size"

  fileprivate init(_ mapping: SuiteMapping, sizes: [String], names: inout NameLines) throws(SuiteError) {
    let method = try mapping.text("method")
    try names.add(method, from: mapping, key: "method")
    var terms: [[Factor]] = []
    for term in try mapping.texts("terms") {
      var factors: [Factor] = []
      for part in term.split(separator: "*", omittingEmptySubsequences: false) {
        let word = part.trimmingCharacters(in: .whitespaces)
        if word == Self.rowSize {
          factors.append(.row)
        } else if sizes.contains(word) {
          factors.append(.size(word))
        } else if let number = Int(word), number > 0 {
          factors.append(.number(number))
        } else {
          let known = sizes + [Self.rowSize]
          throw mapping.error(
            "terms", .unknownValue(key: "factor", found: word, nearest: nearest(to: word, among: known), known: known))
        }
      }
      terms.append(factors)
    }
    let isLowRank =
      mapping.has("lowRank")
      ? try mapping.choice("lowRank", among: ["true", "false"]) { ["true": true, "false": false][$0] } : false
    self.init(
      method: method, unit: try mapping.text("unit"), place: try mapping.text("place"), terms: terms,
      isLowRank: isLowRank)
  }
}

extension PublishedTable {
  fileprivate init(
    _ mapping: SuiteMapping, models: [String], tasks: [String], averages: [PublishedAverage], names: inout NameLines
  ) throws(SuiteError) {
    let place = try mapping.text("table")
    try names.add(place, from: mapping, key: "table")
    let columns = try mapping.words("columns", "column", among: tasks + averages.map(\.name))
    for average in averages where columns.contains(average.name) {
      for task in average.tasks where !columns.contains(task) {
        throw mapping.error("columns", .missingKey(task, in: "table, whose column \(average.name) is over it,"))
      }
    }
    var labels = NameLines()
    let keys = ["row", "model", "compression", "method", "size", "parameters", "scores"]
    let rows = try mapping.elements("rows", "row", known: keys) { element throws(SuiteError) in
      try PublishedRow(element, models: models, columns: columns, names: &labels)
    }
    self.init(place: place, columns: columns, rows: rows)
  }
}

extension PublishedRow {
  /// More would not be read as percentages of documents, and leave whole numbers no room for exact arithmetic.
  private static let mostDecimalPlaces = 6

  fileprivate init(
    _ mapping: SuiteMapping, models: [String], columns: [String], names: inout NameLines
  ) throws(SuiteError) {
    let label = try mapping.text("row")
    try names.add(label, from: mapping, key: "row")
    var scores: [PrintedNumber] = []
    for node in try mapping.list("scores") {
      let place = SuiteError(
        file: mapping.file, line: node.mark?.line ?? mapping.line,
        problem: .outOfRange(
          key: scores.count < columns.count ? columns[scores.count] : "scores",
          expected: "a percentage of 0 to 100 as printed, with at most \(Self.mostDecimalPlaces) decimal places",
          found: SuiteMapping.kind(of: node)))
      guard case .scalar(let scalar) = node, scalar.style == .plain, let score = PrintedNumber(scalar.string),
        score.exponent <= 0, score.exponent >= -Self.mostDecimalPlaces, (0...100).contains(score.value)
      else { throw place }
      scores.append(score)
    }
    guard scores.count == columns.count else {
      throw mapping.error(
        "scores",
        .outOfRange(key: "scores", expected: "\(columns.count) numbers, one a column", found: "\(scores.count)"))
    }
    self.init(
      label: label, model: try mapping.choice("model", among: models) { models.contains($0) ? $0 : nil },
      compression: try mapping.text("compression"), method: try mapping.text("method"),
      size: mapping.has("size") ? try mapping.integer("size", in: 1...largestCount) : nil,
      parameters: mapping.has("parameters") ? try mapping.printedNumber("parameters") : nil, scores: scores)
  }
}

extension PublishedStatement {
  fileprivate init(_ mapping: SuiteMapping, names: inout NameLines) throws(SuiteError) {
    let name = try mapping.text("statement")
    try names.add(name, from: mapping, key: "statement")
    self.init(
      name: name, value: mapping.has("value") ? try mapping.printedNumber("value") : nil,
      unit: mapping.has("unit") ? try mapping.text("unit") : "", place: try mapping.text("place"),
      sentence: try mapping.text("sentence"))
  }
}

/// Of documents, sizes and ranks: far above any, and small enough for exact arithmetic.
private let largestCount = 1_000_000_000

extension SuiteMapping {
  /// The elements of a list that may be left out.
  fileprivate func optionalElements<Element>(
    _ key: String, _ subject: String, known: [String], _ read: (SuiteMapping) throws(SuiteError) -> Element
  ) throws(SuiteError) -> [Element] {
    has(key) ? try elements(key, subject, known: known, read) : []
  }

  fileprivate func printedNumber(_ key: String) throws(SuiteError) -> PrintedNumber {
    let found = try text(key)
    guard let number = PrintedNumber(found) else {
      throw wrongKind(key, expected: "a number as printed, such as 14.6 or 4.4M")
    }
    return number
  }

  fileprivate func integers(_ key: String, in range: ClosedRange<Int>) throws(SuiteError) -> [Int] {
    var integers: [Int] = []
    for word in try texts(key) {
      guard let integer = Int(word) else { throw wrongKind(key, expected: "a list of whole numbers") }
      guard range.contains(integer) else {
        throw error(
          key, .outOfRange(key: key, expected: "\(range.lowerBound) to \(range.upperBound)", found: "\(integer)"))
      }
      integers.append(integer)
    }
    return integers
  }

  /// Words of a closed set, each once.
  fileprivate func words(_ key: String, _ subject: String, among known: [String]) throws(SuiteError) -> [String] {
    var words: [String] = []
    for word in try texts(key) {
      guard known.contains(word) else {
        throw error(
          key, .unknownValue(key: subject, found: word, nearest: nearest(to: word, among: known), known: known))
      }
      guard !words.contains(word) else { throw error(key, .duplicateName(word, firstLine: line(of: key))) }
      words.append(word)
    }
    return words
  }
}
