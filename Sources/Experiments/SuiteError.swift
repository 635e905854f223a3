/// What is wrong with a suite's file, and where. Lines count from one; 0 stands for the whole file.
package struct SuiteError: Error, Equatable {
  package let file: String
  package let line: Int
  package let problem: Problem

  package enum Problem: Equatable, Sendable {
    case unreadable(reason: String)
    /// Not YAML at all.
    case syntax(reason: String)
    case unknownKey(String, in: String, nearest: String?, known: [String])
    /// The line is that of the key's first occurrence.
    case duplicateKey(String)
    case missingKey(String, in: String)
    case wrongKind(key: String, expected: String, found: String)
    case outOfRange(key: String, expected: String, found: String)
    /// A word that is not among the possible ones.
    case unknownValue(key: String, found: String, nearest: String?, known: [String])
    /// Two models, compressions, recoveries or tasks of one name: two cells would share a file.
    case duplicateName(String, firstLine: Int)
    /// A recovery that chooses among prompts names one that the suite does not train.
    case unknownPrompt(String, recovery: String, nearest: String?, known: [String])
  }

  package init(
    file: String, line: Int, problem: Problem
  ) {
    self.file = file
    self.line = line
    self.problem = problem
  }
}

/// The candidate that takes the fewest edits to reach from `word`; nil where even that one is too far to be meant.
func nearest(to word: String, among candidates: [String]) -> String? {
  let best = candidates.map { (candidate: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
    .min { $0.distance < $1.distance }
  guard let best, best.distance <= max(1, word.count / 3) else { return nil }
  return best.candidate
}

/// The fewest insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
private func editDistance(_ left: String, _ right: String) -> Int {
  let left = Array(left)
  let right = Array(right)
  // distances[i][j] is that of the first i and the first j letters.
  var distances = (0...left.count).map { i in (0...right.count).map { j in i == 0 ? j : (j == 0 ? i : 0) } }
  for i in 1..<left.count + 1 {
    for j in 1..<right.count + 1 {
      let replaced = distances[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
      var best = min(replaced, distances[i - 1][j] + 1, distances[i][j - 1] + 1)
      if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
        best = min(best, distances[i - 2][j - 2] + 1)
      }
      distances[i][j] = best
    }
  }
  return distances[left.count][right.count]
}
