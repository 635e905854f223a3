import Tensors

/// A block of a decoder-only transformer: attention, then a feed-forward layer, each added to what came in.
///
/// With `normalizesFirst` each layer sees normalized states, h ← h + layer(norm(h)), as in Llama and most of OPT. Without,
/// the sum is normalized, h ← norm(h + layer(h)), as in OPT-350m.
package struct TransformerBlock: Sendable {
  package var attentionNorm: Normalization
  package var attention: SelfAttention
  package var feedForwardNorm: Normalization
  package var feedForward: FeedForward
  package let normalizesFirst: Bool

  package init(
    attentionNorm: Normalization, attention: SelfAttention, feedForwardNorm: Normalization, feedForward: FeedForward,
    normalizesFirst: Bool
  ) {
    self.attentionNorm = attentionNorm
    self.attention = attention
    self.feedForwardNorm = feedForwardNorm
    self.feedForward = feedForward
    self.normalizesFirst = normalizesFirst
  }

  /// What the backward pass needs of a forward one.
  package struct Activations: Sendable {
    let attentionNormInput: Matrix
    let attention: SelfAttention.Activations
    let feedForwardNormInput: Matrix
    let feedForward: FeedForward.Activations

    /// The keys, turned, and the values that its rows had in front, their own included.
    package var keysAndValues: KeyValueCache.Block {
      KeyValueCache.Block(keys: attention.keys, values: attention.values)
    }
  }

  /// Hidden states (T, C) → (T, C); `index` is the block's number. Sequences of a forest that part here have more rows
  /// behind the block than before it.
  func callAsFunction(_ hidden: Matrix, angles: RotaryAngles?, index: Int, pass: inout ForwardPass) -> Matrix {
    var hidden = hidden
    let attended = attention(
      normalizesFirst ? attentionNorm(hidden) : hidden, angles: angles, block: index, pass: &pass)
    if let rows = pass.front?.takeMove() { hidden = hidden.gatheringRows(rows) }
    hidden.add(attended)
    if normalizesFirst {
      hidden.add(feedForward(feedForwardNorm(hidden), pass: &pass))
      return hidden
    }
    hidden = attentionNorm(hidden)
    hidden.add(feedForward(hidden, pass: &pass))
    return feedForwardNorm(hidden)
  }

  /// The same for a sequence with nothing but the pass's prefix in front, with what the backward pass needs; of the rows
  /// from `first` on (T - first, C), which is all that is wanted of a last block.
  func activations(
    _ hidden: Matrix, from first: Int = 0, in pass: TrainingPass.Block
  ) -> (hidden: Matrix, activations: Activations) {
    let (attended, attention) = attention.activations(
      normalizesFirst ? attentionNorm(hidden) : hidden, from: first, in: pass)
    var attentionSum = first == 0 ? hidden : hidden.rows(first..<hidden.rowCount)
    attentionSum.add(attended)
    let middle = normalizesFirst ? attentionSum : attentionNorm(attentionSum)
    let (fed, feedForward) = feedForward.activations(normalizesFirst ? feedForwardNorm(middle) : middle, in: pass)
    var sum = middle
    sum.add(fed)
    let activations = Activations(
      attentionNormInput: normalizesFirst ? hidden : attentionSum, attention: attention,
      feedForwardNormInput: normalizesFirst ? middle : sum, feedForward: feedForward)
    return (normalizesFirst ? sum : feedForwardNorm(sum), activations)
  }

  /// Whether anything is trained in it.
  package func isTrained(in pass: TrainingPass.Block) -> Bool {
    pass.trainsTensors || attention.isTrained(in: pass) || feedForward.linears.contains { $0.update != nil }
  }

  /// From the gradient of the block's output to that of its input (T, C), nil where that is not wanted; those of low-rank
  /// updates and of the prefix go to `gradients`.
  func backward(
    _ gradient: Matrix, _ saved: Activations, in pass: TrainingPass.Block, wantsInput: Bool,
    gradients: inout BlockGradients
  ) -> Matrix? {
    let wantsAttention = wantsInput || pass.trainsTensors || attention.isTrained(in: pass)
    /// Back through a norm.
    func norm(_ place: NormName.Place, _ gradient: Matrix) -> Matrix {
      let (norm, input) =
        switch place {
        case .attention: (attentionNorm, saved.attentionNormInput)
        case .feedForward: (feedForwardNorm, saved.feedForwardNormInput)
        }
      if pass.trainsTensors {
        gradients.add(
          norm.tensorGradient(gradient, input: input), to: NormName(block: pass.index, place: place))
      }
      return norm.backward(gradient, input: input)
    }
    // The sum of what came in and what a layer made of it passes its gradient on to both.
    let sumGradient =
      normalizesFirst ? gradient : norm(.feedForward, gradient)
    let fed = feedForward.backward(
      sumGradient, saved.feedForward, in: pass, wantsInput: wantsAttention, gradients: &gradients)
    guard var fed else { return nil }
    if normalizesFirst { fed = norm(.feedForward, fed) }
    fed.add(sumGradient)
    let middleGradient = normalizesFirst ? fed : norm(.attention, fed)
    let attended = attention.backward(
      middleGradient, saved.attention, in: pass, wantsInput: wantsInput || pass.trainsTensors, gradients: &gradients)
    guard var attended else { return nil }
    if normalizesFirst { attended = norm(.attention, attended) }
    attended.add(middleGradient, toLastRows: true)
    return attended
  }

  /// The linear layers, in the order in which they run: query, key, value, output, then those of the feed-forward layer.
  package var linears: [Linear] {
    get { [attention.query, attention.key, attention.value, attention.output] + feedForward.linears }
    set {
      attention.query = newValue[0]
      attention.key = newValue[1]
      attention.value = newValue[2]
      attention.output = newValue[3]
      feedForward.linears = Array(newValue[4...])
    }
  }
}
