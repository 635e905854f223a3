import Tensors

/// How a model finds a token in its place.
package struct TokenScore: Sendable, Equatable {
  /// In nats.
  package let logProbability: Double
  /// Whether no token is likelier, and none before it as likely.
  package let isArgmax: Bool
}

/// A question to a model: how likely is the token behind a node of a forest?
package struct TokenTarget: Sendable, Equatable {
  package let node: TokenForest.Node
  package let token: Int

  package init(node: TokenForest.Node, token: Int) {
    self.node = node
    self.token = token
  }
}

extension LanguageModel {
  /// Rows of logits that are computed together.
  private var rowsTogether: Int { 20 * DozenRows.dozen }

  /// The scores of the targets, in their order, from the hidden states (rows, C) of a forest after the last block.
  ///
  /// Only the rows that are asked for go through the head, a panel of its rows at a time: the logits of all tokens
  /// (T, V) are never in memory.
  package func scores(of targets: [TokenTarget], hidden: Matrix) -> [TokenScore] {
    var scores = [TokenScore](repeating: TokenScore(logProbability: .nan, isArgmax: false), count: targets.count)
    forEachGroup(of: targets.map(\.node)) { group, nodes in
      let asked = group.map { (index: $0.index, row: $0.row, token: targets[$0.index].token) }
      let (summaries, logits) = summaries(nodes, hidden, asked: asked.map { ($0.row, $0.token) })
      for (asked, logit) in zip(asked, logits) {
        let summary = summaries[asked.row]
        let logProbability = summary.logProbability(ofLogit: logit)
        scores[asked.index] = TokenScore(
          logProbability: logProbability, isArgmax: !logProbability.isNaN && summary.likeliest == asked.token)
      }
    }
    return scores
  }

  /// The likeliest token behind each of the nodes, the first of equals; nil where a logit is a NaN.
  package func likeliestTokens(behind nodes: [TokenForest.Node], hidden: Matrix) -> [Int?] {
    var tokens = [Int?](repeating: nil, count: nodes.count)
    forEachGroup(of: nodes) { group, nodes in
      let (summaries, _) = summaries(nodes, hidden, asked: [])
      for (index, row) in group {
        // A NaN among the logits is one among the probabilities.
        let isNumber = !summaries[row].logProbability(ofLogit: 0).isNaN
        tokens[index] = isNumber ? summaries[row].likeliest : nil
      }
    }
    return tokens
  }

  /// Calls `body` for the nodes in groups of some rows, with the indices of each group and, for each, the row of its node in
  /// a matrix of whole dozens, whose rows are given too (nil for those that stay empty).
  private func forEachGroup(
    of nodes: [TokenForest.Node], _ body: (_ group: [(index: Int, row: Int)], _ rows: [TokenForest.Node?]) -> Void
  ) {
    var start = 0
    while start < nodes.count {
      var layout = DozenRows()
      var places: [TokenForest.Node: Int] = [:]
      var group: [(index: Int, row: Int)] = []
      while start + group.count < nodes.count, layout.rowCount < rowsTogether {
        let node = nodes[start + group.count]
        let row = places[node] ?? layout.next(inSecondHalf: node.isInSecondHalf)
        places[node] = row
        group.append((start + group.count, row))
      }
      var rows = [TokenForest.Node?](repeating: nil, count: layout.rowCount)
      for (node, row) in places { rows[row] = node }
      body(group, rows)
      start += group.count
    }
  }

  /// The summaries of the nodes' logits, and the logits of the tokens asked for.
  private func summaries(
    _ nodes: [TokenForest.Node?], _ hidden: Matrix, asked: [(row: Int, token: Int)]
  ) -> (summaries: [LogitSummary], logits: [Float]) {
    // An empty row repeats some row, whose numbers are no cause for trouble.
    let anyRow = nodes.lazy.compactMap { $0?.row }.first ?? 0
    let normalized = normalized(hidden.gatheringRows(nodes.map { $0?.row ?? anyRow }))
    var summaries = [LogitSummary](repeating: LogitSummary(), count: nodes.count)
    var logits = [Float](repeating: .nan, count: asked.count)
    let order = asked.indices.sorted { asked[$0].token < asked[$1].token }
    var next = 0
    head.forEachPanel { tokens, weight in
      var panel = Matrix(uninitializedRows: nodes.count, columns: tokens.count)
      panel.setRowwiseProduct(normalized, weight)
      while next < order.count, asked[order[next]].token < tokens.upperBound {
        let (row, token) = asked[order[next]]
        logits[order[next]] = panel[row, token - tokens.lowerBound]
        next += 1
      }
      panel.add(to: &summaries, first: tokens.lowerBound)
    }
    return (summaries, logits)
  }
}
