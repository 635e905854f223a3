import Models

/// A method by its name, with its options: what a command or a suite asks for.
package struct CompressionSettings: Sendable, Equatable, Codable {
  package enum Method: String, Sendable, Codable, CaseIterable {
    case gptq
    case sparsegpt
    case rtn
    case magnitude
    case wanda
  }

  package enum Option: String, Sendable, CaseIterable {
    case bits
    case trits
    case groupSize
    case symmetric
    case mse
    case actOrder
    case staticGroups
    case trueSequential
    case dampeningFraction
    case blockSize
    case sparsity
    case pattern
    case exactCount
  }

  package var method: Method
  package var bits: Int?
  /// Three values in place of codes of some bits.
  package var trits = false
  /// Columns that share a scale; nil for one scale a row.
  package var groupSize: Int?
  package var symmetric = false
  package var mse = false
  package var actOrder = false
  package var staticGroups = false
  package var trueSequential = false
  package var dampeningFraction: Double?
  package var blockSize: Int?
  package var sparsity: Double?
  /// The zeros among so many columns in a row, as "2:4".
  package var pattern: String?
  package var exactCount = false

  package init(_ method: Method) { self.method = method }

  package static let standardDampeningFraction = 0.01  // percdamp in IST-DASLab/gptq
  package static let standardBlockSize = 128  // blocksize in IST-DASLab/gptq

  package var needsCalibration: Bool { method != .rtn && method != .magnitude }

  package var grouping: LayerGrouping { trueSequential ? .sameInput : .wholeBlock }

  /// The options that are used.
  package var options: Set<Option> {
    var options: Set<Option> = []
    func add(_ option: Option, _ isUsed: Bool) { if isUsed { options.insert(option) } }
    add(.bits, bits != nil)
    add(.trits, trits)
    add(.groupSize, groupSize != nil)
    add(.symmetric, symmetric)
    add(.mse, mse)
    add(.actOrder, actOrder)
    add(.staticGroups, staticGroups)
    add(.trueSequential, trueSequential)
    add(.dampeningFraction, dampeningFraction != nil)
    add(.blockSize, blockSize != nil)
    add(.sparsity, sparsity != nil)
    add(.pattern, pattern != nil)
    add(.exactCount, exactCount)
    return options
  }
}

/// What is wrong with a method's options.
package enum SettingsError: Error, Equatable {
  /// The method needs one of these.
  case missing([CompressionSettings.Option], method: CompressionSettings.Method)
  case withoutUse(CompressionSettings.Option, method: CompressionSettings.Method)
  case conflicting(CompressionSettings.Option, CompressionSettings.Option)
  /// The option says something about another one, which is not there.
  case without(CompressionSettings.Option, needed: CompressionSettings.Option)
  case outOfRange(CompressionSettings.Option, expected: String, found: String)
}

extension CompressionSettings.Method {
  package var options: Set<CompressionSettings.Option> {
    let grid: Set<CompressionSettings.Option> = [.bits, .trits, .groupSize, .symmetric, .mse]
    let zeros: Set<CompressionSettings.Option> = [.sparsity, .pattern]
    let sweep: Set<CompressionSettings.Option> = [.trueSequential, .dampeningFraction, .blockSize]
    return switch self {
    case .gptq: grid.union(sweep).union([.actOrder, .staticGroups])
    case .sparsegpt: grid.union(sweep).union(zeros).union([.exactCount])
    case .rtn: grid
    case .magnitude: zeros
    case .wanda: zeros.union([.trueSequential])
    }
  }

  fileprivate var isPruning: Bool { self == .sparsegpt || self == .magnitude || self == .wanda }
}

