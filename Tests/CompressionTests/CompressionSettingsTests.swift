import Compression
import Testing

@Suite struct CompressionSettingsTests {
  private func settings(
    _ method: CompressionSettings.Method, _ change: (inout CompressionSettings) -> Void = { _ in }
  ) -> CompressionSettings {
    var settings = CompressionSettings(method)
    change(&settings)
    return settings
  }

  private func expect(_ error: SettingsError, _ settings: CompressionSettings) {
    #expect(throws: error) { try settings.compressor() }
  }

  @Test func `each method takes its options`() throws {
    let gptq = settings(.gptq) {
      $0.bits = 3
      $0.groupSize = 32
      $0.symmetric = true
      $0.actOrder = true
      $0.dampeningFraction = 0.1
      $0.blockSize = 64
    }
    #expect(
      try gptq.compressor() as? GPTQ
        == GPTQ(
          Quantizer(bits: 3, isSymmetric: true, groupSize: 32), ordersByActivation: true, blockSize: 64,
          dampening: Dampening(0.1)))
    let joint = settings(.sparsegpt) {
      $0.pattern = "2:4"
      $0.bits = 4
    }
    #expect(
      try joint.compressor() as? SparseGPT == SparseGPT(.ofEach(zeros: 2, of: 4), quantizer: Quantizer(bits: 4)))
    let exact = settings(.sparsegpt) {
      $0.sparsity = 0.25
      $0.exactCount = true
    }
    #expect(try exact.compressor() as? SparseGPT == SparseGPT(.unstructured(0.25), counting: .exactly))
    #expect(
      try settings(.rtn) { $0.trits = true }.compressor() as? RoundToNearest
        == RoundToNearest(Quantizer(levels: .ternary)))
    #expect(try settings(.wanda) { $0.pattern = "4:8" }.compressor() as? Wanda == Wanda(.ofEach(zeros: 4, of: 8)))
    #expect(
      try settings(.magnitude) { $0.sparsity = 0 }.compressor() as? MagnitudePruning
        == MagnitudePruning(.unstructured(0)))
  }

  @Test func `options that say nothing are refused`() {
    expect(.missing([.bits, .trits], method: .gptq), settings(.gptq))
    expect(.missing([.sparsity, .pattern], method: .wanda), settings(.wanda))
    expect(.withoutUse(.sparsity, method: .gptq), settings(.gptq) { ($0.bits, $0.sparsity) = (3, 0.5) })
    expect(.withoutUse(.blockSize, method: .rtn), settings(.rtn) { ($0.bits, $0.blockSize) = (3, 128) })
    expect(.conflicting(.bits, .trits), settings(.gptq) { ($0.bits, $0.trits) = (3, true) })
    expect(.conflicting(.sparsity, .pattern), settings(.wanda) { ($0.sparsity, $0.pattern) = (0.5, "2:4") })
    expect(.conflicting(.mse, .trits), settings(.rtn) { ($0.mse, $0.trits) = (true, true) })
    expect(.without(.staticGroups, needed: .groupSize), settings(.gptq) { ($0.bits, $0.staticGroups) = (3, true) })
    expect(.without(.groupSize, needed: .bits), settings(.sparsegpt) { ($0.sparsity, $0.groupSize) = (0.5, 8) })
    expect(
      .without(.exactCount, needed: .sparsity), settings(.sparsegpt) { ($0.pattern, $0.exactCount) = ("2:4", true) })
  }

  @Test(arguments: ["2", "0:4", "4:4", "2:4:8", "a:b", "-1:4", "2:300", ""])
  func `a pattern is some zeros among more columns`(pattern: String) {
    expect(
      .outOfRange(.pattern, expected: "the zeros among so many columns, such as 2:4 or 4:8", found: pattern),
      settings(.magnitude) { $0.pattern = pattern })
  }

  @Test func `numbers are within their ranges`() {
    expect(.outOfRange(.bits, expected: "2 to 8", found: "9"), settings(.rtn) { $0.bits = 9 })
    expect(.outOfRange(.sparsity, expected: "from 0 to below 1", found: "1.0"), settings(.wanda) { $0.sparsity = 1 })
    expect(
      .outOfRange(.dampeningFraction, expected: "above 0 and at most 1", found: "nan"),
      settings(.gptq) { ($0.bits, $0.dampeningFraction) = (3, .nan) })
    expect(
      .outOfRange(.blockSize, expected: "a multiple of the pattern's 4 columns", found: "6"),
      settings(.sparsegpt) { ($0.pattern, $0.blockSize) = ("2:4", 6) })
  }
}
