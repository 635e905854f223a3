import Foundation
import Tensors

/// The forward pass of a Llama, written down once more: lists of doubles, one token and one number at a time.
struct PlainLlama {
  let weights: TinyLlama
  typealias Vector = [Double]

  /// The scores q · k / √D of a block, of each row, head and key.
  typealias Scores = [[[Double]]]

  /// The keys that a head's query in a row sees.
  typealias Sight = (_ row: Int, _ head: Int) -> [Int]

  /// Rows of the embedding.
  func embedded(_ tokens: [Int]) -> [Vector] {
    let embedding = weights["model.embed_tokens.weight"]
    return tokens.map { embedding.row($0).map(Double.init) }
  }

  func logits(_ tokens: [Int]) -> [Vector] {
    logits(embedded(tokens), at: Array(tokens.indices)) { _, _ in { row, _ in Array(0...row) } }
  }

  /// - Parameter sight: is asked for by each block, which shows its scores.
  func logits(
    _ embeddings: [Vector], at positions: [Int], sight: (_ block: Int, _ scores: Scores) -> Sight
  ) -> [Vector] {
    var hidden = embeddings
    for block in 0..<TinyLlama.blockCount {
      let prefix = "model.layers.\(block)."
      let normed = hidden.map { norm($0, prefix + "input_layernorm") }
      let attended = attention(normed, at: positions, prefix + "self_attn.") { sight(block, $0) }
      hidden = zip(hidden, attended).map { zip($0, $1).map(+) }
      hidden = hidden.map { x in
        zip(x, feedForward(norm(x, prefix + "post_attention_layernorm"), prefix + "mlp.")).map(+)
      }
    }
    let head = weights.tiesHead ? "model.embed_tokens" : "lm_head"
    return hidden.map { linear(norm($0, "model.norm"), head) }
  }

  private func attention(
    _ x: [Vector], at positions: [Int], _ prefix: String, sight: (Scores) -> Sight
  ) -> [Vector] {
    let heads = 0..<TinyLlama.headCount
    func shared(_ head: Int) -> Int { head * weights.keyValueHeadCount / TinyLlama.headCount }
    /// Of each row and head.
    func rotated(_ layer: String, _ index: (Int) -> Int) -> [[Vector]] {
      zip(x, positions).map { x, position in
        let outputs = linear(x, prefix + layer)
        return heads.map { self.rotated(head(outputs, index($0)), position) }
      }
    }
    let queries = rotated("q_proj") { $0 }
    let keys = rotated("k_proj", shared)
    let values = x.map { linear($0, prefix + "v_proj") }
    let scores = queries.map { queries in
      heads.map { head in keys.map { dot(queries[head], $0[head]) / Double(TinyLlama.headWidth).squareRoot() } }
    }
    let sight = sight(scores)
    return x.indices.map { row in
      var mixed: Vector = []
      for head in heads {
        let seen = sight(row, head)
        let exponentials = seen.map { exp(scores[row][head][$0]) }
        let sum = exponentials.reduce(0, +)
        for channel in 0..<TinyLlama.headWidth {
          mixed.append(
            zip(seen, exponentials).reduce(0) { $0 + $1.1 / sum * self.head(values[$1.0], shared(head))[channel] })
        }
      }
      return linear(mixed, prefix + "o_proj")
    }
  }

  private func feedForward(_ x: Vector, _ prefix: String) -> Vector {
    let inner = zip(linear(x, prefix + "gate_proj"), linear(x, prefix + "up_proj")).map { gate, up in
      gate / (1 + exp(-gate)) * up
    }
    return linear(inner, prefix + "down_proj")
  }

  private func linear(_ x: Vector, _ name: String) -> Vector {
    let weight = weights[name + ".weight"]
    return (0..<weight.rowCount).map { out in
      x.indices.reduce(0) { $0 + Double(weight[out, $1]) * x[$1] }
    }
  }

  private func norm(_ x: Vector, _ name: String) -> Vector {
    let weight = weights[name + ".weight"]
    let meanSquare = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    let root = (meanSquare + TinyLlama.normEpsilon).squareRoot()
    return x.indices.map { Double(weight[0, $0]) * x[$0] / root }
  }

  /// One head, turned as at `position`.
  private func rotated(_ head: Vector, _ position: Int) -> Vector {
    let half = head.count / 2
    var result = head
    for j in 0..<half {
      let angle = Double(position) / pow(TinyLlama.ropeTheta, Double(2 * j) / Double(head.count))
      result[j] = head[j] * cos(angle) - head[j + half] * sin(angle)
      result[j + half] = head[j + half] * cos(angle) + head[j] * sin(angle)
    }
    return result
  }

  private func head(_ x: Vector, _ index: Int) -> Vector {
    Array(x[index * TinyLlama.headWidth..<(index + 1) * TinyLlama.headWidth])
  }

  private func dot(_ a: Vector, _ b: Vector) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
