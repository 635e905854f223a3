import Models
import Testing
import Training

@Suite("GoldenSchedule", .enabled(if: Golden.isPresent, Golden.absence)) struct GoldenSchedule {
  @Test(arguments: Golden.cases(of: "schedule"))
  func `factors are those of transformers`(golden: GoldenCase) throws {
    guard golden.member("factors") != nil, let tolerance = try golden.numberTolerance("factor") else { return }
    let schedule: LearningRateSchedule
    let kind = try golden.string("kind")
    switch kind {
    case "linear":
      schedule = .linear(
        warmupSteps: try golden.integer("warmup_steps"), totalSteps: try golden.integer("total_steps"))
    case "constant":
      schedule = .constant
    default:
      throw GoldenError(description: "\(golden.name): unknown kind \(kind)")
    }
    let expected = try golden.json("factors").numbers("\(golden.name): factors")
    try golden.compare(expected.indices.map { schedule.factor(update: $0) }, with: expected, tolerance, "factors")
  }
}