extension CompressionSettings {
  /// The method that these options make.
  package func compressor() throws(SettingsError) -> any LayerCompressor {
    try check()
    let quantizer = try quantizer()
    let dampening = Dampening(Float(dampeningFraction ?? Self.standardDampeningFraction))
    let blockSize = blockSize ?? Self.standardBlockSize
    switch method {
    case .gptq:
      guard let quantizer else { throw .missing([.bits, .trits], method: method) }
      return GPTQ(
        quantizer, ordersByActivation: actOrder, hasStaticGroups: staticGroups, blockSize: blockSize,
        dampening: dampening)
    case .rtn:
      guard let quantizer else { throw .missing([.bits, .trits], method: method) }
      return RoundToNearest(quantizer)
    case .sparsegpt:
      let pattern = try sparsityPattern()
      if case .ofEach(_, let width) = pattern, blockSize % width != 0 {
        throw .outOfRange(.blockSize, expected: "a multiple of the pattern's \(width) columns", found: "\(blockSize)")
      }
      return SparseGPT(
        pattern, counting: exactCount ? .exactly : .byThreshold, quantizer: quantizer, blockSize: blockSize,
        dampening: dampening)
    case .magnitude: return MagnitudePruning(try sparsityPattern())
    case .wanda: return Wanda(try sparsityPattern())
    }
  }

  private func check() throws(SettingsError) {
    let used = options
    for option in Option.allCases where used.contains(option) && !method.options.contains(option) {
      throw .withoutUse(option, method: method)
    }
    for (one, other) in [(Option.bits, Option.trits), (.sparsity, .pattern), (.mse, .trits)]
    where used.contains(one) && used.contains(other) { throw .conflicting(one, other) }
    for option in [Option.groupSize, .symmetric, .mse]
    where used.contains(option) && !used.contains(.bits) && !used.contains(.trits) {
      throw .without(option, needed: .bits)
    }
    if staticGroups, groupSize == nil { throw .without(.staticGroups, needed: .groupSize) }
    if exactCount, sparsity == nil { throw .without(.exactCount, needed: .sparsity) }
    func expect(
      _ option: Option, _ value: Int?, _ expected: String, _ isValid: (Int) -> Bool
    ) throws(SettingsError) {
      if let value, !isValid(value) { throw .outOfRange(option, expected: expected, found: "\(value)") }
    }
    try expect(.bits, bits, "2 to 8") { (2...8).contains($0) }
    try expect(.groupSize, groupSize, "at least 1") { $0 > 0 }
    try expect(.blockSize, blockSize, "at least 1") { $0 > 0 }
    if let fraction = dampeningFraction, !(fraction > 0 && fraction <= 1) {
      throw .outOfRange(.dampeningFraction, expected: "above 0 and at most 1", found: "\(fraction)")
    }
    if let sparsity, !(sparsity >= 0 && sparsity < 1) {
      throw .outOfRange(.sparsity, expected: "from 0 to below 1", found: "\(sparsity)")
    }
  }

  private func quantizer() throws(SettingsError) -> Quantizer? {
    guard trits || bits != nil else { return nil }
    return Quantizer(
      levels: bits.map { .bits($0) } ?? .ternary, isSymmetric: symmetric, searchesRange: mse, groupSize: groupSize)
  }

  private func sparsityPattern() throws(SettingsError) -> SparsityPattern {
    if let sparsity { return .unstructured(sparsity) }
    guard let pattern else { throw .missing([.sparsity, .pattern], method: method) }
    let numbers = pattern.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let zeros = numbers[0], let width = numbers[1], zeros > 0, zeros < width, width <= 256
    else {
      throw .outOfRange(.pattern, expected: "the zeros among so many columns, such as 2:4 or 4:8", found: pattern)
    }
    return .ofEach(zeros: zeros, of: width)
  }

  /// The form of packed layers; nil where there are no codes of a kind that checkpoints have.
  var packedFormat: PackedFormat? {
    guard let bits else { return nil }
    return Quantizer(bits: bits, isSymmetric: symmetric, groupSize: groupSize).packedFormat(isReordered: actOrder)
  }
}
