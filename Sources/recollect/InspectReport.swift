import Comparison
import Foundation
import Models

/// What `recollect inspect` shows of a folder.
struct InspectReport {
  let folder: String
  let summary: ModelSummary
  /// nil where the folder has none.
  let tokenizer: Tokenizer?
  let memory: SequenceMemory

  struct Tokenizer: Encodable {
    let files: [String]
    let vocabularySize: Int

    init?(folder: String) throws(CheckpointError) {
      guard let form = Models.Tokenizer.Form.allCases.first(where: { $0.isPresent(in: folder) }) else { return nil }
      files = form.files
      vocabularySize = try Models.Tokenizer(folder: folder, form: form).vocabularySize
    }
  }

  private func name(ofFile path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
}

// MARK: - Text

extension InspectReport {
  var text: String {
    let sections = [
      ("", form), ("Parameters", parameters), ("Files, \(summary.format.title)", files), ("Tensors", tensors),
      ("Memory of a run, with a sequence of \(grouped(memory.length)) tokens", memoryLines),
    ]
    return sections.map { heading, lines in
      (heading.isEmpty ? folder : "\n" + heading) + "\n" + AlignedLines(lines).text
    }.joined()
  }

  private var form: [AlignedLines.Line] {
    let shape = summary.shape
    let tokenizerText = tokenizer.map { $0.files.joined(separator: " and ") } ?? "none"
    var lines = [
      AlignedLines.Line("architecture", summary.architecture), AlignedLines.Line("blocks", grouped(shape.blockCount)),
      AlignedLines.Line("width", grouped(shape.width)),
      AlignedLines.Line("heads", grouped(shape.headCount), "of width \(grouped(shape.headWidth))"),
      AlignedLines.Line("key-value heads", grouped(shape.keyValueHeadCount)),
      AlignedLines.Line("feed-forward width", grouped(summary.feedForwardWidth)),
      AlignedLines.Line("vocabulary", grouped(shape.vocabularySize)),
      AlignedLines.Line(
        "positions", grouped(shape.maximumPositions), shape.hasPositionTable ? "in a table: no more" : ""),
    ]
    if shape.embeddingWidth != shape.width {
      lines.append(AlignedLines.Line("embedding width", grouped(shape.embeddingWidth)))
    }
    lines += [
      AlignedLines.Line("norms", summary.normalizesFirst ? "before" : "behind", "each layer (\(summary.norm) norm)"),
      AlignedLines.Line("head", summary.tiesHead ? "tied" : "of its own", summary.tiesHead ? "to the embedding" : ""),
      AlignedLines.Line(
        "tokenizer", tokenizer.map { grouped($0.vocabularySize) } ?? tokenizerText,
        tokenizer == nil ? "" : "tokens in \(tokenizerText)"),
    ]
    return lines
  }

  private var parameters: [AlignedLines.Line] {
    func line(_ name: String, _ count: Int) -> AlignedLines.Line {
      AlignedLines.Line(name, grouped(count), count < 1000 ? "" : scaled(count, ["K", "M", "B", "T"]))
    }
    return ModelPart.allCases.compactMap { part in summary.parameters[part].map { line(part.title, $0) } } + [
      line("in all", summary.parameterCount), line("each block", summary.parametersPerBlock),
    ]
  }

  private var files: [AlignedLines.Line] {
    summary.files.map { AlignedLines.Line(name(ofFile: $0.path), bytes($0.byteCount)) }
      + (summary.files.count == 1
        ? [] : [AlignedLines.Line("in all", bytes(summary.files.reduce(0) { $0 + $1.byteCount }))])
  }

  private var tensors: [AlignedLines.Line] {
    summary.storage.map {
      AlignedLines.Line($0.form.title, bytes($0.byteCount), "in \(grouped($0.tensorCount)) tensors")
    }
  }

