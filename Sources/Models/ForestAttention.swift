import Tensors

extension SelfAttention {
  /// The attention (rows, H · D) of the tokens of a forest, each to those above it in its tree and to what the tree has
  /// in front: prompts, then the tokens of its cache, to which its own keys and values are appended.
  ///
  /// The rows are those of the forest as it is afterwards: see `PromptedForest.takeMove`.
  func attend(
    _ queries: Matrix, keys: Matrix, values: Matrix, block: Int, to front: inout PromptedForest,
    observer: ((ForwardPass.Observation) -> Void)? = nil
  ) -> Matrix {
    let view = front.view(of: block, queries: queries, keys: keys, by: self)
    var (queries, keys, values) = (queries, keys, values)
    if let rows = front.move {
      (queries, keys, values) = (queries.gatheringRows(rows), keys.gatheringRows(rows), values.gatheringRows(rows))
    }
    let mixed = mixed(queries, keys: keys, values: values, in: front, view, block: block, observer: observer)
    if front.caches != nil, !front.isSurvey {
      for (index, tree) in front.forest.trees.enumerated() {
        let rows = front.forest.branches[tree.branches].flatMap(\.rows)
        front.caches![index].blocks[block].append(keys: keys.gatheringRows(rows), values: values.gatheringRows(rows))
      }
    }
    return mixed
  }

  private func mixed(
    _ queries: Matrix, keys: Matrix, values: Matrix, in front: PromptedForest, _ view: PromptView, block: Int,
    observer: ((ForwardPass.Observation) -> Void)?
  ) -> Matrix {
    let forest = front.forest
    // Rows that stay empty are zeros.
    var mixed = Matrix(rows: queries.rowCount, columns: headCount * headWidth)
    var paths = PromptPaths(front, block: block, headWidth: headWidth)
    for shared in 0..<keyValueHeadCount {
      paths.begin(column: shared * headWidth)
      var seen = observer.map { _ in SeenProbabilities(forest, heads: heads(sharing: shared)) }
      for (number, tree) in forest.trees.enumerated() {
        for sight in sights(of: view, tree: number, shared: shared, promptCount: paths.promptCount) {
          let pastCount = paths.enter(tree: number, behind: sight.prompt)
          for branch in forest.branches[tree.branches] {
            paths[sight.prompt].truncate(to: pastCount + branch.depth - tree.depth)
            paths[sight.prompt].append(keys: keys, values: values, rows: branch.rows, column: shared * headWidth)
            for head in sight.heads {
              paths[sight.prompt].attend(
                queries, rows: branch.rows, column: head * headWidth, scale: scale, to: &mixed,
                where: sight.rowChoices.map { choices in { choices[$0][head] == sight.prompt } },
                visit: seen == nil
                  ? nil : { seen?.add($1.dropFirst(pastCount - tree.depth), row: $0, head: head) })
            }
          }
        }
      }
      if let observer { seen?.report(block: block, to: observer) }
    }
    return mixed
  }

  /// What the queries of some heads see in front of a tree.
  private struct Sight {
    /// nil for all prompts.
    let prompt: Int?
    let heads: [Int]
    /// Where rows choose for themselves: those that chose another prompt do not see this one.
    var rowChoices: [PromptChoice]?
  }

  /// - Parameter shared: the number of a key-value head; the sights are of the heads that share it.
  private func sights(of view: PromptView, tree: Int, shared: Int, promptCount: Int) -> [Sight] {
    let heads = Array(heads(sharing: shared))
    switch view {
    case .all: return [Sight(prompt: nil, heads: heads)]
    case .trees(let choices):
      return (0..<promptCount).compactMap { prompt in
        let those = heads.filter { choices[tree][$0] == prompt }
        return those.isEmpty ? nil : Sight(prompt: prompt, heads: those)
      }
    case .rows(let choices):
      return (0..<promptCount).map { Sight(prompt: $0, heads: heads, rowChoices: choices) }
    }
  }

  /// The query heads of a key-value head.
  private func heads(sharing shared: Int) -> Range<Int> {
    let headsTogether = headCount / keyValueHeadCount
    return shared * headsTogether..<(shared + 1) * headsTogether
  }

