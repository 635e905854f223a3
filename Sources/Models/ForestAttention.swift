import Tensors

extension SelfAttention {
  /// The attention (rows, H · D) of the tokens of a forest, each to those above it in its tree and to what the tree has in
  /// front: the prompt chosen for it, or its cache, to which its keys and values are then appended.
  func attend(
    _ queries: Matrix, keys: Matrix, values: Matrix, in forest: TokenForest, block: Int, pass: inout ForwardPass
  ) -> Matrix {
    let mixed = mixed(
      queries, keys: keys, values: values, in: forest,
      behind: pasts(of: forest.trees, queries: queries, block: block, pass: &pass))
    // Now that nobody reads the caches, they are not copied when they grow.
    if pass.caches != nil {
      for (index, tree) in forest.trees.enumerated() {
        let rows = forest.branches[tree.branches].flatMap(\.rows)
        pass.caches![index].blocks[block].append(keys: keys.gatheringRows(rows), values: values.gatheringRows(rows))
      }
    }
    return mixed
  }

  private func mixed(
    _ queries: Matrix, keys: Matrix, values: Matrix, in forest: TokenForest, behind pasts: consuming [Past?]
  ) -> Matrix {
    let trees = forest.trees
    // Rows that stay empty are zeros.
    var mixed = Matrix(rows: queries.rowCount, columns: headCount * headWidth)
    let capacity = zip(trees, pasts).map { $0.length + ($1?.rows.count ?? 0) }.max() ?? 0
    var path = AttentionPath(headWidth: headWidth, capacity: capacity)
    let headsTogether = headCount / keyValueHeadCount
    for shared in 0..<keyValueHeadCount {
      path.truncate(to: 0)
      var loaded: Int?
      for (tree, past) in zip(trees, pasts) {
        if let past, let identity = past.identity, identity == loaded {
          path.truncate(to: past.rows.count)
        } else {
          path.truncate(to: 0)
          if let past {
            path.append(keys: past.keys, values: past.values, rows: past.rows, column: shared * headWidth)
          }
          loaded = past?.identity
        }
        let pastCount = path.count
        for branch in forest.branches[tree.branches] {
          path.truncate(to: pastCount + branch.depth - tree.depth)
          path.append(keys: keys, values: values, rows: branch.rows, column: shared * headWidth)
          for head in shared * headsTogether..<(shared + 1) * headsTogether {
            path.attend(queries, rows: branch.rows, column: head * headWidth, scale: scale, to: &mixed)
          }
        }
      }
    }
    return mixed
  }

  /// Keys and values in front of a tree's first token, of which the first `count` rows count.
  private struct Past {
    let keys: Matrix
    let values: Matrix
    let rows: [Int]
    /// The number of the prompt that this is; nil for a tree's own cache.
    let identity: Int?
  }

  private func pasts(
    of trees: [TokenForest.Tree], queries: Matrix, block: Int, pass: inout ForwardPass
  ) -> [Past?] {
    let promptRows = pass.prompts?.prompts.map { Array(0..<$0.blocks[block].count) } ?? []
    return trees.indices.map { index in
      if let cache = pass.caches?[index].blocks[block], cache.count > 0 {
        return Past(keys: cache.keys, values: cache.values, rows: Array(0..<cache.count), identity: nil)
      }
      guard let prompts = pass.prompts else { return nil }
      let chosen = prompts.choose(for: pass.forest!, tree: trees[index], queries, block: block, attention: self)
      pass.observe(.choice(block: block, prompt: chosen, tree: index))
      let prompt = prompts.prompts[chosen].blocks[block]
      pass.caches?[index].blocks[block].append(keys: prompt.keys, values: prompt.values)
      return Past(keys: prompt.keys, values: prompt.values, rows: promptRows[chosen], identity: chosen)
    }
  }
}

extension PromptBank {
  fileprivate func choose(
    for forest: TokenForest, tree: TokenForest.Tree, _ queries: Matrix, block: Int, attention: SelfAttention
  ) -> Int {
    guard prompts.count > 1 else { return 0 }
    precondition(tree.branches.count == 1, "prompts are chosen for sequences, not for trees")
    return choose(
      for: queries.gatheringRows(forest.branches[tree.branches.lowerBound].rows), block: block, attention: attention)
  }
}