  private var memoryLines: [AlignedLines.Line] {
    [
      ("weights mapped", summary.weights.mapped, "used where they lie in the files, read on use"),
      ("weights copied", summary.weights.copied, "norms, biases, and what cannot be used where it lies"),
      ("panel widened", summary.weights.widenedPanel, "the most that a product widens at once, on each thread"),
      ("layer as floats", summary.largestLayer, "out · in · 4 of the largest layer, only to compress"),
      (
        "key-value cache", memory.keyValueCache,
        "2 · blocks · key-value heads · head width · tokens · 4, each sequence"
      ),
      ("logits", memory.logits, "vocabulary · tokens · 4, where every token's are asked for"),
    ].map { AlignedLines.Line($0.0, bytes($0.1), $0.2) }
  }
}

extension ModelPart {
  fileprivate var title: String {
    switch self {
    case .embedding, .positions, .attention, .norms, .projections, .head: rawValue
    case .feedForward: "feed-forward"
    }
  }
}

extension ModelSummary.Storage.Form {
  fileprivate var title: String {
    switch self {
    case .numbers(let type): type.rawValue
    case .codes(let bits, nil): "\(bits)-bit codes"
    case .codes(let bits, let groupSize?): "\(bits)-bit codes, groups of \(groupSize)"
    }
  }
}

extension CheckpointFolder.Format {
  fileprivate var title: String {
    switch self {
    case .safetensors: "safetensors"
    case .pyTorch: "PyTorch"
    }
  }
}

// MARK: - JSON

extension InspectReport {
  private struct Content: Encodable {
    let architecture: String
    let blocks: Int
    let width: Int
    let embeddingWidth: Int
    let heads: Int
    let keyValueHeads: Int
    let headWidth: Int
    let feedForwardWidth: Int
    let vocabularySize: Int
    let maximumPositions: Int
    let hasPositionTable: Bool
    let norm: String
    let normalizesFirst: Bool
    let tiesHead: Bool
    let parameters: [String: Int]
    let parameterCount: Int
    let parametersPerBlock: Int
    let format: String
    let files: [File]
    let tensors: [Tensors]
    let tokenizer: Tokenizer?
    let memory: Memory

    struct File: Encodable {
      let name: String
      let bytes: Int
    }

    struct Tensors: Encodable {
      let type: String
      let count: Int
      let bytes: Int
    }

    struct Memory: Encodable {
      let tokens: Int
      let weightsMapped: Int
      let weightsCopied: Int
      let panelWidened: Int
      let layerAsFloats: Int
      let keyValueCache: Int
      let logits: Int
    }
  }

  /// One object with sorted keys; sizes are in bytes, and a folder without a tokenizer has no member of that name.
  func json() throws -> String {
    let shape = summary.shape
    let content = Content(
      architecture: summary.architecture, blocks: shape.blockCount, width: shape.width,
      embeddingWidth: shape.embeddingWidth, heads: shape.headCount, keyValueHeads: shape.keyValueHeadCount,
      headWidth: shape.headWidth, feedForwardWidth: summary.feedForwardWidth, vocabularySize: shape.vocabularySize,
      maximumPositions: shape.maximumPositions, hasPositionTable: shape.hasPositionTable, norm: summary.norm,
      normalizesFirst: summary.normalizesFirst, tiesHead: summary.tiesHead,
      parameters: Dictionary(uniqueKeysWithValues: summary.parameters.map { ($0.key.rawValue, $0.value) }),
      parameterCount: summary.parameterCount, parametersPerBlock: summary.parametersPerBlock,
      format: summary.format.rawValue,
      files: summary.files.map { Content.File(name: name(ofFile: $0.path), bytes: $0.byteCount) },
      tensors: summary.storage.map {
        Content.Tensors(type: $0.form.title, count: $0.tensorCount, bytes: $0.byteCount)
      },
      tokenizer: tokenizer,
      memory: Content.Memory(
        tokens: memory.length, weightsMapped: summary.weights.mapped, weightsCopied: summary.weights.copied,
        panelWidened: summary.weights.widenedPanel, layerAsFloats: summary.largestLayer,
        keyValueCache: memory.keyValueCache, logits: memory.logits))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(content), as: UTF8.self) + "\n"
  }
}
