import Comparison
import Results

extension PaperFigures {
  /// Figure 5 under both readings of what is compared: each token's row, and everything of a text as one vector.
  func similarities() -> [FigureFinding] {
    [
      similarity(
        "figure-5", "Figure 5: similarity to the dense model, by row",
        "of each token's row, averaged over tokens, heads and texts", attention: \.attentionByRow,
        activations: \.activationsByRow),
      similarity(
        "figure-5-flattened", "Figure 5: similarity to the dense model, flattened",
        "of a text's whole matrix taken as one vector, averaged over texts", attention: \.attentionFlattened,
        activations: \.activationsFlattened),
    ]
  }

  private func similarity(
    _ name: String, _ title: String, _ reading: String, attention: KeyPath<CellSimilarity, [Double]>,
    activations: KeyPath<CellSimilarity, [Double]>
  ) -> FigureFinding {
    let needs = "the similarity of attention and activations to the dense model's, block by block"
    guard let compression = scores.mainQuantization ?? scores.mainPruning else {
      return .notMeasured(name: name, title: title, needs: needs)
    }
    let methods = largestOfEachKind(compression)
    let panels = models.flatMap { model in
      [("attention", attention), ("activations", activations)].map { what, values in
        Figure.Panel(
          title: "\(model), \(what)", xLabel: "block", yLabel: "cosine similarity",
          series: methods.map { method in
            let similarity = scores.result(model, compression, method)?.similarity
            let points = (similarity?[keyPath: values] ?? []).enumerated().map { block, cosine in
              Figure.Point(x: Double(block), y: cosine, label: "\(method.name), block \(block)")
            }
            return Figure.Series(method.kind.title, method.kind.look, points)
          })
      }
    }
    return found(
      name, title,
      "\(compression.name): the cosine \(reading). 1 is the dense model itself. Of each kind the largest method: "
        + "\(listed(methods.map(\.name))).", columns: 2, panels: panels, needs: needs)
  }

  /// One method of each kind, the largest that was measured, so that lines can be told apart.
  private func largestOfEachKind(_ compression: SuiteEvidence.Compression) -> [SuiteEvidence.Recovery] {
    let kinds: [SuiteEvidence.Recovery.Kind] = [.none, .lora, .prompt, .prefix, .idp, .concatenation]
    return kinds.compactMap { kind in
      scores.recoveries(kind).filter { method in
        models.contains { scores.result($0, compression, method)?.similarity != nil }
      }.max { ($0.size ?? 0) < ($1.size ?? 0) }
    }
  }
}
