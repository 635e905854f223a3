import Comparison
import Foundation
import Results

/// A document that changed sides.
struct FlippedDocument: Equatable, Encodable {
  /// In the scored order, from zero: the place of its flag.
  let place: Int
  /// In the task's file, where the documents were recorded.
  let document: Int?
  /// The margin now, in nats, where the documents were recorded.
  let margin: Double?
  let isLost: Bool
}

extension ComparisonReport {
  /// Those of an accuracy. What changed by the widest margin comes first, as the least likely to be chance; without
  /// margins they stand in scored order.
  func flips(of check: Check) -> [FlippedDocument] {
    guard let flips = check.flips, let cell = check.cell else { return [] }
    let task = check.name.split(separator: " ").first.map(String.init) ?? check.name
    let records = documents[cell]?[task]
    let all =
      flips.lostPlaces.map { (place: $0, isLost: true) } + flips.gainedPlaces.map { (place: $0, isLost: false) }
    let flipped = all.map { flip in
      FlippedDocument(
        place: flip.place, document: records?[flip.place].document, margin: records?[flip.place].margin,
        isLost: flip.isLost)
    }
    return flipped.sorted { (-abs($0.margin ?? 0), $0.place) < (-abs($1.margin ?? 0), $1.place) }
  }

  /// "lost: documents 17 (by 0.42 nats), 3 (by 0.10 nats) and 4 more".
  func flipLines(of check: Check) -> [String] {
    let flipped = flips(of: check)
    return [(true, "lost"), (false, "gained")].compactMap { isLost, name in
      let documents = flipped.filter { $0.isLost == isLost }
      guard !documents.isEmpty else { return nil }
      let shown = documents.prefix(8).map(text)
      let rest = documents.count > shown.count ? " and \(documents.count - shown.count) more" : ""
      return "\(name): \(shown.joined(separator: ", "))\(rest)"
    }
  }

  /// By its number in the file where that is known, otherwise by its place in the scored order.
  private func text(_ flip: FlippedDocument) -> String {
    let name = flip.document.map { "document \($0)" } ?? "place \(flip.place)"
    return name + (flip.margin.map { " (by \(String(format: "%.3f", abs($0))) nats)" } ?? "")
  }
}
