import Tensors

/// Makes names that can be spoken, one manner for each kind, all different and none the beginning of another.
///
/// Nor do two differ in their vowels alone, as "tarvel" and "tirval" would: they would be too easily taken for one
/// another.
struct NameMaker {
  private var stream: RandomStream
  private var taken: [String] = []
  private var skeletons: Set<String> = []

  init(seed: UInt64, reserved: [String]) {
    stream = RandomStream(seed: seed, purpose: "world names")
    taken = reserved
  }

  /// A name of the manner that no other name begins with, nor begins another.
  mutating func name(_ manner: NameManner) -> String {
    // Few manners have fewer than some thousand names, of which some hundred are asked for.
    for _ in 0..<100_000 {
      let name = manner.pattern.map { stream.element(of: manner.parts[$0]) }.joined()
      guard isFree(name), skeletons.insert(name.lowercased().filter { !"aeiou".contains($0) }).inserted else {
        continue
      }
      taken.append(name)
      return name
    }
    preconditionFailure("the syllables do not suffice for so many names")
  }

  private func isFree(_ name: String) -> Bool {
    let lower = name.lowercased()
    return taken.allSatisfy { other in
      let other = other.lowercased()
      return !lower.hasPrefix(other) && !other.hasPrefix(lower)
    }
  }
}

/// The syllables of a kind of name, and in which order they come.
struct NameManner {
  let parts: [[String]]
  let pattern: [Int]

  init(_ syllables: String...) {
    parts = syllables.map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
    pattern = Array(parts.indices)
  }
}
