import Tensors

/// Token sequences that run through a model together, in one matrix: each weight is read once for all of them, and what
/// several sequences begin with is computed once.
///
/// A token is a node below the token before it. Its hidden states depend, to the bit, on the tokens above it alone: not on
/// the other sequences, nor on what is shared (`DozenRows`, `AttentionPath`).
package struct TokenForest: Sendable {
  /// A run of tokens of which each but the last is followed by one token alone.
  struct Branch: Sendable {
    /// The number of tokens before its first.
    let depth: Int
    /// The rows of its tokens.
    private(set) var rows: [Int] = []

    fileprivate mutating func append(row: Int) { rows.append(row) }
  }

  /// A beginning, with all that follows it.
  struct Tree: Sendable {
    /// Parents come before children, and all of a branch's descendants before its next sibling.
    fileprivate(set) var branches: Range<Int>
    /// Earlier tokens, which are in a cache.
    let depth: Int
    /// Tokens of its longest sequence.
    fileprivate(set) var length: Int
    /// The numbers of those that begin here.
    fileprivate(set) var sequences: [Int] = []
  }

  private(set) var trees: [Tree] = []
  private(set) var branches: [Branch] = []
  /// Of each row, with a zero for those that stay empty.
  package private(set) var tokens: [Int] = []
  /// The number of tokens above each row's in its tree.
  private(set) var depths: [Int] = []
  package private(set) var nodeCount = 0
  /// The nodes of each sequence that was planted.
  package private(set) var sequences: [[Node]] = []

  /// A token's place.
  package struct Node: Hashable, Sendable {
    /// Its row in the matrices of a pass over the forest.
    package let row: Int
    let depth: Int

    /// Neighbours stand in different halves of their dozens, so that each half has about as many.
    var isInSecondHalf: Bool { depth % 2 == 1 }
  }

  package var rowCount: Int { tokens.count }

  package var treeCount: Int { trees.count }

  /// Sequences of which those that begin alike share their beginning, where they stand one behind the other.
  ///
  /// - Parameters:
  ///   - sequences: in lexicographic order, so that all that can be shared is.
  ///   - isSharing: false for sequences that each stand alone.
  ///   - depths: of each sequence's first token, where earlier tokens are in a cache; sequences are then not shared.
  /// - Returns: the forest, and of each sequence its tokens' nodes.
  package static func planting(
    _ sequences: [[Int]], isSharing: Bool = true, depths: [Int]? = nil
  ) -> (forest: TokenForest, nodes: [[Node]]) {
    let forest = TokenForest(sequences, depths: depths) { _ in isSharing && depths == nil }
    return (forest, forest.sequences)
  }

  /// The same sequences, of which those in a group share their beginning, and those in different groups nothing.
  ///
  /// - Parameter groups: the numbers of sequences without a past, of each group in lexicographic order. Each group is a
  ///   tree of the result, and its sequences were of one tree.
  /// - Returns: the forest, in which sequences keep their numbers, and of each of its rows the one that it was here.
  func replanted(in groups: [[Int]]) -> (forest: TokenForest, rows: [Int]) {
    let order = groups.flatMap(\.self)
    let firsts = Set(groups.compactMap(\.first))
    var forest = TokenForest(order.map { sequences[$0].map { tokens[$0.row] } }, depths: nil) {
      !firsts.contains(order[$0])
    }
    // Empty rows repeat one whose numbers are no cause for trouble.
    var rows = [Int](repeating: sequences.lazy.compactMap(\.first?.row).first ?? 0, count: forest.rowCount)
    var planted = sequences
    for (sequence, nodes) in zip(order, forest.sequences) {
      for (node, before) in zip(nodes, sequences[sequence]) { rows[node.row] = before.row }
      planted[sequence] = nodes
    }
    forest.sequences = planted
    for tree in forest.trees.indices { forest.trees[tree].sequences = forest.trees[tree].sequences.map { order[$0] } }
    return (forest, rows)
  }

  private init() {}

  /// - Parameter sharesWithPrevious: whether a sequence shares what it begins with.
  private init(_ sequences: [[Int]], depths: [Int]?, sharesWithPrevious: (Int) -> Bool) {
    self.init()
    var parents: [Int] = []
    var places: [(token: Int, depth: Int)] = []
    var childCounts: [Int] = []
    var path: [Int] = []
    var previous: [Int] = []
    var paths: [[Int]] = []
    paths.reserveCapacity(sequences.count)
    for (index, sequence) in sequences.enumerated() {
      let first = depths?[index] ?? 0
      var shared = 0
      if sharesWithPrevious(index) {
        while shared < min(previous.count, sequence.count), previous[shared] == sequence[shared] { shared += 1 }
      }
      path.removeSubrange(shared...)
      for token in sequence[shared...] {
        if let parent = path.last { childCounts[parent] += 1 }
        parents.append(path.last ?? -1)
        childCounts.append(0)
        places.append((token, first + path.count))
        path.append(places.count - 1)
      }
      paths.append(path)
      previous = sequence
    }
    let rows = setOut(places, parents: parents, childCounts: childCounts)
    self.sequences = paths.map { path in path.map { Node(row: rows[$0], depth: places[$0].depth) } }
    let roots = Dictionary(
      uniqueKeysWithValues: trees.indices.map { (branches[trees[$0].branches.lowerBound].rows[0], $0) })
    for (index, nodes) in self.sequences.enumerated() {
      if let first = nodes.first, let tree = roots[first.row] { trees[tree].sequences.append(index) }
    }
  }

  /// Gives each node, in depth-first order, a row and a branch.
  private mutating func setOut(
    _ places: [(token: Int, depth: Int)], parents: [Int], childCounts: [Int]
  ) -> [Int] {
    var layout = DozenRows()
    let rows = places.map { layout.next(inSecondHalf: Node(row: 0, depth: $0.depth).isInSecondHalf) }
    tokens = Array(repeating: 0, count: layout.rowCount)
    depths = tokens
    nodeCount = places.count
    for (node, place) in places.enumerated() {
      tokens[rows[node]] = place.token
      depths[rows[node]] = place.depth
      let parent = parents[node]
      if parent < 0 { trees.append(Tree(branches: branches.count..<branches.count, depth: place.depth, length: 0)) }
      if parent < 0 || childCounts[parent] > 1 { branches.append(Branch(depth: place.depth)) }
      branches[branches.count - 1].append(row: rows[node])
      let tree = trees.count - 1
      trees[tree].branches = trees[tree].branches.lowerBound..<branches.count
      trees[tree].length = max(trees[tree].length, place.depth - trees[tree].depth + 1)
    }
    return rows
  }
}
