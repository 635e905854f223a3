import Compression
import Foundation
import Models
import Synchronization
import Tensors
import TestModels
import Testing

@Suite struct FolderCompressionTests {
  /// Eleven sequences: more than are held at once.
  private let sequences = (0..<11 as Range<UInt64>).map { number in
    let stream = RandomStream(seed: 5, purpose: "calibration", index: number)
    return (0..<(9 + number % 3)).map { stream.integer(below: 32, at: $0) }
  }

  private var record: CalibrationRecord {
    CalibrationRecord(source: "text", file: "text", sha256: "0", seed: 0, sequences: sequences)
  }

  private var threeBits: CompressionSettings {
    var settings = CompressionSettings(.gptq)
    settings.bits = 3
    settings.groupSize = 16
    settings.blockSize = 24
    return settings
  }

  private func half() -> CompressionSettings {
    var settings = CompressionSettings(.sparsegpt)
    settings.sparsity = 0.5
    settings.blockSize = 16
    return settings
  }

  /// Widths of 64 and 96: their codes of 3 bits fill whole words.
  private func checkpoint(isOPT: Bool = false) -> RandomCheckpoint {
    isOPT ? .opt(widthFactor: 4) : .llama(widthFactor: 4)
  }

  private func compression(
    _ scene: borrowing Scene, _ settings: CompressionSettings, form: StoredForm = .values(nil), to name: String = "out",
    threadCount: Int = 2
  ) -> FolderCompression {
    FolderCompression(
      source: scene.source, output: scene.folder + "/" + name, settings: settings, form: form,
      workers: Workers(threadCount: threadCount))
  }

  @discardableResult private func run(_ compression: FolderCompression) throws -> CompressionRecord {
    try compression.run(calibration: (sequences, record)).record
  }

