import Foundation
import Tensors

/// What a block's attention says for each prompt, token by token.
struct PromptEvidence {
  private enum Content {
    /// The mean over queries t and keys s of qₜ · kₛ / √D is the product of the means, (mean q) · (mean k) / √D: the
    /// queries (rows, H · D), and of each prompt the mean key (G · D).
    case means(queries: Matrix, keys: [[Double]])
    /// Of each row, prompt and head.
    case weights([Double])
  }

  private let content: Content
  private let attention: SelfAttention
  private let promptCount: Int

  /// - Parameters:
  ///   - queries: (rows, H · D) of a forest.
  ///   - keys: (rows, G · D)
  init(_ queries: Matrix, keys: Matrix, of front: PromptedForest, block: Int, attention: SelfAttention) {
    guard let bank = front.prompts else { preconditionFailure("no prompts to choose among") }
    self.attention = attention
    promptCount = bank.prompts.count
    if bank.selection.score == .logitMean {
      content = .means(
        queries: queries, keys: (0..<promptCount).map { bank.keyMean(prompt: $0, block: block) })
    } else {
      content = .weights(
        bank.weights(attention.logSums(queries, keys: keys, block: block, of: front), lengths: bank.lengths))
    }
  }

  /// Of each prompt, the score by each head, as a mean over the tokens in these rows.
  func scores(of rows: [Int]) -> [[Double]] {
    let headCount = attention.headCount
    switch content {
    case .means(let queries, let keys):
      let means = queries.columnMeans(ofRows: rows)
      return keys.map { key in
        (0..<headCount).map { head in
          let (own, shared) = (attention.columns(head), attention.columns(attention.keyValueHead(of: head)))
          let product = zip(own, shared).reduce(0) { $0 + means[$1.0] * key[$1.1] }
          return product / Double(attention.headWidth).squareRoot()
        }
      }
    case .weights(let weights):
      return (0..<promptCount).map { prompt in
        (0..<headCount).map { head in
          let sum = rows.reduce(0) { $0 + weights[($1 * promptCount + prompt) * headCount + head] }
          return sum / Double(rows.count)
        }
      }
    }
  }
}

extension PromptBank {
  /// The weights that the scores compare, of each row, prompt and head.
  fileprivate func weights(_ sums: LogSums, lengths: [Int]) -> [Double] {
    let count = prompts.count
    var weights = [Double](repeating: 0, count: sums.rowCount * count * sums.headCount)
    for row in 0..<sums.rowCount {
      for head in 0..<sums.headCount {
        let (ofPrompts, ofInput) = sums[row, head]
        let joint = logSum(selection.support == .input ? ofPrompts + [ofInput] : ofPrompts)
        for prompt in 0..<count {
          let isSeparate = selection.score == .separateMass || selection.score == .separateMean
          let mass = exp(ofPrompts[prompt] - (isSeparate ? logSum([ofPrompts[prompt], ofInput]) : joint))
          let isMean = selection.score == .separateMean || selection.score == .weightMean
          weights[(row * count + prompt) * sums.headCount + head] = isMean ? mass / Double(lengths[prompt]) : mass
        }
      }
    }
    return weights
  }
}

/// log Σ exp of the values, which are logarithms of sums themselves.
private func logSum(_ logarithms: [Double]) -> Double {
  let largest = logarithms.max() ?? -.infinity
  return largest + log(logarithms.reduce(0) { $0 + exp($1 - largest) })
}

/// Of each row of a forest and each head, log Σ exp of the query's scores over the keys of each prompt, and over those
/// of the input that it sees.
struct LogSums {
  let rowCount: Int
  let headCount: Int
  private let promptCount: Int
  private var values: [Double]

  init(rowCount: Int, headCount: Int, promptCount: Int) {
    self.rowCount = rowCount
    self.headCount = headCount
    self.promptCount = promptCount
    values = Array(repeating: 0, count: rowCount * headCount * (promptCount + 1))
  }

  subscript(row: Int, head: Int) -> (ofPrompts: [Double], ofInput: Double) {
    let first = (row * headCount + head) * (promptCount + 1)
    return (Array(values[first..<first + promptCount]), values[first + promptCount])
  }

  mutating func set(_ sums: some Collection<Double>, row: Int, head: Int) {
    let first = (row * headCount + head) * (promptCount + 1)
    values.replaceSubrange(first..<first + promptCount + 1, with: sums)
  }
}

extension Matrix {
  /// The mean of these rows, in double precision and in their order.
  fileprivate func columnMeans(ofRows rows: [Int]) -> [Double] {
    var sums = [Double](repeating: 0, count: columnCount)
    withElements { elements in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let elements = elements.baseAddress, let sums = sums.baseAddress else { return }
        for row in rows {
          let values = elements + row * columnCount
          for column in 0..<columnCount { sums[column] += Double(values[column]) }
        }
      }
    }
    return sums.map { $0 / Double(rows.count) }
  }
}
