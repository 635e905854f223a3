/// What a model is a sum of, as far as its parameters go.
package enum ModelPart: String, Sendable, CaseIterable {
  case embedding
  /// OPT's table of positions.
  case positions
  case attention
  case feedForward
  case norms
  /// Between embeddings and hidden states of different width, and back (OPT-350m).
  case projections
  /// Where it is not the embedding.
  case head

  /// The part that a stored tensor belongs to; nil for what is no parameter.
  ///
  /// The name is one that the architecture has, as that of every tensor of a folder from which a model was loaded.
  fileprivate init?(tensor name: String, hasSeparateHead: Bool) {
    func has(_ part: String) -> Bool { name.contains(part) }
    if name.hasSuffix(".inv_freq") { return nil }
    if name == "lm_head.weight" {
      // A tied head may be stored beside the embedding that serves in its place.
      guard hasSeparateHead else { return nil }
      self = .head
    } else if has("embed_tokens.") {
      self = .embedding
    } else if has("embed_positions.") {
      self = .positions
    } else if has("project_in.") || has("project_out.") {
      self = .projections
    } else if has("norm.") {
      self = .norms
    } else if has(".self_attn.") {
      self = .attention
    } else {
      self = .feedForward
    }
  }
}

/// What a checkpoint folder holds: the model's form, its parameters, and how they are stored.
///
/// No weight is read for it, apart from the vectors (norms and biases) that loading a model reads.
package struct ModelSummary: Sendable {
  /// Such as "Llama".
  package let architecture: String
  package let shape: ModelShape
  package let feedForwardWidth: Int
  /// The kind of norm: "root mean square" or "layer".
  package let norm: String
  /// Whether a norm stands before each layer; otherwise behind it.
  package let normalizesFirst: Bool
  /// Whether the embedding serves as the head too.
  package let tiesHead: Bool

  /// The number of parameters by part; parts that the model does not have are absent.
  package let parameters: [ModelPart: Int]
  /// The parameters of one block, its norms included.
  package let parametersPerBlock: Int
  package var parameterCount: Int { parameters.values.reduce(0, +) }

  package let format: CheckpointFolder.Format
  package let files: [File]
  /// The tensors of the files by form, packed ones first, then in the order of `ElementType`; with those that are no
  /// parameters.
  package let storage: [Storage]
  /// What the parameters take, and what the products widen.
  package let weights: WeightMemory
  /// The bytes of the largest linear layer of a block as floats: what compressing it widens whole.
  package let largestLayer: Int

  package struct File: Sendable, Equatable {
    package let path: String
    package let byteCount: Int
  }

  package struct Storage: Sendable, Equatable {
    package let form: Form
    package fileprivate(set) var tensorCount = 0
    package fileprivate(set) var byteCount = 0

    package enum Form: Sendable, Hashable {
      case numbers(ElementType)
      /// Packed codes, with their zeros, scales and groups.
      case codes(bits: Int, groupSize: Int?)
    }
  }

  /// - Parameters:
  ///   - model: loaded from the folder.
  ///   - folder: opened once more: it is the files that know how their tensors are stored.
  /// - Throws: what opening the weight files throws.
  package init(_ model: some LanguageModel, folder: CheckpointFolder) throws(CheckpointError) {
    let block = model.blocks[0]
    architecture = "\(type(of: model))"
    shape = model.shape
    feedForwardWidth = block.feedForward.linears[0].weight.rowCount
    norm =
      switch block.attentionNorm {
      case .rootMeanSquare: "root mean square"
      case .layer: "layer"
      }
    normalizesFirst = block.normalizesFirst
    let hasSeparateHead = model.checkpointTensors.contains { $0.name == "lm_head.weight" }
    tiesHead = !hasSeparateHead

    var parameters: [ModelPart: Int] = [:]
    var parametersPerBlock = 0
    var storage: [Storage.Form: Storage] = [:]
    let packedFormat = try folder.packedFormat()
    var weights = WeightMemory()
    for name in folder.names {
      let tensor = try folder.tensor(name)
      var form = Storage.Form.numbers(tensor.type)
      var parameterCount = tensor.count
      let part = ModelPart(tensor: name, hasSeparateHead: hasSeparateHead)
      if let packedFormat, let packedPart = PackedMatrix.Part(tensor: name) {
        form = .codes(bits: packedFormat.bits, groupSize: packedFormat.groupSize)
        // What goes with the codes is no parameter.
        parameterCount = packedPart == .words ? tensor.count * 32 / packedFormat.bits : 0
        weights.add(tensor, as: packedPart, format: packedFormat)
      } else if part != nil {
        weights.add(tensor)
      }
      storage[form, default: Storage(form: form)].tensorCount += 1
      storage[form, default: Storage(form: form)].byteCount += tensor.byteCount
      guard let part else { continue }
      parameters[part, default: 0] += parameterCount
      // Blocks are alike.
      if name.contains("layers.0.") { parametersPerBlock += parameterCount }
    }
    self.parameters = parameters
    self.parametersPerBlock = parametersPerBlock
    let packedForms = storage.keys.filter { if case .codes = $0 { true } else { false } }
    self.storage = (packedForms + ElementType.allCases.map(Storage.Form.numbers)).compactMap { storage[$0] }
    self.weights = weights
    largestLayer = (block.linears.map(\.weight.count).max() ?? 0) * MemoryLayout<Float>.size
    format = folder.format
    files = try folder.files.map { path throws(CheckpointError) in
      File(path: path, byteCount: try MappedFile(path: path).bytes.count)
    }
  }
}