  /// Of each row and head, how much the query attends to each prompt and to the input.
  func logSums(_ queries: Matrix, keys: Matrix, block: Int, of front: PromptedForest) -> LogSums {
    let forest = front.forest
    var paths = PromptPaths(front, block: block, headWidth: headWidth)
    var sums = LogSums(rowCount: queries.rowCount, headCount: headCount, promptCount: paths.promptCount)
    for shared in 0..<keyValueHeadCount {
      paths.begin(column: shared * headWidth)
      for (number, tree) in forest.trees.enumerated() {
        let pastCount = paths.enter(tree: number, behind: nil)
        for branch in forest.branches[tree.branches] {
          paths[nil].truncate(to: pastCount + branch.depth - tree.depth)
          paths[nil].append(keys: keys, values: keys, rows: branch.rows, column: shared * headWidth)
          for head in 0..<headCount where keyValueHead(of: head) == shared {
            let found = paths[nil].logSums(
              queries, rows: branch.rows, column: head * headWidth, scale: scale, ends: paths.ends)
            for (row, found) in zip(branch.rows, found) { sums.set(found, row: row, head: head) }
          }
        }
      }
    }
    return sums
  }
}

/// The probabilities with which the rows of a forest attend to the tokens of their own sequences, for an observer.
private struct SeenProbabilities {
  private let firstHead: Int
  /// Of each head (rows, tokens of the longest sequence); zeros where there is nothing to see.
  private var probabilities: [Matrix]

  init(_ forest: TokenForest, heads: Range<Int>) {
    let longest = forest.trees.map { $0.depth + $0.length }.max() ?? 0
    firstHead = heads.lowerBound
    probabilities = heads.map { _ in Matrix(rows: forest.rowCount, columns: longest) }
  }

  mutating func add(_ values: Slice<UnsafeBufferPointer<Float>>, row: Int, head: Int) {
    let width = probabilities[head - firstHead].columnCount
    probabilities[head - firstHead].withMutableElements { elements in
      for (column, value) in values.enumerated() { elements[row * width + column] = value }
    }
  }

  func report(block: Int, to observer: (ForwardPass.Observation) -> Void) {
    for (place, seen) in probabilities.enumerated() {
      observer(.attention(block: block, head: firstHead + place, seen))
    }
  }
}

/// One head's paths through the trees of a forest, one for each of what may stand in front: a prompt, or all of them.
private struct PromptPaths {
  private let prompts: [KeyValueCache.Block]
  private let caches: [KeyValueCache.Block]?
  /// The last is the one behind all prompts. Empty until it is entered.
  private var paths: [AttentionPath]
  private let capacities: [Int]
  private let headWidth: Int
  private var areMade: [Bool]
  /// With what stands in front, of the key-value head at hand.
  private var areFilled: [Bool]
  private var column = 0
  /// Where each prompt ends on the path behind all.
  let ends: [Int]

  var promptCount: Int { prompts.count }

  init(_ front: PromptedForest, block: Int, headWidth: Int) {
    let prompts = front.prompts?.prompts.map { $0.blocks[block] } ?? []
    let caches = front.caches?.map { $0.blocks[block] }
    let trees = front.forest.trees
    let longest = trees.indices.map { trees[$0].length + (caches?[$0].count ?? 0) }.max() ?? 0
    let counts = prompts.map(\.count)
    ends = counts.indices.map { counts[...$0].reduce(0, +) }
    capacities = (counts + [counts.reduce(0, +)]).map { $0 + longest }
    paths = capacities.map { _ in AttentionPath(headWidth: headWidth, capacity: 0) }
    areMade = paths.map { _ in false }
    areFilled = areMade
    self.headWidth = headWidth
    self.prompts = prompts
    self.caches = caches
  }

  /// Turns to the key-value head whose columns begin here.
  mutating func begin(column: Int) {
    self.column = column
    areFilled = paths.map { _ in false }
  }

  /// - Parameter prompt: nil for all.
  subscript(prompt: Int?) -> AttentionPath {
    get { paths[prompt ?? prompts.count] }
    _modify { yield &paths[prompt ?? prompts.count] }
  }

  /// Makes a path that of a tree's first token, and returns how many tokens stand before it.
  mutating func enter(tree: Int, behind prompt: Int?) -> Int {
    let number = prompt ?? prompts.count
    if !areMade[number] {
      paths[number] = AttentionPath(headWidth: headWidth, capacity: capacities[number])
      areMade[number] = true
    }
    if !areFilled[number] {
      paths[number].truncate(to: 0)
      for prompt in prompt.map({ $0..<$0 + 1 }) ?? prompts.indices { append(prompts[prompt], to: number) }
      areFilled[number] = true
    }
    paths[number].truncate(to: prompt.map { prompts[$0].count } ?? ends.last ?? 0)
    if let caches { append(caches[tree], to: number) }
    return paths[number].count
  }

  private mutating func append(_ tokens: KeyValueCache.Block, to number: Int) {
    paths[number].append(keys: tokens.keys, values: tokens.values, rows: Array(0..<tokens.count), column: column)
  }
}
