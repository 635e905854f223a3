/// The names of categories under a plot: level where they fit beside one another, and otherwise aslant, each ending below
/// its mark, with the room that they take.
struct CategoryLabels {
  /// What gnuplot takes a character of its margins for in an SVG of 13 points. The letters themselves are narrower.
  static let marginCharacterWidth = 9.1
  static let marginLineHeight = 19.5
  private static let characterWidth = 7.5

  let isAslant: Bool
  /// In characters.
  let leftMargin: Double
  /// In lines, with the name of the axis below the names.
  let bottomMargin: Double

  /// - Parameters:
  ///   - panelWidth: in points, from the one edge to the other.
  ///   - rightMargin: in characters, beside the plot.
  init(_ names: [String], panelWidth: Int, rightMargin: Int) {
    let plain = (left: 9.0, bottom: 3.5)
    let lengths = names.map { Double($0.count) }
    let width = Double(panelWidth) - (plain.left + Double(rightMargin)) * Self.marginCharacterWidth
    let step = width / Double(max(1, names.count))
    isAslant = zip(lengths, lengths.dropFirst()).contains { first, second in
      ((first + second) / 2 + 1) * Self.characterWidth > step
    }
    guard isAslant else {
      (leftMargin, bottomMargin) = plain
      return
    }
    // To the left of the axis, cos 30° of a name's length, less what lies between the axis and its mark.
    let overhang = lengths.enumerated().map { index, length in
      (0.87 * length * Self.characterWidth - (Double(index) + 0.5) * step) / Self.marginCharacterWidth
    }
    leftMargin = overhang.reduce(plain.left, max).rounded(.up)
    // sin 30° of the longest name and the name of the axis, in the lines of a PNG, which are lower than an SVG's.
    bottomMargin = max(plain.bottom, 0.28 * (lengths.max() ?? 0) + 1.3)
  }

  /// Of `set xtics`.
  var rotation: String { isAslant ? "rotate by 30 right" : "norotate" }
  /// Lines that the name of the axis moves up: gnuplot gives aslant names more room than they need.
  var axisNameOffset: Int { isAslant ? 1 : 0 }
}
