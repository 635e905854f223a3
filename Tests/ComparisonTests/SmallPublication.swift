import Comparison
import Testing

// A publication small enough to check by hand: two tasks of 4 and 8 documents, their mean, and one method.

func printed(_ texts: [String]) throws -> [PrintedNumber] { try texts.map { try #require(PrintedNumber($0)) } }

func smallRow(
  _ label: String, size: Int? = nil, parameters: String? = nil, _ scores: [String]
) throws -> PublishedRow {
  PublishedRow(
    label: label, model: "tiny", compression: "gptq", method: size == nil ? "none" : "lora", size: size,
    parameters: try parameters.map { try #require(PrintedNumber($0)) }, scores: try printed(scores))
}

func smallTable(_ rows: [PublishedRow], place: String = "Table 1") -> PublishedTable {
  PublishedTable(place: place, columns: ["piqa", "sciq", "mean"], rows: rows)
}

/// One layer of a 2 × 2, a 2 × 2 and a 4 × 2 map: at rank r all three have 14 r parameters, the formula says 14 r too.
func smallPublication(tables: [PublishedTable], documents: [Int] = [4]) -> Publication {
  let projections = [("a", 2), ("b", 2), ("c", 4)].map { Projection(name: $0.0, outputs: $0.1, inputs: 2) }
  return Publication(
    title: "Tiny", source: "a test",
    models: [PublishedModel(name: "tiny", sizes: ["layers": 1, "width": 2], projections: projections)],
    tasks: [
      PublishedTask(name: "piqa", scoring: nil, documents: documents),
      PublishedTask(name: "sciq", scoring: nil, documents: [8]),
    ],
    averages: [PublishedAverage(name: "mean", tasks: ["piqa", "sciq"])],
    formulas: [
      ParameterFormula(
        method: "lora", unit: "rank", place: "here", terms: [[.number(7), .size("width"), .row]], isLowRank: true)
    ], tables: tables, statements: [])
}
