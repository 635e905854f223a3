import Comparison
import Results

/// Figures 1, 2, 4, 5, 6 and 7 of the paper, from the results of any suite; 3 is a drawing.
package struct PaperFigures {
  let scores: SuiteScores

  /// - Parameter publication: where the suite repeats the paper, its numbers are drawn beside.
  package init(_ evidence: SuiteEvidence, repeating publication: Publication? = nil) {
    scores = SuiteScores(evidence, repeating: publication)
  }

  package func all() -> [FigureFinding] {
    [compressions(), promptLengths(), parameters()] + similarities() + [promptSizes()] + taskGains()
  }

  var models: [String] { scores.evidence.models }

  /// The figure, if anything of it was measured.
  func found(
    _ name: String, _ title: String, _ caption: String, columns: Int = 1, panels: [Figure.Panel], needs: String
  ) -> FigureFinding {
    let drawn = panels.map { panel in
      var panel = panel
      panel.series.removeAll { $0.points.isEmpty }
      return panel
    }.filter { !$0.series.isEmpty }
    guard !drawn.isEmpty else { return .notMeasured(name: name, title: title, needs: needs) }
    return .measured(Figure(name: name, title: title, caption: caption, columns: columns, panels: drawn))
  }

  func look(ofModel index: Int) -> Figure.Look { Figure.Look.allCases[index % Figure.Look.allCases.count] }

  static let accuracy = "average accuracy, %"
  static let errors = "Bars are one standard error."

  /// A point for a cell's average; nil where it was not measured.
  func point(
    x: Double, _ model: String, _ compression: SuiteEvidence.Compression?, _ recovery: SuiteEvidence.Recovery?
  ) -> Figure.Point? {
    guard let compression, let recovery, let score = scores.average(model, compression, recovery) else { return nil }
    return Figure.Point(
      x: x, y: score.value, error: score.error, label: "\(model) / \(compression.name) / \(recovery.name)")
  }

  /// What the paper printed for the same cell.
  func publishedPoint(
    x: Double, _ model: String, _ compression: SuiteEvidence.Compression?, _ recovery: SuiteEvidence.Recovery?,
    in place: String? = nil
  ) -> Figure.Point? {
    guard let compression, let recovery, let published = scores.published,
      let place = place ?? published.place(of: compression),
      let (table, row) = published.row(model, compression, recovery, in: place),
      let column = table.columns.last, let score = table.score(row, column)
    else { return nil }
    return Figure.Point(x: x, y: score.value, label: "\(place), \(row.label)")
  }

  private func compressions() -> FigureFinding {
    let compressed = scores.evidence.compressions.filter { !$0.isDense }
    let quantized = compressed.filter { $0.bits != nil }.sorted { ($0.bits ?? 0) > ($1.bits ?? 0) }
    let pruned = compressed.filter { $0.bits == nil }
    return found(
      "figure-1", "Figure 1: accuracy by compression",
      "The average over all tasks of compressed models without any recovery, beside the dense one. \(Self.errors)",
      panels: [
        panel(of: quantized, title: "quantization", xLabel: "bits of a weight") { $0.bits.map { "\($0) bits" } },
        panel(of: pruned, title: "pruning", xLabel: "weights made zero") { compression in
          compression.pattern ?? compression.sparsity.map { "\(decimal(100 * $0, 0)) %" }
        },
      ], needs: "a compressed model without a recovery")
  }

  private func panel(
    of compressed: [SuiteEvidence.Compression], title: String, xLabel: String,
    name: (SuiteEvidence.Compression) -> String?
  ) -> Figure.Panel {
    // Several methods at one size, such as GPTQ and rounding, are told apart by their names.
    let names = compressed.map { name($0) ?? $0.name }
    let steps = Set(names).count == names.count ? names : compressed.map(\.name)
    let all = [scores.dense].compactMap(\.self) + compressed
    let series = models.enumerated().flatMap { index, model -> [Figure.Series] in
      // Side by side, so that bars of two models do not hide one another.
      let shift = 0.06 * (Double(index) - Double(models.count - 1) / 2)
      let points = all.enumerated().compactMap { step, compression in
        point(x: Double(step) + shift, model, compression, scores.unrecovered)
      }
      let published = all.enumerated().compactMap { step, compression in
        publishedPoint(x: Double(step) + shift, model, compression, scores.unrecovered)
      }
      // A panel with nothing but the dense model shows no compression.
      let hasCompressed = points.contains { $0.x > 0.5 }
      return [
        Figure.Series(model, look(ofModel: index), hasCompressed ? points : []),
        Figure.Series("\(model), paper", look(ofModel: index), published, isPublished: true),
      ]
    }
    return Figure.Panel(
      title: title, xLabel: xLabel, yLabel: Self.accuracy,
      axis: .categories((scores.dense == nil ? [] : ["dense"]) + steps), series: series)
  }

  private func promptLengths() -> FigureFinding {
    let title = "Figure 2: accuracy and perplexity by the length of the prompt"
    let needs = "perplexities of a quantized model, without and with prompts of several lengths"
    guard let compression = scores.mainQuantization else {
      return .notMeasured(name: "figure-2", title: title, needs: "a quantized model")
    }
    let lengths =
      [scores.unrecovered].compactMap(\.self) + scores.recoveries(.prompt).sorted { ($0.size ?? 0) < ($1.size ?? 0) }
    var accuracies: [Figure.Series] = []
    var perplexities: [Figure.Series] = []
    var measure = ""
    for (index, model) in models.enumerated() {
      let cells = lengths.compactMap { recovery -> (x: Double, recovery: SuiteEvidence.Recovery, result: CellResult)? in
        scores.result(model, compression, recovery).map { (Double(recovery.size ?? 0), recovery, $0) }
      }
      guard cells.count(where: { $0.recovery.kind == .prompt && $0.result.perplexities?.first != nil }) > 1 else {
        continue
      }
      accuracies.append(
        Figure.Series(
          model, look(ofModel: index), cells.compactMap { point(x: $0.x, model, compression, $0.recovery) }))
      let points = cells.compactMap { cell -> Figure.Point? in
        guard let perplexity = cell.result.perplexities?.first else { return nil }
        measure = "\(perplexity.wordPerplexity == nil ? "token" : "word") perplexity on \(perplexity.name)"
        return Figure.Point(
          x: cell.x, y: perplexity.wordPerplexity ?? perplexity.tokenPerplexity, label: "\(cell.result.cell)")
      }
      perplexities.append(Figure.Series(model, look(ofModel: index), points))
    }
    return found(
      "figure-2", title,
      "\(compression.name): the average over all tasks above, the \(measure) below; a length of 0 is the compressed model "
        + "without a prompt. Tokens of prompts are not predicted and do not count. \(Self.errors)",
      panels: [
        Figure.Panel(title: "accuracy", xLabel: "tokens of the prompt", yLabel: Self.accuracy, series: accuracies),
        Figure.Panel(
          title: "perplexity", xLabel: "tokens of the prompt", yLabel: "perplexity", series: perplexities),
      ], needs: needs)
  }

  private func parameters() -> FigureFinding {
    let title = "Figure 4: accuracy by trained parameters"
    guard let compression = scores.mainQuantization ?? scores.mainPruning else {
      return .notMeasured(name: "figure-4", title: title, needs: "a compressed model that is recovered")
    }
    let kinds: [SuiteEvidence.Recovery.Kind] = [.lora, .prompt, .prefix, .idp, .concatenation]
    let panels = models.map { model -> Figure.Panel in
      let series = kinds.flatMap { kind -> [Figure.Series] in
        let cells = scores.recoveries(kind).compactMap { recovery -> (SuiteEvidence.Recovery, Double)? in
          guard let trained = scores.result(model, compression, recovery)?.parameters.trainable, trained > 0 else {
            return nil
          }
          return (recovery, Double(trained))
        }.sorted { $0.1 < $1.1 }
        return [
          Figure.Series(
            kind.title, kind.look, cells.compactMap { point(x: $0.1, model, compression, $0.0) }),
          Figure.Series(
            "\(kind.title), paper", kind.look,
            cells.compactMap { publishedPoint(x: $0.1, model, compression, $0.0) }, isPublished: true),
        ]
      }
      return Figure.Panel(
        title: model, xLabel: "trained parameters", yLabel: Self.accuracy, axis: .logarithmic,
        level: scores.average(model, compression, scores.unrecovered)?.value, levelName: "no recovery", series: series)
    }
    return found(
      "figure-4", title,
      "\(compression.name): the average over all tasks. "
        + Self.errors, panels: panels, needs: "recoveries that train parameters")
  }

  private func promptSizes() -> FigureFinding {
    let title = "Figure 6: IDP by the average size of its prompts"
    guard let compression = scores.mainQuantization ?? scores.mainPruning else {
      return .notMeasured(name: "figure-6", title: title, needs: "a compressed model that is recovered")
    }
    let pairs = scores.recoveries(.idp).compactMap { recovery in recovery.tokens.map { (recovery, $0) } }
      .sorted { $0.1 < $1.1 }
    let series = models.enumerated().map { index, model -> Figure.Series in
      let points = pairs.compactMap { point(x: $0.1, model, compression, $0.0) }
      return Figure.Series(model, look(ofModel: index), points.count > 1 ? points : [])
    }
    return found(
      "figure-6", title, "\(compression.name): the average over all tasks. \(Self.errors)",
      panels: [
        Figure.Panel(
          title: "IDP", xLabel: "tokens of a prompt, on average", yLabel: Self.accuracy, series: series)
      ], needs: "IDP over two pairs of prompts or more")
  }
}
