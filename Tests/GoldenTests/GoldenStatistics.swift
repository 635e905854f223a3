import Comparison
import Models
import Testing

@Suite("GoldenStatistics", .enabled(if: Golden.isPresent, Golden.absence)) struct GoldenStatistics {
  @Test(arguments: Golden.cases(of: "statistics"))
  func `p values and intervals are those of scipy`(golden: GoldenCase) throws {
    let kind = try golden.string("kind")
    switch kind {
    case "mcnemar_exact":
      let test = McNemarTest(onlyFirstRight: try golden.integer("b"), onlySecondRight: try golden.integer("c"))
      try golden.compare(test.exactTwoSidedP, with: "p_two_sided")
    case "wilson":
      let interval = WilsonInterval(
        successes: try golden.integer("k"), trials: try golden.integer("n"), confidence: try golden.double("confidence")
      )
      try golden.compare(interval.low, with: "low")
      try golden.compare(interval.high, with: "high")
    default:
      throw GoldenError(description: "\(golden.name): unknown kind \(kind)")
    }
  }
}
