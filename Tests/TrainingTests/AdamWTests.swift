import Tensors
import Testing
import Training

@Suite struct AdamWTests {
  /// Numbers for working by hand: β₁ = 1/2, β₂ = 3/4, ε = 1/2, wd = 1/4, and a learning rate of 1/2.
  private func options(_ variant: AdamWVariant, correctsBias: Bool = true, maximumNorm: Double? = nil) -> AdamWOptions {
    AdamWOptions(
      beta1: 0.5, beta2: 0.75, epsilon: 0.5, weightDecay: 0.25, variant: variant, correctsBias: correctsBias,
      maximumGradientNorm: maximumNorm)
  }

  /// One parameter, 1 at first, after each gradient.
  private func steps(_ options: AdamWOptions, _ gradients: [Double]) -> [Double] {
    var optimizer = AdamW<Double>(elementCounts: [1], options: options)
    var parameters = [[1.0]]
    return gradients.map {
      optimizer.step(parameters: &parameters, gradients: [[$0]], learningRate: 0.5)
      return parameters[0][0]
    }
  }

  // Sums of a few terms near one: some units in the last place.
  private func nearly(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-15 }
  }

  @Test func `torch decays first, and adds ε to the corrected root`() {
    // The decay multiplies by 1 - 1/8.
    // g =  2: m =  1,   v = 1;   m̂ = m/(1/2) = 2,     √v̂ = √(1/(1/4)) = 2;    p ← 7/8 - 1/2·2/(2 + 1/2) = 0.475
    // g = -2: m = -1/2, v = 7/4; m̂ = m/(3/4) = -2/3,  √v̂ = √(7/4/(7/16)) = 2; p ← 7/8·0.475 + 1/2·2/3/(5/2)
    #expect(nearly(steps(options(.torch), [2, -2]), [0.475, 0.415625 + 2 / 15]))
  }

  @Test func `transformers adds ε to the raw root, and decays last`() {
    // g =  2: step 1/2·√(1/4)/(1/2) = 1/2;  p ← 7/8·(1 - 1/2·1/(1 + 1/2)) = 7/12
    // g = -2: step 1/2·√(7/16)/(3/4);      p ← 7/8·(7/12 + step·1/2/(√(7/4) + 1/2))
    let step = 0.5 * (7.0 / 16).squareRoot() / 0.75
    let second = 0.875 * (7.0 / 12 + step * 0.5 / (1.75.squareRoot() + 0.5))
    #expect(nearly(steps(options(.transformers), [2, -2]), [7 / 12, second]))
  }

  @Test func `without bias correction the moments are taken as they are`() {
    // g = 2: m = 1, v = 1; p ← 7/8·(1 - 1/2·1/(1 + 1/2)), and 7/8 - 1/2·1/(1 + 1/2)
    #expect(nearly(steps(options(.transformers, correctsBias: false), [2]), [7 / 12]))
    #expect(nearly(steps(options(.torch, correctsBias: false), [2]), [0.875 - 1 / 3]))
  }

  @Test func `moments and steps can be read`() {
    var optimizer = AdamW<Float>(elementCounts: [2, 1], options: options(.torch))
    var parameters: [[Float]] = [[1, 1], [1]]
    optimizer.step(parameters: &parameters, gradients: [[2, 0], [-4]], learningRate: 0.5)
    #expect(optimizer.stepCount == 1)
    #expect(optimizer.firstMoments == [[1, 0], [-2]])
    #expect(optimizer.secondMoments == [[1, 0], [4]])
    #expect(parameters[0][1] == 0.875)  // no gradient: decay alone
  }

  @Test func `a learning rate of zero changes the moments alone`() {
    for variant in [AdamWVariant.torch, .transformers] {
      var optimizer = AdamW<Double>(elementCounts: [1], options: options(variant))
      var parameters = [[3.0]]
      optimizer.step(parameters: &parameters, gradients: [[2]], learningRate: 0)
      #expect(parameters == [[3]])
      #expect(optimizer.firstMoments == [[1]])
    }
  }

  @Test func `clipping goes by the norm over all tensors`() {
    // ‖(3), (0, 4)‖ = 5, so a maximum of 1 gives 1/5 of each, but for the 1e-6 in the denominator.
    var optimizer = AdamW<Double>(elementCounts: [1, 2], options: options(.torch, maximumNorm: 1))
    var parameters = [[0.0], [0, 0]]
    optimizer.step(parameters: &parameters, gradients: [[3], [0, 4]], learningRate: 0.5)
    #expect(optimizer.firstMoments == [[0.5 * 3 / (5 + 1e-6)], [0, 0.5 * 4 / (5 + 1e-6)]])
  }

  @Test func `a norm below the maximum is left alone`() {
    var optimizer = AdamW<Float>(elementCounts: [2], options: options(.torch, maximumNorm: 6))
    var parameters: [[Float]] = [[0, 0]]
    optimizer.step(parameters: &parameters, gradients: [[3, 4]], learningRate: 0.5)
    #expect(optimizer.firstMoments == [[1.5, 2]])
  }

  @Test func `a NaN among clipped gradients is not hidden`() {
    var optimizer = AdamW<Float>(elementCounts: [1, 1], options: options(.torch, maximumNorm: 1))
    var parameters: [[Float]] = [[1], [1]]
    optimizer.step(parameters: &parameters, gradients: [[.nan], [1]], learningRate: 0.5)
    #expect(parameters.joined().allSatisfy { $0.isNaN })
  }

  @Test(arguments: [AdamWVariant.torch, .transformers])
  func `matrices and arrays are stepped alike`(variant: AdamWVariant) {
    var stream = RandomStream(seed: 1, purpose: "AdamW test")
    let start = (0..<37).map { _ in stream.nextNormal() }
    var arrays = [Array(start[..<12]), Array(start[12...])]
    var matrices = [Matrix(rows: 3, columns: 4, arrays[0]), Matrix(rows: 1, columns: 25, arrays[1])]
    let untouched = matrices
    let options = AdamWOptions(variant: variant, maximumGradientNorm: 0.5)
    var forArrays = AdamW<Float>(elementCounts: [12, 25], options: options)
    var forMatrices = forArrays
    for _ in 0..<3 {
      let gradients = [12, 25].map { count in (0..<count).map { _ in stream.nextNormal() } }
      forArrays.step(parameters: &arrays, gradients: gradients, learningRate: 0.01)
      forMatrices.step(
        parameters: &matrices,
        gradients: [Matrix(rows: 3, columns: 4, gradients[0]), Matrix(rows: 1, columns: 25, gradients[1])],
        learningRate: 0.01)
    }
    #expect(matrices.map(\.elements) == arrays)
    #expect(forMatrices.secondMoments == forArrays.secondMoments)
    #expect(untouched[0].elements == Array(start[..<12]))
  }
}
