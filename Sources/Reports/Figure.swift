import Foundation

/// A figure as data: panels of series of points. `FigureScript` draws it, `tsv` lists it.
package struct Figure: Equatable, Sendable {
  package struct Point: Equatable, Sendable {
    package var x: Double
    package var y: Double
    /// One standard error; nil where there is none.
    package var error: Double?
    /// What was measured: a cell, a task, a block.
    package var label: String

    package init(x: Double, y: Double, error: Double? = nil, label: String) {
      (self.x, self.y, self.error, self.label) = (x, y, error, label)
    }
  }

  package struct Series: Equatable, Sendable {
    package var name: String
    package var look: Look
    package var points: [Point]
    /// What was published, drawn hollow.
    package var isPublished = false

    package init(_ name: String, _ look: Look, _ points: [Point], isPublished: Bool = false) {
      (self.name, self.look, self.points, self.isPublished) = (name, look, points, isPublished)
    }
  }

  /// A colour and a mark that belong together. The colours are of Okabe & Ito's palette, which the colour-blind tell
  /// apart, or darkened from it: each has a contrast of 3 or more on white and on a dark page alike.
  package enum Look: Int, CaseIterable, Sendable {
    case blue
    case vermilion
    case green
    case purple
    case ochre
    case grey

    var colour: String {
      switch self {
      case .blue: "#0072b2"
      case .vermilion: "#d55e00"
      case .green: "#009e73"
      case .purple: "#b5488a"
      case .ochre: "#8c6d1f"
      case .grey: "#767676"
      }
    }
  }

  package enum Axis: Equatable, Sendable {
    case linear
    case logarithmic
    /// Names at 0, 1, 2 and so on.
    case categories([String])
  }

  package struct Panel: Equatable, Sendable {
    package var title: String
    package var xLabel: String
    package var yLabel: String
    package var axis: Axis
    /// Lines join the points of a series; without them series are named in a key and not at their ends.
    package var hasLines: Bool
    /// A height that is worth a line of its own, such as that of no difference.
    package var level: Double?
    /// Where the line needs one.
    package var levelName: String?
    package var series: [Series]

    package init(
      title: String, xLabel: String, yLabel: String, axis: Axis = .linear, hasLines: Bool = true, level: Double? = nil,
      levelName: String? = nil, series: [Series]
    ) {
      (self.title, self.xLabel, self.yLabel, self.axis) = (title, xLabel, yLabel, axis)
      (self.hasLines, self.level, self.levelName, self.series) = (hasLines, level, levelName, series)
    }
  }

  /// Of its files, such as "figure-4".
  package var name: String
  package var title: String
  package var caption: String
  /// Panels beside one another.
  package var columns = 1
  package var panels: [Panel]

  package init(name: String, title: String, caption: String, columns: Int = 1, panels: [Panel]) {
    (self.name, self.title, self.caption) = (name, title, caption)
    (self.columns, self.panels) = (columns, panels)
  }

  /// A line a point: panel, series, x, y, its standard error, and what was measured.
  package var tsv: String {
    var lines = ["panel\tseries\tx\ty\tstandard error\tmeasured"]
    for panel in panels {
      for series in panel.series {
        for point in series.points {
          lines.append(
            [
              plotText(panel.title), plotText(series.name), plotNumber(point.x), plotNumber(point.y),
              point.error.map(plotNumber) ?? "", plotText(point.label),
            ].joined(separator: "\t"))
        }
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

/// A figure of the paper, or what a suite would have to measure for it.
package enum FigureFinding: Equatable, Sendable {
  case measured(Figure)
  /// "Figure 5", its title, and what is missing.
  case notMeasured(name: String, title: String, needs: String)
}

/// A text that means nothing to gnuplot, to a list of tab-separated values or to markup: quotes, brackets, ampersands,
/// backslashes and control characters become underscores.
func plotText(_ text: String) -> String {
  String(
    text.map { character in
      let isMeaningful = "'\"`<>&\\@".contains(character)
      let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
      return isMeaningful || isControl ? "_" : character
    })
}

func plotNumber(_ value: Double) -> String { String(format: "%.6g", value) }
