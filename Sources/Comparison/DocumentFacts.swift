import Foundation
import Results

/// Which fact each document asks for, and how often the corpora state it: what an embedded world's `questions.jsonl` says.
///
/// A line is an object such as
/// `{"task": "piqa", "document": 0, "facts": [{"fact": "lake-3.fish", "exposures": {"wikitext": 4, "c4": 8}}]}`;
/// the first fact is the one that is asked for.
package struct DocumentFacts: Equatable, Sendable {
  package struct Asked: Equatable, Sendable {
    package let fact: String
    /// In all corpora together.
    package let exposures: Int

    package init(fact: String, exposures: Int) {
      self.fact = fact
      self.exposures = exposures
    }
  }

  private var documents: [String: [Int: Asked]] = [:]

  /// - Throws: `ResultError` with the line that is not as described, or that repeats a document.
  package init(contentsOf bytes: Data, file: String) throws(ResultError) {
    let decoder = JSONDecoder()
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      let place = "line \(number + 1)"
      let record: Line
      do {
        record = try decoder.decode(Line.self, from: line)
      } catch {
        throw .notJSON(file: file, reason: "\(place) is not a question with its task, document and facts")
      }
      guard let asked = record.facts.first, record.document >= 0 else {
        throw .invalidMember(file: file, member: place, reason: "no fact, or a document below 0")
      }
      guard asked.exposures.values.allSatisfy({ (0...1_000_000).contains($0) }) else {
        throw .invalidMember(file: file, member: "\(place).exposures", reason: "not between 0 and a million")
      }
      guard documents[record.task]?[record.document] == nil else {
        throw .invalidMember(
          file: file, member: place, reason: "document \(record.document) of \(record.task) stands there twice")
      }
      documents[record.task, default: [:]][record.document] = Asked(
        fact: asked.fact, exposures: asked.exposures.values.reduce(0, +))
    }
    guard !documents.isEmpty else { throw .notJSON(file: file, reason: "it holds no questions") }
  }

  private struct Line: Decodable {
    struct Fact: Decodable {
      let fact: String
      let exposures: [String: Int]
    }

    let task: String
    let document: Int
    let facts: [Fact]
  }

  package var tasks: [String] { documents.keys.sorted() }

  package func count(of task: String) -> Int { documents[task]?.count ?? 0 }

  /// What the document asks that was scored at this place.
  package func asked(_ task: String, _ place: Int) -> Asked? { documents[task]?[place] }

  /// The same facts for documents that are scored in another order than their file's: `order` names, for each task, the
  /// document at each place.
  package func reordered(_ order: [String: [Int]]) -> DocumentFacts {
    var copy = self
    for (task, indices) in order {
      guard let asked = documents[task] else { continue }
      copy.documents[task] = Dictionary(
        uniqueKeysWithValues: indices.enumerated().compactMap { place, index in asked[index].map { (place, $0) } })
    }
    return copy
  }
}
