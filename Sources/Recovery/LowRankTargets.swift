import Models

/// Sets of linear layers that are adapted together.
package enum LowRankTargets: String, Sendable, CaseIterable {
  /// Every linear layer of every block: seven in Llama, six in OPT.
  case all
  /// What the paper's tables seem to count: one list for both architectures, in which "out_proj" is OPT's alone, so that
  /// Llama's "o_proj" is left out (`peft.md` section 5).
  case paper
  /// Query and value projections, the default of PEFT.
  case queryValue = "query-value"

  /// The roles of these layers in an architecture.
  package func roles<Model: LanguageModel>(of: Model.Type) -> Set<String> { roles(among: Model.linearPaths) }

  func roles(among paths: [String]) -> Set<String> {
    let roles = Set(paths.map { String(LinearName(block: 0, path: $0).role) })
    return switch self {
    case .all: roles
    case .paper: roles.subtracting(["o_proj"])
    case .queryValue: roles.intersection(["q_proj", "v_proj"])
    }
  }
}
