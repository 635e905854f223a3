/// One cell of an experiment's grid: which model, compressed how, recovered how.
///
/// The three names make the path of the cell's files, so they are restricted: letters, digits, `.`, `_`, `-` and `+` of
/// ASCII, not empty and not beginning with a dot.
package struct Cell: Hashable, Codable, Sendable {
  package let model: String
  package let compression: String
  package let recovery: String

  /// - Throws: `.invalidName` with the first of the three that cannot be part of a path.
  package init(model: String, compression: String, recovery: String) throws(ResultError) {
    for name in [model, compression, recovery] where !Self.isValidName(name) {
      throw .invalidName(name)
    }
    self.model = model
    self.compression = compression
    self.recovery = recovery
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      model: container.decode(String.self, forKey: .model),
      compression: container.decode(String.self, forKey: .compression),
      recovery: container.decode(String.self, forKey: .recovery))
  }

  /// The path of the cell's result inside a folder of results: `<model>/<compression>/<recovery>.json`.
  package var path: String { name + ".json" }

  /// By which people and suites name a cell: `<model>/<compression>/<recovery>`.
  package var name: String { "\(model)/\(compression)/\(recovery)" }

  package static func isValidName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first != UInt8(ascii: ".") else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: "+"):
        true
      default: false
      }
    }
  }
}

extension Cell: Comparable {
  /// By model, then compression, then recovery, each byte by byte.
  package static func < (left: Cell, right: Cell) -> Bool {
    let leftNames = [left.model, left.compression, left.recovery]
    let rightNames = [right.model, right.compression, right.recovery]
    guard let (a, b) = zip(leftNames, rightNames).first(where: { $0 != $1 }) else { return false }
    return a.utf8.lexicographicallyPrecedes(b.utf8)
  }
}

extension Cell: CustomStringConvertible {
  package var description: String { "\(model) / \(compression) / \(recovery)" }
}
