import Comparison
import Foundation

/// A picture that gnuplot drew, as a part of a page: without a ground of its own, in the page's colours where it had ink,
/// and with names that no other picture on the page has.
struct InlinePicture {
  let markup: Markup

  /// - Parameters:
  ///   - name: what the picture's own names begin with.
  ///   - description: for those who cannot see it.
  /// - Returns: nil for what is no picture of gnuplot's.
  init?(svg: String, name: String, description: String) {
    guard let start = svg.range(of: "<svg"), let startEnd = svg.range(of: ">", range: start.upperBound..<svg.endIndex),
      let box = Self.attribute("viewBox", in: svg[start.lowerBound..<startEnd.lowerBound]),
      let canvas = svg.range(of: "<g id=\"gnuplot_canvas\">", range: startEnd.upperBound..<svg.endIndex)
    else { return nil }
    var body = String(svg[canvas.lowerBound...])
    let replacements = [
      ("fill=\"\(FigureScript.background)\"", "fill=\"none\""),
      ("'\(Self.stroke(FigureScript.foreground))'", "'currentColor'"),
      ("\"\(Self.stroke(FigureScript.foreground))\"", "\"currentColor\""),
      ("\"\(Self.fill(FigureScript.foreground))\"", "\"currentColor\""),
      ("'\(Self.stroke(FigureScript.grid))'", "'rgba(128, 128, 128, 0.35)'"),
      (" color=\"black\"", ""), (" color=\"#FFFFFF\"", ""),
      ("id='gp", "id='\(name)-gp"), ("='#gp", "='#\(name)-gp"),
      ("id=\"gnuplot_", "id=\"\(name)-"), ("id='textbox'", "id='\(name)-textbox'"),
      ("id='greybox'", "id='\(name)-greybox'"),
    ]
    for (old, new) in replacements { body = body.replacingOccurrences(of: old, with: new) }
    let width = box.split(separator: " ").dropFirst(2).first.map(String.init) ?? "700"
    let opening = Markup.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink", "viewBox": box,
        "width": width, "role": "img", "aria-label": description, "class": "plot",
      ], [.trusted("\n")])
    markup = .trusted(opening.html.replacingOccurrences(of: "</svg>", with: "") + body)
  }

  private static func attribute(_ name: String, in tag: Substring) -> String? {
    guard let start = tag.range(of: "\(name)=\""),
      let end = tag.range(of: "\"", range: start.upperBound..<tag.endIndex)
    else { return nil }
    return String(tag[start.upperBound..<end.lowerBound])
  }

  /// A colour such as "#1f2328" as gnuplot writes that of lines, `rgb( 31,  35,  40)`, and that of texts, `rgb(31,35,40)`.
  private static func stroke(_ colour: String) -> String {
    "rgb(" + parts(colour).map { String(format: "%3d", $0) }.joined(separator: ", ") + ")"
  }

  private static func fill(_ colour: String) -> String {
    "rgb(" + parts(colour).map(String.init).joined(separator: ",") + ")"
  }

  private static func parts(_ colour: String) -> [Int] {
    let digits = Array(colour.dropFirst())
    return stride(from: 0, to: digits.count, by: 2).map { Int(String(digits[$0...($0 + 1)]), radix: 16) ?? 0 }
  }
}

/// A small picture of a loss curve, from its first value to its last.
struct LossCurve {
  let markup: Markup

  /// nil for fewer than two values.
  init?(_ losses: [Double]) {
    guard losses.count > 1, let low = losses.min(), let high = losses.max() else { return nil }
    let (width, height) = (120.0, 28.0)
    let points = losses.enumerated().map { index, loss in
      let x = 2 + (width - 4) * Double(index) / Double(losses.count - 1)
      let y = high > low ? 3 + (height - 6) * (high - loss) / (high - low) : height / 2
      return "\(decimal(x, 1)),\(decimal(y, 1))"
    }
    let line = Markup.element(
      "polyline",
      ["points": points.joined(separator: " "), "fill": "none", "stroke": "currentColor", "stroke-width": "1.4"], [])
    markup = .element(
      "svg",
      [
        "viewBox": "0 0 \(Int(width)) \(Int(height))", "width": "\(Int(width))", "height": "\(Int(height))",
        "role": "img",
        "aria-label": "loss from \(decimal(losses[0], 3)) to \(decimal(losses[losses.count - 1], 3))", "class": "curve",
      ], [line])
  }
}