  /// Stops at the `count`th question whether to stop.
  private func stop(_ compression: FolderCompression, after count: Int) throws {
    let left = Mutex(count)
    #expect(throws: CompressionStopped.self) {
      try compression.run(
        calibration: (sequences, record),
        checkStop: {
          try left.withLock {
            $0 -= 1
            if $0 < 0 { throw CompressionStopped() }
          }
        })
    }
  }

  private func bytes(_ folder: String, _ file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
  }

  @Test func `the folder holds what compressing in memory gives`() throws {
    for isOPT in [false, true] {
      let scene = try Scene(checkpoint(isOPT: isOPT))
      try expectSameAsInMemory(try loadModel(folder: scene.source), scene)
    }
  }

  private func expectSameAsInMemory(_ base: some LanguageModel, _ scene: borrowing Scene) throws {
    var model = base
    let reports = try model.compress(
      by: GPTQ(Quantizer(bits: 3, groupSize: 16), blockSize: 24), calibration: sequences,
      workers: Workers(threadCount: 1))
    let compression = compression(scene, threeBits)
    let record = try run(compression)
    let found = try loadModel(folder: compression.output)
    for name in base.linearNames { #expect(found[name].weight == model[name].weight, "\(name)") }
    #expect(record.layers.map(\.name) == reports.map(\.layer))
    #expect(record.layers.map(\.error) == reports.map(\.error))
    #expect(record.bitsPerWeight == reports.bitsPerWeight && record.run.seconds.count == reports.count)
    #expect(found.head == base.head)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: compression.output).sorted() == [
        "compression.json", "config.json", "model.safetensors",
      ])
  }

  @Test(arguments: [ElementType.float16, .bfloat16])
  func `numbers are stored in the type that is asked for, and blocks see them so`(type: ElementType) throws {
    let scene = try Scene(checkpoint())
    let format = try #require(NamedTensor.FloatFormat(type))
    let compression = compression(scene, half(), form: .values(format))
    try run(compression)
    let folder = try CheckpointFolder(compression.output)
    #expect(folder.names.allSatisfy { folder.type(of: $0) == type })
    let configuration = try JSONValue(contentsOf: compression.output + "/config.json")
    #expect(configuration["torch_dtype"]?.string == (type == .float16 ? "float16" : "bfloat16"))

    // The second block's first layer, from the inputs that the stored first block gives.
    let (found, base) = (try Llama(folder: compression.output), try Llama(folder: scene.source))
    var mixed = base
    mixed.blocks[0].linears = found.blocks[0].linears
    let query = LinearName(block: 1, path: "self_attn.q_proj")
    var hessian = Hessian(width: 64)
    for sequence in sequences {
      var pass = ForwardPass(observer: { observation in
        if case .linearInput(let paths, let input) = observation, paths.contains(query.path) { hessian.add(input) }
      })
      var first = ForwardPass()
      let angles = mixed.angles(at: sequence.indices)
      let hidden = mixed.runBlock(0, mixed.embedded(sequence), angles: angles, &first)
      _ = mixed.runBlock(1, hidden, angles: angles, &pass)
    }
    let method = SparseGPT(.unstructured(0.5), blockSize: 16)
    let expected = try method.compressed(
      base[query].weight.matrix, for: .hessian(hessian), workers: Workers(threadCount: 1))
    #expect(found[query].weight == (try Weight(expected.weight, storedAs: format, name: "expected")))
  }

  @Test func `packed codes are read back, and differ from the values by the scales' rounding alone`() throws {
    let scene = try Scene(checkpoint())
    var settings = threeBits
    for actOrder in [false, true] {
      settings.actOrder = actOrder
      let packed = compression(scene, settings, form: .packed, to: "packed-\(actOrder)")
      let values = compression(scene, settings, to: "values-\(actOrder)")
      try run(packed)
      try run(values)
      let (codes, numbers) = (try Llama(folder: packed.output), try Llama(folder: values.output))
      let format = try #require(codes.blocks[0].attention.query.weight.packedFormat)
      #expect(format.bits == 3 && format.groupSize == 16 && format.ordersByActivation == actOrder)
      // The first group of layers: those behind it see other inputs.
      let query = LinearName(block: 0, path: "self_attn.q_proj")
      let pairs = zip(codes[query].weight.matrix.elements, numbers[query].weight.matrix.elements)
      // Half an ulp of a half.
      #expect(pairs.allSatisfy { abs($0 - $1) <= abs($1) * 0x1p-11 })
      let configuration = try JSONValue(contentsOf: packed.output + "/config.json")
      #expect(configuration["quantization_config"]?["desc_act"]?.boolean == actOrder)
    }
  }

  @Test func `what an older compression says in the configuration is taken out`() throws {
    var checkpoint = checkpoint()
    checkpoint.configuration["quantization_config"] = "{\"bits\": 4}"
    let scene = try Scene(checkpoint)
    let compression = compression(scene, half())
    try run(compression)
    let configuration = try JSONValue(contentsOf: compression.output + "/config.json")
    #expect(configuration["quantization_config"] == nil)
    #expect(configuration["rms_norm_eps"]?.double == 1e-5)
  }

  @Test func `a run that was stopped goes on to the same bits, in any memory and on any threads`() throws {
    let scene = try Scene(checkpoint())
    for settings in [threeBits, half()] {
      let whole = compression(scene, settings, to: "whole")
      let record = try run(whole)
      // While the first block's inputs are gathered, after it is compressed, and within the second.
      for stopped in [3, 25, 40] {
        var again = compression(scene, settings, to: "stopped")
        try stop(again, after: stopped)
        #expect(!FileManager.default.fileExists(atPath: again.output + "/model.safetensors"))
        again = compression(scene, settings, to: "stopped", threadCount: 1)
        // Little more than the least that it takes.
        again.memoryLimit = 456_000 + 8_388_608
        let second = try run(again)
        #expect(second.run.memory != record.run.memory)
        #expect(second.layers == record.layers && second.files == record.files)
        #expect(try bytes(whole.output, "model.safetensors") == bytes(again.output, "model.safetensors"))
        try FileManager.default.removeItem(atPath: again.output)
      }
      try FileManager.default.removeItem(atPath: whole.output)
    }
  }

  @Test func `blocks that are done are not done again, unless their files are damaged`() throws {
    let scene = try Scene(checkpoint())
    let compression = compression(scene, half(), threadCount: 1)
    func layersDone() throws -> Int {
      let first = Mutex<Int?>(nil)
      #expect(throws: CompressionStopped.self) {
        try compression.run(
          calibration: (sequences, record),
          checkStop: { if first.withLock({ $0 != nil }) { throw CompressionStopped() } },
          report: { event in
            if case .begun(let done, _, _, _) = event { first.withLock { $0 = done } }
          })
      }
      return try #require(first.withLock { $0 })
    }
    // 11 sequences for the inputs, 7 layers, 11 sequences through the block, and the next block's first question.
    try stop(compression, after: 1 + 11 + 7 + 11 + 1)
    #expect(try layersDone() == 7)
    let file = compression.output + "/unfinished/activations-1"
    var damaged = try Data(contentsOf: URL(fileURLWithPath: file))
    damaged[17] ^= 1
    try damaged.write(to: URL(fileURLWithPath: file))
    #expect(try layersDone() == 0)
  }

  @Test func `activations in half precision give other bits, and are recorded`() throws {
    let scene = try Scene(checkpoint())
    let floats = compression(scene, half(), to: "floats")
    var halves = compression(scene, half(), to: "halves")
    halves.activations = .float16
    #expect(try run(floats).question.activations == .float32)
    #expect(try run(halves).question.activations == .float16)
    #expect(try bytes(floats.output, "model.safetensors") != bytes(halves.output, "model.safetensors"))
    // In a file they are the same.
    var again = compression(scene, half(), to: "file")
    again.activations = .float16
    // A little more than the least that it takes.
    again.memoryLimit = 443_000 + 2 * 8_388_608
    let record = try run(again)
    #expect(!record.run.memory.holdsActivations)
    #expect(try bytes(again.output, "model.safetensors") == bytes(halves.output, "model.safetensors"))
  }

  @Test func `a finished folder is left alone, and another question is refused`() throws {
    let scene = try Scene(checkpoint())
    let compression = compression(scene, half())
    try run(compression)
    #expect(try compression.run(calibration: (sequences, record)).wasFinished)
    let taken = CompressionError.otherCompression(folder: compression.output)
    #expect(throws: taken) { try run(self.compression(scene, threeBits)) }
    let begun = self.compression(scene, half(), to: "begun")
    // Behind the first block.
    try stop(begun, after: 35)
    #expect(throws: CompressionError.otherCompression(folder: begun.output)) {
      try run(self.compression(scene, threeBits, to: "begun"))
    }
    #expect(throws: CompressionError.outputTaken(folder: scene.source)) {
      try run(
        FolderCompression(
          source: scene.source, output: scene.source, settings: half(), form: .values(nil),
          workers: Workers(threadCount: 1)))
    }
  }

  @Test func `what cannot be done is refused before anything is computed`() throws {
    let narrow = try Scene(.llama())
    #expect(
      throws: CompressionError.cannotPack(
        layer: "model.layers.0.self_attn.q_proj.weight", rows: 16, columns: 16, bits: 3)
    ) { try run(compression(narrow, threeBits, form: .packed)) }
    let scene = try Scene(checkpoint())
    #expect(throws: SettingsError.missing([.bits], method: .sparsegpt)) {
      try run(compression(scene, half(), form: .packed, to: "unpacked"))
    }
    let packed = compression(scene, threeBits, form: .packed, to: "packed")
    try run(packed)
    let again = FolderCompression(
      source: packed.output, output: scene.folder + "/again", settings: half(), form: .values(nil),
      workers: Workers(threadCount: 1))
    #expect(throws: CompressionError.packedAlready(layer: "model.layers.0.self_attn.q_proj.weight")) { try run(again) }
    var little = compression(scene, half(), to: "little")
    little.memoryLimit = 1000
    #expect(throws: CompressionError.self) { try run(little) }
  }
}

/// A folder with a checkpoint, and room beside it.
private struct Scene: ~Copyable {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)").path
  var source: String { folder + "/model" }

  init(_ checkpoint: RandomCheckpoint) throws {
    try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
    try checkpoint.write(to: source)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}
