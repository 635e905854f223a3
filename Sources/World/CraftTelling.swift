import Tensors

/// Tells how something is made, step by step.
struct CraftTelling {
  let world: World
  let craft: Entity

  private var steps: [Fact] { Relation.steps.compactMap { world.fact($0, of: craft) } }

  /// Who works, and when: it decides the form of the verbs.
  enum Manner: CaseIterable {
    /// "Soak them in salt water."
    case instruction
    /// "Next she soaked them in salt water."
    case report
    /// "After that the maker soaks them in salt water."
    case description
    /// "After that the makers soak them in salt water."
    case tradition

    private var beginnings: [[String]] {
      switch self {
      case .instruction:
        [
          ["First", "To begin,", "Start like this:"], ["Then", "Next", "After that", "When this is done,"],
          ["Last of all", "At the end", "Finally"],
        ]
      case .report:
        [
          ["First she", "She began like this: she", "In the morning she"],
          ["Then she", "Next she", "After that she", "When this was done, she"],
          ["At the end she", "Finally she", "Last of all she"],
        ]
      case .tradition:
        [
          ["First the makers", "The makers first"], ["Then the makers", "Next the makers", "After that they"],
          ["At the end the makers", "Finally they", "Last of all they"],
        ]
      case .description:
        [
          ["First the maker", "The maker first"],
          ["Then the maker", "Next the maker", "After that the maker", "When this is done, the maker"],
          ["At the end the maker", "Finally the maker", "Last of all the maker"],
        ]
      }
    }

    func sentence(_ phrase: VerbPhrase, at step: Int, of count: Int, _ stream: inout RandomStream) -> String {
      let place = step == 0 ? 0 : step == count - 1 ? 2 : 1
      let form =
        switch self {
        case .instruction, .tradition: phrase.plain
        case .report: phrase.past
        case .description: phrase.present
        }
      return stream.element(of: beginnings[place]) + " " + form + "."
    }
  }

  func statements(_ manner: Manner, _ stream: inout RandomStream) -> [Statement] {
    let steps = steps
    return steps.enumerated().map { index, step in
      Statement(
        sentence: manner.sentence(VerbPhrase(step.value), at: index, of: steps.count, &stream), facts: [step])
    }
  }

  /// "1. Soak them in salt water."
  func numbered() -> [Statement] {
    steps.enumerated().map { index, step in
      Statement(sentence: "\(index + 1). \(step.value.withCapital).", facts: [step])
    }
  }
}
