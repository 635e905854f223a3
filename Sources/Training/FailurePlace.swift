import Models
import Tensors

extension LanguageModel {
  /// The name of the first part of the model that turns finite numbers into others, such as "model.layers.3"; nil where all
  /// are finite to the end.
  ///
  /// - Parameter embeddings: (T, E), at positions 0 … T - 1.
  package func firstPlaceNotFinite(embeddings: Matrix) -> String? {
    func isFinite(_ matrix: Matrix) -> Bool { matrix.withElements { $0.allSatisfy(\.isFinite) } }
    guard isFinite(embeddings) else { return "embeddings" }
    let positions = 0..<embeddings.rowCount
    let angles = angles(at: positions)
    var hidden = hiddenStates(embeddings, at: positions)
    for block in 0..<shape.blockCount {
      var pass = ForwardPass()
      hidden = runBlock(block, hidden, angles: angles, &pass)
      guard isFinite(hidden) else { return "\(Self.blockPrefix)\(block)" }
    }
    return isFinite(logits(normalized(hidden))) ? nil : "logits"
  }
}
