import Evaluation
import Models
import Tensors
import Testing

@Suite("GoldenBootstrap", .enabled(if: Golden.isPresent, Golden.absence)) struct GoldenBootstrap {
  @Test(arguments: Golden.cases(of: "bootstrap"))
  func `resamples and standard errors are those of the harness`(golden: GoldenCase) throws {
    guard let statistic = SummaryStatistic(rawValue: try golden.string("statistic")) else {
      throw GoldenError(description: "\(golden.name): unknown statistic \(try golden.string("statistic"))")
    }
    let values = try golden.json("values").numbers("\(golden.name): values")
    guard try values.count == golden.integer("count") else {
      throw GoldenError(description: "\(golden.name): \(values.count) values, count is \(try golden.integer("count"))")
    }
    try golden.compare(statistic.value(of: values), with: "value")
    try golden.compare(standardErrorOfMean(values), with: "mean_stderr")

    let bootstrap = Bootstrap(iterations: try golden.integer("iterations"), chunk: try golden.integer("chunk"))
    let workers = Workers(threadCount: 2)
    let resampled = try bootstrap.resampled(statistic, of: values, workers: workers)
    try golden.compare(sampleStandardDeviation(resampled), with: "bootstrap_stderr")
    try golden.compare(bootstrap.standardError(of: statistic, over: values, workers: workers), with: "bootstrap_stderr")
    try golden.compare(resampled.last, with: "last_value")
    if let first = golden.member("first_values"), let tolerance = try golden.numberTolerance("value") {
      let expected = try first.numbers("\(golden.name): first_values")
      try golden.compare(Array(resampled.prefix(expected.count)), with: expected, tolerance, "first_values")
    }
  }
}
