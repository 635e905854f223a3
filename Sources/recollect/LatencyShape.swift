import ArgumentParser
import Models

/// The sizes of a published model, or of one of a size between.
enum LatencyShape: String, CaseIterable, ExpressibleByArgument {
  case llama288 = "llama-288"
  case llama768 = "llama-768"
  case opt125m = "opt-125m"
  case opt13b = "opt-1.3b"
  case llama7b = "llama-7b"
  case opt67b = "opt-6.7b"
  case llama13b = "llama-13b"
  case opt13 = "opt-13b"

  private struct Sizes {
    let width: Int
    let blockCount: Int
    let headCount: Int
    let feedForwardWidth: Int
  }

  /// Source: the models' `config.json` files; Touvron et al. 2023, table 2; Zhang et al. 2022, table 1.
  private var sizes: Sizes {
    switch self {
    case .llama288: Sizes(width: 288, blockCount: 6, headCount: 6, feedForwardWidth: 768)
    case .llama768: Sizes(width: 768, blockCount: 12, headCount: 12, feedForwardWidth: 2048)
    case .opt125m: Sizes(width: 768, blockCount: 12, headCount: 12, feedForwardWidth: 3072)
    case .opt13b: Sizes(width: 2048, blockCount: 24, headCount: 32, feedForwardWidth: 8192)
    case .llama7b: Sizes(width: 4096, blockCount: 32, headCount: 32, feedForwardWidth: 11_008)
    case .opt67b: Sizes(width: 4096, blockCount: 32, headCount: 32, feedForwardWidth: 16_384)
    case .llama13b: Sizes(width: 5120, blockCount: 40, headCount: 40, feedForwardWidth: 13_824)
    case .opt13: Sizes(width: 5120, blockCount: 40, headCount: 40, feedForwardWidth: 20_480)
    }
  }

  private var isOPT: Bool { rawValue.hasPrefix("opt") }

  /// The longest sequence that OPT's position table allows.
  static let maximumLength = 2048

  var blockCount: Int { sizes.blockCount }

  /// Whether all blocks are too much for a machine of 16 GB.
  var isLarge: Bool { sizes.width > 1024 }

  /// - Parameters:
  ///   - blockCount: fewer than all where they are measured one for another.
  ///   - maximumPositions: of OPT's table, which costs memory alone.
  func form(blockCount: Int, maximumPositions: Int) -> ModelForm {
    let sizes = sizes
    // Of part of a model neither embeddings nor head are measured: they are small.
    let vocabularySize = blockCount < sizes.blockCount ? 512 : isOPT ? 50_272 : 32_000
    let shape = ModelShape(
      vocabularySize: vocabularySize, width: sizes.width, embeddingWidth: sizes.width, blockCount: blockCount,
      headCount: sizes.headCount, keyValueHeadCount: sizes.headCount, headWidth: sizes.width / sizes.headCount,
      maximumPositions: maximumPositions, hasPositionTable: isOPT)
    return isOPT
      ? .opt(shape, feedForwardWidth: sizes.feedForwardWidth)
      : .llama(shape, feedForwardWidth: sizes.feedForwardWidth, tiesHead: false)
  }
}
