import Models

// The text functions of Python 3 that the harness's prompts are made with. They work on Unicode code points, where
// Swift's own work on grapheme clusters and take canonically equivalent texts as equal.

extension String {
  /// `str.strip()`
  package func pythonStripped() -> String {
    splitAtTrailingPythonSpace().text.pythonLeftStripped()
  }

  /// `str.lstrip()`
  package func pythonLeftStripped() -> String { String(unicodeScalars.drop(while: \.isPythonSpace)) }

  /// The text as `str.rstrip()` leaves it, and the white space that it takes away.
  package func splitAtTrailingPythonSpace() -> (text: String, space: String) {
    let last = unicodeScalars.lastIndex { !$0.isPythonSpace }
    let end = last.map { unicodeScalars.index(after: $0) } ?? startIndex
    return (String(unicodeScalars[..<end]), String(unicodeScalars[end...]))
  }

  /// `str.capitalize()` of Python 3.8 and later: the first code point in title case, all others in lower case.
  package func pythonCapitalized() -> String {
    let scalars = Array(unicodeScalars)
    guard let first = scalars.first else { return "" }
    var result = first.properties.titlecaseMapping
    for index in scalars.indices.dropFirst() {
      result += Self.pythonLowercase(of: scalars, at: index)
    }
    return result
  }

  /// `str.lower()`
  package func pythonLowercased() -> String {
    let scalars = Array(unicodeScalars)
    return scalars.indices.map { Self.pythonLowercase(of: scalars, at: $0) }.joined()
  }

  /// Capital sigma is the only letter whose lower case depends on its neighbours: it is a final sigma after a cased
  /// letter and not before one, with case-ignorable code points left out of account on both sides.
  ///
  /// Source: `lower_ucs4` and `handle_capital_sigma` in python/cpython, Objects/unicodeobject.c.
  private static func pythonLowercase(of scalars: [Unicode.Scalar], at index: Int) -> String {
    guard scalars[index] == "\u{3A3}" else { return scalars[index].properties.lowercaseMapping }
    let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
    let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    let isFinal = before?.properties.isCased == true && after?.properties.isCased != true
    return isFinal ? "\u{3C2}" : "\u{3C3}"
  }

  /// `str.replace(old, new)`: every occurrence from left to right, without overlap; what replaced one is not searched.
  package func pythonReplacing(_ old: String, with new: String) -> String {
    precondition(!old.isEmpty, "an empty text occurs everywhere")
    // UTF-8 is self-synchronizing: bytes match where code points do.
    var rest = Array(utf8)[...]
    let old = Array(old.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(rest.count)
    while let start = rest.firstIndex(of: old[0]) {
      result += rest[..<start]
      if rest[start...].starts(with: old) {
        result += new.utf8
        rest = rest[(start + old.count)...]
      } else {
        result.append(old[0])
        rest = rest[(start + 1)...]
      }
    }
    result += rest
    return String(decoding: result, as: UTF8.self)
  }
}
