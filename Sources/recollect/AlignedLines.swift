import Foundation

/// Lines of a name, a value and a remark, one below the other: names to the left, values to the right.
struct AlignedLines {
  struct Line {
    let name: String
    let value: String
    let remark: String

    init(_ name: String, _ value: String, _ remark: String = "") {
      self.name = name
      self.value = value
      self.remark = remark
    }
  }

  let text: String

  init(_ lines: [Line]) {
    let nameWidth = lines.map(\.name.count).max() ?? 0
    let valueWidth = lines.map(\.value.count).max() ?? 0
    text = lines.map { line in
      let gap = String(repeating: " ", count: nameWidth - line.name.count + 2 + valueWidth - line.value.count)
      return "  \(line.name)\(gap)\(line.value)" + (line.remark.isEmpty ? "\n" : "  \(line.remark)\n")
    }.joined()
  }
}

/// A number from a thousand on in the largest of the units, each a thousand of the one before, that leaves one or more.
func scaled(_ number: Int, _ units: [String]) -> String {
  var value = Double(number) / 1000
  var unit = 0
  // What would be rounded to 1000.0 is one of the next unit.
  while value >= 999.95, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  return String(format: "%.1f ", value) + units[unit]
}

func bytes(_ count: Int) -> String {
  count < 1000 ? "\(count) B" : scaled(count, ["kB", "MB", "GB", "TB"])
}
