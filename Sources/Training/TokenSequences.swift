import Tensors

/// A corpus cut into consecutive sequences of one length, in an order that the seed gives for each epoch.
///
/// Source: the data of "Compress, then Prompt" (Xu et al. 2023), `peft.md` section 7: sequences do not overlap, a rest is
/// dropped, and each epoch is shuffled anew.
package struct TokenSequences: Sendable {
  /// Of the sequences that are trained on, one after the other.
  package let tokens: [Int]
  package let length: Int
  package let seed: UInt64
  /// Of all of the corpus, with what is held out and what does not fill a sequence.
  package let corpusTokens: Int
  /// The last sequences of the corpus, in its order, of which no batch has a token: for validation.
  package let heldOut: [[Int]]

  /// - Throws: `.corpusTooShort`
  package init(tokens: [Int], length: Int, seed: UInt64, heldOutCount: Int = 0) throws(TrainingError) {
    precondition(length > 1, "sequences of \(length) tokens predict nothing")
    precondition(heldOutCount >= 0, "\(heldOutCount) sequences held out")
    let count = tokens.count / length
    guard count > heldOutCount else {
      throw .corpusTooShort(tokens: tokens.count, needed: (heldOutCount + 1) * length)
    }
    self.tokens = Array(tokens[..<((count - heldOutCount) * length)])
    corpusTokens = tokens.count
    self.length = length
    self.seed = seed
    heldOut = (count - heldOutCount..<count).map { Array(tokens[$0 * length..<($0 + 1) * length]) }
  }

  package var sequencesPerEpoch: Int { tokens.count / length }

  /// The sequences of batch `step` (from 0), `size` of them; an epoch's end may lie within a batch.
  package func batch(_ step: Int, size: Int) -> [[Int]] {
    var order: [Int] = []
    var orderEpoch = -1
    return (step * size..<(step + 1) * size).map { number in
      let epoch = number / sequencesPerEpoch
      if epoch != orderEpoch {
        order = RandomStream(seed: seed, purpose: "training order", index: UInt64(epoch))
          .permutation(of: sequencesPerEpoch, at: 0)
        orderEpoch = epoch
      }
      let start = order[number % sequencesPerEpoch] * length
      return Array(tokens[start..<start + length])
    }
  }
}
