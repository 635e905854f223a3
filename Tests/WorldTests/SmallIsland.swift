import World

/// The world that the tests read, written once for all of them.
enum SmallIsland {
  static let files = WorldFiles(seed: 11)
  static var world: World { files.world }

  static func text(_ path: String) -> String { files.files.first { $0.path == path }?.text ?? "" }

  /// All lines of all pages to learn from, without what only introduces a question.
  static let lines: [String] = Corpus.allCases.flatMap { corpus in
    (files.training[corpus] ?? []).flatMap(\.lines).map { line in
      for mark in [" asks: ", "Question: "] {
        if let end = line.firstRange(of: mark)?.upperBound { return String(line[end...]) }
      }
      return line
    }
  }

  /// The words of a text, in small letters.
  static func words(_ text: String) -> [String] {
    text.lowercased().split { !("a"..."z").contains($0) && !("0"..."9").contains($0) }.map(String.init)
  }

  /// How often the corpora have each word.
  static let wordCounts: [String: Int] = Corpus.allCases.flatMap { files.training[$0] ?? [] }.flatMap(\.lines)
    .reduce(into: [:]) { counts, line in
      for word in words(line) { counts[word, default: 0] += 1 }
    }
}
