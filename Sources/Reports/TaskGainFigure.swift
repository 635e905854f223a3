import Comparison
import Results

extension PaperFigures {
  /// Figure 7: what a small prompt, a large one and IDP over the two change, task by task; in points, and relative to
  /// the accuracy of the compressed model, since the paper does not say which of the two its percentages are.
  func taskGains() -> [FigureFinding] {
    let titles = [
      ("figure-7", "Figure 7: gains by task, in points"), ("figure-7-relative", "Figure 7: gains by task, relative"),
    ]
    let needs = "a quantized model, recovered by two prompts of different sizes and by IDP over them"
    guard let compression = scores.mainQuantization, let methods = smallLargeAndIDP() else {
      return titles.map { .notMeasured(name: $0.0, title: $0.1, needs: needs) }
    }
    let names = "Small is \(methods[0].name), Large is \(methods[1].name), IDP is \(methods[2].name)."
    return [
      found(
        "figure-7", titles[0].1,
        "\(compression.name): accuracy less that of the compressed model without recovery, on the same documents. \(names) "
          + "Bars are one standard error of the paired difference.",
        panels: models.map { panel(of: $0, compression, methods, isRelative: false) }, needs: needs),
      found(
        "figure-7-relative", titles[1].1,
        "\(compression.name): the same differences, divided by the accuracy without recovery; the bars' errors too, as if "
          + "that accuracy were exact. Tasks with nothing right are left out. \(names)",
        panels: models.map { panel(of: $0, compression, methods, isRelative: true) }, needs: needs),
    ]
  }

  /// The IDP whose prompts differ most, behind its smallest and its largest prompt.
  private func smallLargeAndIDP() -> [SuiteEvidence.Recovery]? {
    let prompts = scores.recoveries(.prompt)
    let candidates = scores.recoveries(.idp).compactMap { idp -> (span: Int, methods: [SuiteEvidence.Recovery])? in
      let own = prompts.filter { idp.prompts.contains($0.name) }.sorted { ($0.size ?? 0) < ($1.size ?? 0) }
      guard let small = own.first, let large = own.last, own.count > 1 else { return nil }
      return ((large.size ?? 0) - (small.size ?? 0), [small, large, idp])
    }
    return candidates.max { $0.span < $1.span }?.methods
  }

  private func panel(
    of model: String, _ compression: SuiteEvidence.Compression, _ methods: [SuiteEvidence.Recovery], isRelative: Bool
  ) -> Figure.Panel {
    let tasks = scores.tasks
    let before = scores.result(model, compression, scores.unrecovered)
    let labels = [("Small", Figure.Look.vermilion), ("Large", .blue), ("IDP", .purple)]
    let series = zip(methods, labels).enumerated().flatMap { index, pair -> [Figure.Series] in
      let (method, label) = pair
      let shift = 0.22 * Double(index - 1)
      let points = tasks.enumerated().compactMap { place, task -> Figure.Point? in
        guard let first = before?.tasks.first(where: { $0.name == task }),
          let second = scores.result(model, compression, method)?.tasks.first(where: { $0.name == task }),
          first.documents == second.documents, !isRelative || first.accuracy > 0
        else { return nil }
        let counts = PairedCounts(first: second.correct, second: first.correct)
        let unit = isRelative ? 100 / first.accuracy : 100
        return Figure.Point(
          x: Double(place) + shift, y: unit * (second.accuracy - first.accuracy), error: unit * counts.standardError,
          label: task)
      }
      let published = tasks.enumerated().compactMap { place, task in
        publishedGain(x: Double(place) + shift, task, model, compression, method, isRelative: isRelative)
      }
      return [
        Figure.Series(label.0, label.1, points),
        Figure.Series("\(label.0), paper", label.1, published, isPublished: true),
      ]
    }
    return Figure.Panel(
      title: model, xLabel: "", yLabel: isRelative ? "relative change, %" : "change, points", axis: .categories(tasks),
      hasLines: false, level: 0, series: series)
  }

  /// The row of Table 3, which Figure 7 shows, less the one without recovery of Table 1.
  private func publishedGain(
    x: Double, _ task: String, _ model: String, _ compression: SuiteEvidence.Compression,
    _ method: SuiteEvidence.Recovery, isRelative: Bool
  ) -> Figure.Point? {
    guard let published = scores.published, let unrecovered = scores.unrecovered,
      let place = published.place(of: compression),
      let (firstTable, first) = published.row(model, compression, unrecovered, in: place),
      let (secondTable, second) = published.row(model, compression, method, in: "Table 3"),
      let before = firstTable.score(first, task), let after = secondTable.score(second, task), before.value > 0
    else { return nil }
    let difference = after.value - before.value
    return Figure.Point(
      x: x, y: isRelative ? 100 * difference / before.value : difference, label: "\(task), Table 3, \(second.label)")
  }
}

extension PairedCounts {
  /// Of the difference of the two shares: √(b + c - (b - c)²/n) / n, with b and c the documents that only one got right.
  fileprivate var standardError: Double {
    let (b, c, n) = (Double(onlyFirstRight), Double(onlySecondRight), Double(documents))
    return max(0, b + c - (b - c) * (b - c) / n).squareRoot() / n
  }
}
