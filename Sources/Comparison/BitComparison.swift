import Results

/// Whether two results may be compared bit for bit: they must have been made from the same bytes, by the same kernel of
/// the same OpenBLAS, on the same kind of processor. Then there is no excuse for another bit.
struct BitComparison: Equatable, Sendable {
  /// What differs; nil where bits may be compared.
  let obstacle: String?
  private let kernel: String

  init(found: CellResult, expected: CellResult) {
    let (now, before) = (found.environment, expected.environment)
    kernel = now.kernel
    obstacle =
      if now.kernel != before.kernel {
        "the kernel was \(before.kernel), is \(now.kernel)"
      } else if now.openBLAS != before.openBLAS {
        "OpenBLAS was \(before.openBLAS), is \(now.openBLAS)"
      } else if now.architecture != before.architecture {
        "the architecture was \(before.architecture), is \(now.architecture)"
      } else if found.provenance != expected.provenance || found.seed != expected.seed {
        "the baseline is stale"
      } else {
        nil
      }
  }

  var isPossible: Bool { obstacle == nil }

  func difference(_ what: String) -> String { "same kernel (\(kernel)), different bits: \(what)" }
}
