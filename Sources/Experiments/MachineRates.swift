import Comparison
import Tensors

/// How fast a machine computes and moves numbers at best.
package struct MachineRates: Sendable, Equatable {
  package let name: String
  package let multiplyAddsPerSecond: Double
  package let bytesPerSecond: Double
  package let bytesOfNumber: Double

  package init(name: String, multiplyAddsPerSecond: Double, bytesPerSecond: Double, bytesOfNumber: Double) {
    self.name = name
    self.multiplyAddsPerSecond = multiplyAddsPerSecond
    self.bytesPerSecond = bytesPerSecond
    self.bytesOfNumber = bytesOfNumber
  }

  /// Published peaks, for half-precision numbers and dense products with single-precision sums.
  package static let accelerators = [
    // NVIDIA A100 Tensor Core GPU data sheet, A100 80GB SXM: 312 TFLOPS (FP16 tensor core), 2,039 GB/s.
    accelerator("A100", teraflops: 312, gigabytes: 2039),
    // NVIDIA H100 Tensor Core GPU data sheet, H100 SXM: 1,979 TFLOPS with sparsity, half of that without; 3.35 TB/s.
    accelerator("H100", teraflops: 989.5, gigabytes: 3350),
    // NVIDIA Ada GPU Architecture, appendix A, GeForce RTX 4090: 165.2 TFLOPS (FP16, FP32 accumulate), 1,008 GB/s.
    accelerator("RTX 4090", teraflops: 165.2, gigabytes: 1008),
  ]

  private static func accelerator(_ name: String, teraflops: Double, gigabytes: Double) -> MachineRates {
    // A multiply-add is two operations.
    MachineRates(
      name: name, multiplyAddsPerSecond: teraflops * 1e12 / 2, bytesPerSecond: gigabytes * 1e9, bytesOfNumber: 2)
  }

  /// This machine's, on all of the threads at once: of large products, and of reading arrays that no cache holds.
  /// Medians of a few turns, a second or so.
  package init(measuredOn workers: Workers) throws {
    let (size, arrayRows) = (1024, 16_384)
    let count = workers.threadCount
    let factor = Matrix(rows: size, columns: size, repeating: 0.5)
    let row = Matrix(rows: 1, columns: size, repeating: 0.5)
    let arrays = (0..<count).map { _ in Matrix(rows: arrayRows, columns: size, repeating: 0.5) }
    var products: [Double] = []
    var readings: [Double] = []
    for _ in 0..<5 {
      products.append(try seconds { _ = try workers.map(2 * count) { _ in factor.times(transposed: factor)[0, 0] } })
      // A product with one row is little more than reading the matrix.
      readings.append(try seconds { _ = try workers.map(count) { row.times(transposed: arrays[$0])[0, 0] } })
    }
    self.init(
      name: "this machine",
      multiplyAddsPerSecond: Double(2 * count) * Double(size * size * size) / median(products),
      bytesPerSecond: Double(count * arrayRows * size * MemoryLayout<Float>.size) / median(readings),
      bytesOfNumber: Double(MemoryLayout<Float>.size))
  }
}

private func seconds(_ work: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let start = clock.now
  try work()
  return (clock.now - start) / .seconds(1)
}
