/// How long variants of a model take over a batch, each as a multiple of what the model alone takes.
package struct LatencyResult: Codable, Equatable, Sendable {
  package var schemaVersion = 1
  /// What was measured, such as "llama-7b" or a folder's name.
  package var model: String
  package var batch: Int
  package var length: Int
  /// What was really run; the times are of `blocks` blocks and the whole batch, by multiplication.
  package var measuredBatch: Int
  package var measuredBlocks: Int
  package var blocks: Int
  package var repetitions: Int
  /// Passes of a turn.
  package var passes: Int
  package var threads: Int
  /// The share of all processors that other work had, on average, and the load average before.
  package var othersShare: Double
  package var loadAverage: Double?
  package var machines: [Machine]
  package var variants: [Variant]
  /// Prompts and prefixes as multiples of LoRA, which is what the paper compares.
  package var comparisons: [Comparison]
  package var environment: Environment

  /// What predictions were made for.
  package struct Machine: Codable, Equatable, Sendable {
    package var name: String
    package var teraMultiplyAddsPerSecond: Double
    package var gigabytesPerSecond: Double
    package var bytesOfNumber: Double

    package init(
      name: String, teraMultiplyAddsPerSecond: Double, gigabytesPerSecond: Double, bytesOfNumber: Double
    ) {
      self.name = name
      self.teraMultiplyAddsPerSecond = teraMultiplyAddsPerSecond
      self.gigabytesPerSecond = gigabytesPerSecond
      self.bytesOfNumber = bytesOfNumber
    }
  }

  /// A ratio of times with a bootstrap interval of 95 %.
  package struct Ratio: Codable, Equatable, Sendable {
    package var value: Double
    package var lower: Double
    package var upper: Double
    /// 1 - value: the share of the time that is saved.
    package var reduction: Double
    /// 1 ÷ value.
    package var speedUp: Double
    /// What multiply-adds and bytes moved let expect, machine by machine.
    package var predicted: [Double]

    package init(
      value: Double, lower: Double, upper: Double, reduction: Double, speedUp: Double, predicted: [Double]
    ) {
      self.value = value
      self.lower = lower
      self.upper = upper
      self.reduction = reduction
      self.speedUp = speedUp
      self.predicted = predicted
    }
  }

  package struct Variant: Codable, Equatable, Sendable {
    package var name: String
    /// The median, scaled to all blocks and the whole batch.
    package var seconds: Double
    /// Of each repetition, as measured.
    package var measuredSeconds: [Double]
    /// Repetitions during which the machine did other work.
    package var disturbed: [Bool]
    /// To the first variant.
    package var ratio: Ratio
    package var teraMultiplyAdds: Double
    package var giganumbers: Double

    package init(
      name: String, seconds: Double, measuredSeconds: [Double], disturbed: [Bool], ratio: Ratio,
      teraMultiplyAdds: Double, giganumbers: Double
    ) {
      self.name = name
      self.seconds = seconds
      self.measuredSeconds = measuredSeconds
      self.disturbed = disturbed
      self.ratio = ratio
      self.teraMultiplyAdds = teraMultiplyAdds
      self.giganumbers = giganumbers
    }
  }

  package struct Comparison: Codable, Equatable, Sendable {
    package var name: String
    package var reference: String
    package var ratio: Ratio

    package init(name: String, reference: String, ratio: Ratio) {
      self.name = name
      self.reference = reference
      self.ratio = ratio
    }
  }

  package init(
    model: String, batch: Int, length: Int, measuredBatch: Int, measuredBlocks: Int, blocks: Int, repetitions: Int,
    passes: Int, threads: Int, othersShare: Double, loadAverage: Double?, machines: [Machine], variants: [Variant],
    comparisons: [Comparison], environment: Environment
  ) {
    self.model = model
    self.batch = batch
    self.length = length
    self.measuredBatch = measuredBatch
    self.measuredBlocks = measuredBlocks
    self.blocks = blocks
    self.repetitions = repetitions
    self.passes = passes
    self.threads = threads
    self.othersShare = othersShare
    self.loadAverage = loadAverage
    self.machines = machines
    self.variants = variants
    self.comparisons = comparisons
    self.environment = environment
  }
}
