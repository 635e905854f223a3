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

  /// The same for a sequence without a past, with what the backward pass needs.
  func activations(_ hidden: Matrix, angles: RotaryAngles?) -> (hidden: Matrix, activations: Activations) {
    let (attended, attention) = attention.activations(
      normalizesFirst ? attentionNorm(hidden) : hidden, angles: angles)
    var first = hidden
    first.add(attended)
    let middle = normalizesFirst ? first : attentionNorm(first)
    let (fed, feedForward) = feedForward.activations(normalizesFirst ? feedForwardNorm(middle) : middle)
    var second = middle
    second.add(fed)
    let activations = Activations(
      attentionNormInput: normalizesFirst ? hidden : first, attention: attention,
      feedForwardNormInput: normalizesFirst ? middle : second, feedForward: feedForward)
    return (normalizesFirst ? second : feedForwardNorm(second), activations)
  }

  /// From the gradient of the block's output to that of its input; those of low-rank updates go to `gradients`.
  func backward(
    _ gradient: Matrix, _ saved: Activations, angles: RotaryAngles?, index: Int, gradients: inout LinearGradients
  ) -> Matrix {
    if normalizesFirst {
      var middle = gradient
      middle.add(
        feedForwardNorm.backward(
          feedForward.backward(gradient, saved.feedForward, block: index, gradients: &gradients),
          input: saved.feedForwardNormInput))
      var input = middle
      input.add(
        attentionNorm.backward(
          attention.backward(middle, saved.attention, angles: angles, block: index, gradients: &gradients),
          input: saved.attentionNormInput))
      return input
    }
    let second = feedForwardNorm.backward(gradient, input: saved.feedForwardNormInput)
    var middle = second
    middle.add(feedForward.backward(second, saved.feedForward, block: index, gradients: &gradients))
    let first = attentionNorm.backward(middle, input: saved.attentionNormInput)
    var input = first
    input.add(attention.backward(first, saved.attention, angles: angles, block: index, gradients: &gradients))
    return input
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
