import Compression
import Tensors
import TestModels
import Testing

@Suite struct HessianFactorTests {
  private let workers = Workers(threadCount: 1)

  private func factor(_ hessian: Hessian, _ dampening: Dampening) throws(DampenedFactorizationError) -> HessianFactor {
    try HessianFactor(hessian, dampening: dampening, workers: workers)
  }

  /// H = (4 4 0; 4 4 0; 0 0 1): the trailing minor of order 3 is 0.
  private var singular: Hessian {
    var hessian = Hessian(width: 3)
    hessian.add(Matrix(rows: 1, columns: 3))
    hessian.add(Matrix(rows: 2, columns: 3, [2, 2, 0, 0, 0, 1]))
    return hessian
  }

  @Test func `a Hessian that is not positive definite is named by its minor and what was tried`() throws {
    let error = #expect(throws: DampenedFactorizationError.self) { try factor(singular, Dampening(0, upTo: 0)) }
    #expect(error?.minor == 3 && error?.dampeningFractions == [0])
  }

  @Test func `dampening is raised until it is enough`() throws {
    #expect(try factor(singular, Dampening(0)).dampeningFractions == [0, 0.01])
    // Too little to change a float of size four: 1e-9, 1e-8 and 1e-7 of the mean of three.
    let found = try factor(singular, Dampening(1e-9)).dampeningFractions
    #expect(found.count > 2 && found.count < 6)
    for (place, fraction) in found.enumerated().dropFirst() { #expect(abs(fraction / found[place - 1] - 10) < 1e-5) }
  }

  @Test func `dampening that is enough is left alone`() throws {
    #expect(try factor(SmallHessians.random(8), Dampening()).dampeningFractions == [0.01])
  }

  @Test func `no dampening helps against a NaN`() {
    var hessian = Hessian(width: 2)
    hessian.add(Matrix(rows: 1, columns: 2, [.nan, 1]))
    let error = #expect(throws: DampenedFactorizationError.self) { try factor(hessian, Dampening()) }
    #expect(error?.minor == 0 && error?.dampeningFractions == [0.01])
  }
}
