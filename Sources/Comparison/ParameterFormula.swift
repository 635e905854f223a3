/// A published formula for the trained parameters of a method: a sum of products.
package struct ParameterFormula: Equatable, Sendable {
  package enum Factor: Equatable, Sendable {
    case number(Int)
    /// One of the model's sizes.
    case size(String)
    /// The row's own size.
    case row
  }

  package var method: String
  /// What a row's size counts, such as "tokens".
  package var unit: String
  package var place: String
  package var terms: [[Factor]]
  /// Whether the method adds to some of a model's projections a product of two matrices of the row's rank. Which
  /// projections may then be found out from the printed sizes (`AdaptedProjections`).
  package var isLowRank: Bool

  package init(method: String, unit: String, place: String, terms: [[Factor]], isLowRank: Bool = false) {
    self.method = method
    self.unit = unit
    self.place = place
    self.terms = terms
    self.isLowRank = isLowRank
  }

  /// The number of parameters; nil where the model lacks a size, or the number is beyond any integer.
  package func parameters(of model: PublishedModel, size: Int) -> Int? {
    var sum = 0
    for term in terms {
      var product = 1
      for factor in term {
        guard let number = number(factor, model, size) else { return nil }
        let (next, overflow) = product.multipliedReportingOverflow(by: number)
        guard !overflow else { return nil }
        product = next
      }
      let (next, overflow) = sum.addingReportingOverflow(product)
      guard !overflow else { return nil }
      sum = next
    }
    return sum
  }

  /// The formula with its letters, or with the numbers of a model and a row.
  package func text(model: PublishedModel? = nil, size: Int? = nil) -> String {
    terms.map { term in
      term.map { factor in
        switch factor {
        case .number(let number): grouped(number)
        case .size(let name): model?.sizes[name].map(grouped) ?? name
        case .row: size.map(grouped) ?? unit
        }
      }.joined(separator: " · ")
    }.joined(separator: " + ")
  }

  private func number(_ factor: Factor, _ model: PublishedModel, _ size: Int) -> Int? {
    switch factor {
    case .number(let number): number
    case .size(let name): model.sizes[name]
    case .row: size
    }
  }
}
