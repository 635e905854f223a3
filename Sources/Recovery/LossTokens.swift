/// Which tokens of a sequence the loss counts, and how their losses become one number.
///
/// Source: `peft.md` section 9.
package enum LossTokens: String, Sendable, CaseIterable {
  /// Every token that a row predicts: behind a prompt the first one too. The mean over a batch's tokens.
  ///
  /// PEFT with the labels of Hugging Face; the default of every method.
  case predicted
  /// Every token but a sequence's first, whatever stands before it. The mean over a batch's tokens.
  case following
  /// The same tokens; summed over a sequence, the mean over a batch's sequences: gradients as many times as large as a
  /// sequence has tokens that count. The loss that is reported is a token's all the same.
  ///
  /// Xu et al. 2023, "Compress, then Prompt".
  case summedFollowing = "summed-following"

  /// Whether a sequence's first token counts behind so many virtual rows, of which the last predicts it.
  func countsFirst(rowsInFront: Int) -> Bool { self == .predicted && rowsInFront > 0 }

  /// The number of tokens of a batch that count.
  func count(of batch: [[Int]], rowsInFront: Int) -> Int {
    batch.reduce(0) { $0 + $1.count } - (countsFirst(rowsInFront: rowsInFront) ? 0 : batch.count)
  }

  /// The factor of each token's gradient.
  func weight(of batch: [[Int]], rowsInFront: Int) -> Float {
    1 / Float(self == .summedFollowing ? batch.count : count(of: batch, rowsInFront: rowsInFront))
  }
}
