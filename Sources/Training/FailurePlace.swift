import Models
import Tensors

extension LanguageModel {
  /// The name of the first part of the model that turns finite numbers into others, such as "model.layers.3"; nil where all
  /// are finite to the end.
  ///
  /// - Parameters:
  ///   - embeddings: (T, E), at the positions behind the prefix.
  ///   - prefix: keys and values in front of every block's own.
  package func firstPlaceNotFinite(embeddings: Matrix, behind prefix: KeyValueCache? = nil) -> String? {
    func isFinite(_ matrix: Matrix) -> Bool { matrix.withElements { $0.allSatisfy(\.isFinite) } }
    guard isFinite(embeddings) else { return "embeddings" }
    let first = prefix?.blocks.first?.count ?? 0
    let positions = first..<first + embeddings.rowCount
    let angles = angles(at: positions)
    var hidden = hiddenStates(embeddings, at: positions)
    var cache = prefix
    cache?.reserve(capacity: first + embeddings.rowCount)
    var pass = ForwardPass(firstPosition: first, cache: cache)
    for block in 0..<shape.blockCount {
      hidden = runBlock(block, hidden, angles: angles, &pass)
      guard isFinite(hidden) else { return "\(Self.blockPrefix)\(block)" }
    }
    return isFinite(logits(normalized(hidden))) ? nil : "logits"
  }
}
