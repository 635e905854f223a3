import Foundation

/// The gnuplot script of a figure: it reads the figure's TSV beside it and writes SVG and PNG beside it.
package struct FigureScript {
  /// What is neither series nor grid. On a page of its own colours the picture takes that page's in its place.
  static let foreground = "#1f2328"
  static let grid = "#d0d7de"
  static let background = "#ffffff"

  private let figure: Figure

  package init(_ figure: Figure) { self.figure = figure }

  private var rows: Int { (figure.panels.count + figure.columns - 1) / figure.columns }
  private var panelWidth: Int { figure.columns == 1 ? 700 : 540 }
  /// Names that stand aslant need more room below than 280 leaves.
  private var panelHeight: Int { 280 + (figure.panels.map(roomForNames).max() ?? 0) }

  package var text: String {
    let (width, height) = (panelWidth * figure.columns, panelHeight * rows)
    return """
      # \(plotText(figure.title))
      # Run in this folder: gnuplot \(figure.name).gnuplot
      data = '\(figure.name).tsv'
      set datafile separator tab
      set datafile columnheaders
      # A field of the rows of one series; NaN, which is not drawn, in all other rows.
      pick(panel, series, field) = (strcol(1) eq panel && strcol(2) eq series) ? column(field) : NaN
      set border 3 linecolor rgb '\(Self.foreground)'
      set tics nomirror out scale 0.5 textcolor rgb '\(Self.foreground)'
      set grid ytics linetype 1 linecolor rgb '\(Self.grid)' linewidth 0.6
      set bars small
      set tmargin 2
      set bmargin 3.5
      do for [form in 'svg png'] {
        if (form eq 'svg') {
          set terminal svg size \(width),\(height) noenhanced font 'sans-serif,13' background '\(Self.background)'
        } else {
          set terminal pngcairo size \(2 * width),\(2 * height) noenhanced font 'sans-serif,13' fontscale 1.5 \\
            linewidth 2 pointscale 2 background '\(Self.background)'
        }
        set output '\(figure.name).' . form
        set multiplot layout \(rows),\(figure.columns)
      \(figure.panels.map(text(of:)).joined())  unset multiplot
        set output
      }

      """
  }

  private func text(of panel: Figure.Panel) -> String {
    let range = Range(panel)
    let labels = categoryLabels(of: panel)
    var lines = [
      "set title '\(plotText(panel.title))' textcolor rgb '\(Self.foreground)' offset 0,-0.3",
      "set xlabel '\(plotText(panel.xLabel))' textcolor rgb '\(Self.foreground)' offset 0,\(labels.axisNameOffset)",
      "set ylabel '\(plotText(panel.yLabel))' textcolor rgb '\(Self.foreground)'",
      "set yrange [\(plotNumber(range.low)):\(plotNumber(range.high))]",
    ]
    lines += axis(of: panel, labels)
    lines += [
      "set lmargin \(plotNumber(labels.leftMargin))", "set rmargin \(rightMargin(of: panel))",
      "set bmargin \(plotNumber(labels.bottomMargin))",
    ]
    lines += panel.hasLines ? endLabels(of: panel, range) : [key]
    if let level = panel.level {
      lines.append(
        "set arrow 1 from graph 0, first \(plotNumber(level)) to graph 1, first \(plotNumber(level)) nohead "
          + "linecolor rgb '\(Self.foreground)' linewidth 0.8")
    }
    lines.append("plot \\")
    lines.append(panel.series.flatMap { plots(of: $0, in: panel) }.joined(separator: ", \\\n      "))
    lines += ["unset label", "unset arrow", "unset logscale"]
    return lines.map { "  \($0)\n" }.joined()
  }

  private func axis(of panel: Figure.Panel, _ labels: CategoryLabels) -> [String] {
    let places = panel.series.flatMap(\.points).map(\.x)
    let (low, high) = (places.min() ?? 0, places.max() ?? 1)
    switch panel.axis {
    case .linear:
      let margin = high > low ? 0.04 * (high - low) : 1
      return [
        "set xrange [\(plotNumber(low - margin)):\(plotNumber(high + margin))]", "set xtics autofreq norotate",
        "set format x '%g'",
      ]
    case .logarithmic:
      return [
        "set logscale x", "set xrange [\(plotNumber(low / 1.4)):\(plotNumber(high * 1.4))]",
        "set xtics autofreq norotate", "set format x '%.0s%c'",
      ]
    case .categories(let names):
      let tics = names.enumerated().map { "'\(tic($0.element))' \($0.offset)" }.joined(separator: ", ")
      return [
        "set xrange [-0.5:\(plotNumber(Double(names.count) - 0.5))]",
        "set xtics (\(tics)) \(labels.rotation)",
      ]
    }
  }

  private func categoryLabels(of panel: Figure.Panel) -> CategoryLabels {
    let names = if case .categories(let names) = panel.axis { names } else { [String]() }
    return CategoryLabels(names, panelWidth: panelWidth, rightMargin: rightMargin(of: panel))
  }

  /// In characters: room for the names at the ends of series, where a panel has them.
  private func rightMargin(of panel: Figure.Panel) -> Int {
    guard panel.hasLines else { return 3 }
    let levelName = panel.level == nil ? nil : panel.levelName
    return ((panel.series.map(\.name) + [levelName].compactMap(\.self)).map(\.count).max() ?? 0) + 5
  }

  private func roomForNames(_ panel: Figure.Panel) -> Int {
    Int((CategoryLabels.marginLineHeight * (categoryLabels(of: panel).bottomMargin - 3.5)).rounded(.up))
  }

  /// gnuplot takes the name of a tic for a format of its number.
  private func tic(_ name: String) -> String { plotText(name).replacingOccurrences(of: "%", with: "%%") }

  private var key: String {
    "set key top right horizontal inside Left reverse textcolor rgb '\(Self.foreground)' samplen 0.5"
  }

  /// Names beside the plot, at the height where their series end as far as they do not overlap, each with its mark.
  private func endLabels(of panel: Figure.Panel, _ range: Range) -> [String] {
    var ends = panel.series.map { series in
      let mark = "point pointtype \(mark(of: series)) pointsize 0.7 linecolor rgb '\(series.look.colour)'"
      return (name: series.name, y: series.points.last?.y ?? range.low, colour: series.look.colour, mark: mark)
    }
    if let name = panel.levelName, let level = panel.level { ends.append((name, level, Self.foreground, "")) }
    // The plot itself is what title, axis and its numbers leave of the panel, about 85 of its points, and names that stand
    // aslant; a line of text is 16.
    let height = Double(panelHeight - 85 - roomForNames(panel))
    let heights = spread(ends.map { range.share($0.y) }, by: 16 / height)
    let labels = zip(ends, heights).map { end, height in
      "set label '\(plotText(end.name))' at graph 1.03, graph \(plotNumber(height)) left offset 1,0 "
        + "textcolor rgb '\(end.colour)' \(end.mark)"
    }
    return ["unset key"] + labels
  }

  private func plots(of series: Figure.Series, in panel: Figure.Panel) -> [String] {
    func field(_ column: Int) -> String {
      "(pick('\(plotText(panel.title))', '\(plotText(series.name))', \(column)))"
    }
    let colour = "linecolor rgb '\(series.look.colour)'"
    let mark = "pointtype \(mark(of: series)) pointsize 0.7"
    let title = panel.hasLines ? "notitle" : "title '\(plotText(series.name))'"
    let lines = "data using \(field(3)):\(field(4)) with lines linewidth 1.5 \(colour) notitle"
    let bars = "data using \(field(3)):\(field(4)):\(field(5)) with yerrorbars \(mark) \(colour) \(title)"
    let points = "data using \(field(3)):\(field(4)) with points \(mark) \(colour) \(title)"
    return (panel.hasLines && !series.isPublished ? [lines] : [])
      + [series.points.allSatisfy { $0.error != nil } ? bars : points]
  }

  /// Full marks for what was measured, hollow ones for what was published.
  private func mark(of series: Figure.Series) -> Int {
    let full =
      switch series.look {
      case .blue: 5
      case .vermilion: 7
      case .green: 9
      case .purple: 13
      case .ochre: 11
      case .grey: 15
      }
    return series.isPublished ? full - 1 : full
  }

  /// The heights that a panel shows.
  private struct Range {
    let low: Double
    let high: Double

    init(_ panel: Figure.Panel) {
      let points = panel.series.flatMap(\.points)
      let levels = [panel.level].compactMap(\.self)
      let lowest = (points.map { $0.y - ($0.error ?? 0) } + levels).min() ?? 0
      let highest = (points.map { $0.y + ($0.error ?? 0) } + levels).max() ?? 1
      let margin = highest > lowest ? 0.06 * (highest - lowest) : max(1, 0.05 * abs(highest))
      (low, high) = (
        lowest - margin, highest + (panel.hasLines ? margin : panel.series.count > 3 ? 7 * margin : 3 * margin)
      )
    }

    func share(_ y: Double) -> Double { (y - low) / (high - low) }
  }
}

/// The places nearest to those wanted that lie so far apart: first pushed up from the lowest, then down from the top.
func spread(_ wanted: [Double], by distance: Double) -> [Double] {
  let order = wanted.indices.sorted { wanted[$0] < wanted[$1] }
  var places = wanted
  var floor = -Double.infinity
  for index in order {
    places[index] = max(places[index], floor)
    floor = places[index] + distance
  }
  var ceiling = max(1, Double(wanted.count - 1) * distance)
  for index in order.reversed() {
    places[index] = min(places[index], ceiling)
    ceiling = places[index] - distance
  }
  return places
}
