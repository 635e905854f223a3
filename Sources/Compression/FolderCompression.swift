import Artifacts
import Foundation
import Models
import Tensors

/// Compresses a checkpoint's folder into another one: a block's tensors are written when the block is done, and what enters
/// the next block is kept with them, so that a run that was stopped or killed goes on where it was, to the same bits.
///
/// Until it is finished the folder has its weights in a file a block, and in `unfinished` the journal. At the end the
/// files become one, unless that would be a large one; `compression.json` is written last.
package struct FolderCompression {
  package let source: String
  package let output: String
  package let settings: CompressionSettings
  package let form: StoredForm
  package var activations = ActivationFormat.float32
  /// Bytes; nil for as many as it is fastest with.
  package var memoryLimit: Int?
  package let workers: Workers

  package init(
    source: String, output: String, settings: CompressionSettings, form: StoredForm, workers: Workers
  ) {
    self.source = source
    self.output = output
    self.settings = settings
    self.form = form
    self.workers = workers
  }

  /// What happens, for whoever shows it.
  package enum Event: Sendable {
    /// It begins, or goes on behind so many layers.
    case begun(layersDone: Int, of: Int, memory: CompressionMemory, plan: MemoryPlan)
    case layerDone(LayerReport, number: Int, of: Int)
  }

  /// The size up to which weights are one file: what transformers keeps together, too.
  private static let largestFile = 5_000_000_000

  private var workFolder: String { output + "/unfinished" }
  private var journalFile: String { workFolder + "/journal.json" }

  /// - Parameters:
  ///   - calibration: the sequences and where they are from; nil for a method that needs none.
  ///   - checkStop: throws when the work is to be stopped, such as `CompressionStopped`.
  /// - Returns: the record, and whether the folder had been finished before.
  /// - Throws: `SettingsError`, `CompressionError`, `CheckpointError`.
  package func run(
    calibration: (sequences: [[Int]], record: CalibrationRecord)?,
    checkStop: @escaping @Sendable () throws -> Void = {},
    report: (Event) -> Void = { _ in }
  ) throws -> (record: CompressionRecord, wasFinished: Bool) {
    let method = try settings.compressor()
    let checkpoint = try CheckpointFolder(source)
    let question = CompressionQuestion(
      settings: settings, form: form, activations: activations, calibration: calibration?.record,
      modelFiles: try modelFiles(checkpoint), kernel: OpenBLAS.kernel)
    if let record = try finished(question) { return (record, true) }
    let lock = try locked()
    defer { lock.release() }
    let model = try loadModel(folder: source)
    try checkPacking(of: model)
    let journal = try journal(question)
    let record = try run(model, by: method, calibration?.sequences ?? [], checkpoint, journal, checkStop, report)
    return (record, false)
  }

  private func modelFiles(_ checkpoint: CheckpointFolder) throws -> [String: String] {
    let files = [source + "/config.json"] + checkpoint.files
    let digests = try workers.map(files.count) { try sha256(ofFile: files[$0]) }
    return Dictionary(uniqueKeysWithValues: zip(files.map { URL(fileURLWithPath: $0).lastPathComponent }, digests))
  }

  // MARK: What is there already

  private func finished(_ question: CompressionQuestion) throws -> CompressionRecord? {
    guard let record = try RecordFile.read(CompressionRecord.self, output + "/" + CompressionRecord.fileName) else {
      return nil
    }
    guard record.question == question else { throw CompressionError.otherCompression(folder: output) }
    // Who was killed at the very end left these.
    try removeWork(keeping: Set(record.files.keys))
    return record
  }

  private func locked() throws -> FileLock {
    let files = FileManager.default
    let isBegun = files.fileExists(atPath: workFolder)
    if !isBegun, files.fileExists(atPath: output), try !files.contentsOfDirectory(atPath: output).isEmpty {
      throw CompressionError.outputTaken(folder: output)
    }
    do {
      try files.createDirectory(atPath: workFolder, withIntermediateDirectories: true)
    } catch {
      throw CompressionError.unwritable(file: workFolder, reason: error.localizedDescription)
    }
    guard let lock = try FileLock.tried(path: workFolder + "/lock", name: output) else {
      throw CompressionError.outputInUse(folder: output)
    }
    return lock
  }

  private func journal(_ question: CompressionQuestion) throws -> CompressionJournal {
    guard let journal = try RecordFile.read(CompressionJournal.self, journalFile) else {
      return CompressionJournal(question: question)
    }
    guard journal.question == question else { throw CompressionError.otherCompression(folder: output) }
    return journal
  }

  private func checkPacking(of model: some LanguageModel) throws {
    for name in model.linearNames {
      let (weight, layer) = (model[name].weight, model.weightName(of: name))
      guard weight.packedFormat == nil else { throw CompressionError.packedAlready(layer: layer) }
      guard form == .packed else { continue }
      guard let format = settings.packedFormat else { throw SettingsError.missing([.bits], method: settings.method) }
      let codes = PackedCodes(bits: format.bits)
      if codes.wordCount(weight.columnCount) == nil || codes.wordCount(weight.rowCount) == nil {
        throw CompressionError.cannotPack(
          layer: layer, rows: weight.rowCount, columns: weight.columnCount, bits: format.bits)
      }
    }
  }

  // MARK: Block by block

  private func run(
    _ model: some LanguageModel, by method: some LayerCompressor, _ calibration: [[Int]],
    _ checkpoint: CheckpointFolder, _ begun: CompressionJournal, _ checkStop: @escaping @Sendable () throws -> Void,
    _ report: (Event) -> Void
  ) throws -> CompressionRecord {
    let memory = try CompressionMemory.plan(within: memoryLimit, threadCount: workers.threadCount) { plan in
      CompressionMemory(
        of: model, by: method, sequenceCount: calibration.count, length: calibration.map(\.count).max() ?? 0,
        grouping: settings.grouping, form: form, bits: settings.bits, activations: activations, plan: plan,
        threadCount: workers.threadCount)
    }
    var compression = LayerwiseCompression(
      of: model, by: method, calibration: calibration, grouping: settings.grouping, form: form, plan: memory.plan,
      activations: activations, workers: workers, checkStop: checkStop)
    var journal = begun
    let names = model.linearNames
    try takeUp(&compression, &journal)
    var done = journal.blocks.count * names.count / model.shape.blockCount
    report(.begun(layersDone: done, of: names.count, memory: memory.memory, plan: memory.plan))
    if journal.blocks.isEmpty { try compression.embed(file: scratchFile(before: 0)) }
    model.releasePages()

    for block in journal.blocks.count..<model.shape.blockCount {
      try checkStop()
      let reports = try compression.compress(block: block) { layer in
        done += 1
        report(.layerDone(layer.report, number: done, of: names.count))
      }
      let prefix = "\(type(of: model).blockPrefix)\(block)."
      let file = weightsFile(block + 1, of: model.shape.blockCount + 1)
      try writeSafetensors(
        tensors(of: compression.model, checkpoint) { $0.hasPrefix(prefix) }, to: output + "/" + file)
      let next = scratchFile(before: block + 1)
      let digest = try compression.passThrough(block: block, file: next)
      journal.blocks.append(
        .init(weights: .init(name: file, sha256: try sha256(ofFile: output + "/" + file)), reports: reports))
      journal.activations = digest.map { .init(name: URL(fileURLWithPath: next).lastPathComponent, sha256: $0) }
      try RecordFile.write(journal, to: journalFile)
      // What entered the block is of no use any more, and neither are its weights.
      unlink(scratchFile(before: block))
      compression.model.blocks[block] = model.blocks[block]
      model.releasePages()
    }
    return try finish(compression.model, checkpoint, journal, memory)
  }

  /// Goes back to before the first block whose files are not whole.
  private func takeUp<Method, Model>(
    _ compression: inout LayerwiseCompression<Method, Model>, _ journal: inout CompressionJournal
  ) throws {
    let files = FileManager.default
    let areWhole = try journal.blocks.allSatisfy { block in
      let path = output + "/" + block.weights.name
      return try files.fileExists(atPath: path) && sha256(ofFile: path) == block.weights.sha256
    }
    let isLast = journal.blocks.count == compression.model.shape.blockCount
    var isThere = areWhole
    if areWhole, !isLast, !journal.blocks.isEmpty, let activations = journal.activations {
      isThere = try compression.inputs.resume(
        file: workFolder + "/" + activations.name, digest: activations.sha256)
    }
    if !isThere { journal = CompressionJournal(question: journal.question) }
  }

  private func scratchFile(before block: Int) -> String { "\(workFolder)/activations-\(block)" }

  private func weightsFile(_ number: Int, of count: Int) -> String {
    func digits(_ number: Int) -> String {
      String(repeating: "0", count: max(0, 5 - String(number).count)) + String(number)
    }
    return "model-\(digits(number))-of-\(digits(count)).safetensors"
  }

  /// The model's tensors whose names are chosen, each in the type in which it is to be stored.
  private func tensors(
    of model: some LanguageModel, _ checkpoint: CheckpointFolder, where isChosen: (String) -> Bool
  ) throws -> [NamedTensor] {
    var wanted: NamedTensor.FloatFormat?
    if case .values(let format) = form { wanted = format }
    return try model.checkpointTensors.filter { isChosen($0.name) }.map { tensor in
      switch tensor.content {
      case .bytes: return tensor
      case .floats(let values, _):
        // Norms and biases are held as floats, whatever the checkpoint has them as.
        let own = checkpoint.type(of: tensor.name).flatMap { NamedTensor.FloatFormat($0) }
        return NamedTensor(tensor.name, shape: tensor.shape, values, storedAs: wanted ?? own ?? .float32)
      case .stored(let stored):
        guard let wanted, NamedTensor.FloatFormat(stored.type) != nil, stored.type != wanted.elementType else {
          return tensor
        }
        return NamedTensor(tensor.name, shape: tensor.shape, try stored.matrix(), storedAs: wanted)
      }
    }
  }

  // MARK: The end

  private func finish(
    _ model: some LanguageModel, _ checkpoint: CheckpointFolder, _ journal: CompressionJournal,
    _ memory: (plan: MemoryPlan, memory: CompressionMemory)
  ) throws -> CompressionRecord {
    let count = model.shape.blockCount + 1
    let last = weightsFile(count, of: count)
    let prefix = type(of: model).blockPrefix
    try writeSafetensors(
      tensors(of: model, checkpoint) { !$0.hasPrefix(prefix) }, to: output + "/" + last)
    let parts = journal.blocks.map(\.weights.name) + [last]
    let tensors = try parts.flatMap { try SafetensorsFile(path: output + "/" + $0).tensors }
    var written = ["config.json"]
    if tensors.reduce(0, { $0 + $1.byteCount }) <= Self.largestFile {
      try writeSafetensors(tensors.map { NamedTensor($0) }, to: output + "/model.safetensors")
      written.append("model.safetensors")
    } else {
      try writeSafetensorsIndex(parts, in: output)
      written += parts + ["model.safetensors.index.json"]
    }
    var type: String?
    if case .values(let format?) = form { type = format.torchName }
    try writeConfiguration(
      of: source, type: type, packedFormat: form == .packed ? settings.packedFormat : nil, to: output + "/config.json")
    for name in Tokenizer.fileNames + ["generation_config.json"]
    where FileManager.default.fileExists(atPath: source + "/" + name) {
      let target = output + "/" + name
      if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(atPath: target) }
      // The files of a fetched model are links, which lead nowhere from another folder.
      let file = URL(fileURLWithPath: source + "/" + name).resolvingSymlinksInPath()
      try FileManager.default.copyItem(atPath: file.path, toPath: target)
      written.append(name)
    }
    let digests = try written.map { ($0, try sha256(ofFile: output + "/" + $0)) }
    let record = CompressionRecord(
      journal.question, reports: journal.blocks.flatMap(\.reports),
      files: Dictionary(uniqueKeysWithValues: digests), threads: workers.threadCount, memory: memory)
    try RecordFile.write(record, to: output + "/" + CompressionRecord.fileName)
    try removeWork(keeping: Set(written))
    return record
  }

  private func removeWork(keeping names: Set<String>) throws {
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: output)
    where name == "unfinished" || (name.hasPrefix("model-") && !names.contains(name)) {
      try files.removeItem(atPath: output + "/" + name)
    }
  }
}

extension NamedTensor.FloatFormat {
  /// What PyTorch calls it.
  fileprivate var torchName: String {
    switch self {
    case .float32: "float32"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    }
  }
}
