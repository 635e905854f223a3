/// A choice of a layer's projections that a low-rank method may adapt, as far as their sizes can tell them apart: so
/// many of those that have the same number of inputs and outputs together.
///
/// A map of (outputs, inputs) adapted at rank r has r · (outputs + inputs) trained parameters.
package struct AdaptedProjections: Equatable, Sendable {
  package struct Group: Equatable, Sendable {
    /// All projections of one size, in the model's order.
    package var names: [String]
    package var inputsAndOutputs: Int
    /// How many of them are adapted.
    package var adapted: Int
  }

  package var groups: [Group]
  package var layers: Int

  package func parameters(rank: Int) -> Int {
    rank * layers * groups.reduce(0) { $0 + $1.adapted * $1.inputsAndOutputs }
  }

  /// Such as "3 of q_proj, k_proj, v_proj and o_proj; gate_proj, up_proj and down_proj".
  package var text: String {
    groups.filter { $0.adapted > 0 }.map { group in
      let names = listed(group.names)
      return group.adapted == group.names.count ? names : "\(group.adapted) of \(names)"
    }.joined(separator: "; ")
  }

  /// Every choice, from one projection to all of them. None where the model says nothing of its layers.
  package static func choices(of model: PublishedModel) -> [AdaptedProjections] {
    guard let layers = model.sizes["layers"], !model.projections.isEmpty else { return [] }
    var groups: [Group] = []
    for projection in model.projections {
      let size = projection.inputs + projection.outputs
      if let index = groups.firstIndex(where: { $0.inputsAndOutputs == size }) {
        groups[index].names.append(projection.name)
      } else {
        groups.append(Group(names: [projection.name], inputsAndOutputs: size, adapted: 0))
      }
    }
    let choices = groups.reduce([[]]) { (chosen: [[Group]], group) in
      chosen.flatMap { before in
        (0...group.names.count).map { count in
          before + [Group(names: group.names, inputsAndOutputs: group.inputsAndOutputs, adapted: count)]
        }
      }
    }
    return choices.filter { $0.contains { $0.adapted > 0 } }.map { AdaptedProjections(groups: $0, layers: layers) }
  }

  /// All of the model's projections.
  package static func all(of model: PublishedModel) -> AdaptedProjections? { choices(of: model).last }

  /// The choices that print as every size that the publication gives for the model and method.
  package static func fitting(
    _ publication: Publication, model: PublishedModel, method: String
  ) -> [AdaptedProjections] {
    let rows = publication.tables.flatMap(\.rows).filter { $0.model == model.name && $0.method == method }
    let printed = rows.compactMap { row in
      row.size.flatMap { size in row.parameters.map { (size: size, parameters: $0) } }
    }
    guard !printed.isEmpty else { return [] }
    return choices(of: model).filter { choice in
      printed.allSatisfy { $0.parameters.isPrint(of: choice.parameters(rank: $0.size)) }
    }
  }
}

/// "a", "a and b", "a, b and c".
package func listed(_ names: [String]) -> String {
  guard let last = names.last, names.count > 1 else { return names.first ?? "" }
  return names.dropLast().joined(separator: ", ") + " and " + last
}
