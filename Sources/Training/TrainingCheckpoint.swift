import Artifacts
import Foundation
import Models
import Tensors

/// A file that holds the state of a training: a safetensors file with a digest of its own, which takes its name only when
/// it is whole, so that whoever is killed leaves the last state that was written.
///
/// Its tensors are those of `parameter/`, `first/`, `second/` (AdamW's moments, flat) and `best/`, each followed by a
/// parameter's name, and `losses`, `validation/steps` and `validation/losses`. All numbers are stored bit by bit.
package struct TrainingCheckpoint: Sendable {
  package let path: String
  /// The digest of everything that determines the training.
  package let question: String

  package init(path: String, question: String) {
    self.path = path
    self.question = question
  }

  private static let format = "recollect training 1"

  // MARK: Writing

  /// Puts the state in the place of the one that was written before.
  package func write(_ state: TrainingState) throws(CheckpointError) {
    let tensors = tensors(of: state)
    var metadata = ["format": Self.format, "training": question, "step": String(state.step)]
    metadata["best"] = state.best.map { String($0.step) }
    metadata["sha256"] = digest(tensors, metadata)
    try writeSafetensors(tensors.map(\.named), metadata: metadata, to: path)
  }

  private func tensors(of state: TrainingState) -> [StateTensor] {
    let names = state.parameters.names
    func matrices(_ kind: String, _ values: [Matrix]) -> [StateTensor] {
      zip(names, values).map { StateTensor("\(kind)/\($0)", .matrix($1)) }
    }
    func moments(_ kind: String, _ values: [[Float]]) -> [StateTensor] {
      matrices(kind, values.map { Matrix(rows: 1, columns: $0.count, $0) })
    }
    return matrices("parameter", state.parameters.values) + moments("first", state.optimizer.firstMoments)
      + moments("second", state.optimizer.secondMoments) + matrices("best", state.best?.parameters.values ?? [])
      + [
        StateTensor("losses", .words(state.losses.map(\.bitPattern))),
        StateTensor("validation/steps", .words(state.validations.map { UInt64($0.step) })),
        StateTensor("validation/losses", .words(state.validations.map(\.loss.bitPattern))),
      ]
  }

  /// Of everything in the file but the digest itself.
  private func digest(_ tensors: [StateTensor], _ metadata: [String: String]) -> String {
    var hasher = SHA256Hasher()
    func add(_ text: String) { Array("\(text)\n".utf8).withUnsafeBytes { hasher.update($0) } }
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) where name != "sha256" { add("\(name)=\(value)") }
    for tensor in tensors {
      add(tensor.name)
      tensor.withBytes { hasher.update($0) }
    }
    return hasher.finalize()
  }

  // MARK: Reading

  /// The state that was written last; nil where there is no file.
  ///
  /// - Parameter initial: the state before the first step, whose parameters have the names and sizes to be expected.
  /// - Throws: `.otherTraining`, `.damagedState`.
  package func read(like initial: TrainingState) throws(TrainingError) -> TrainingState? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file: SafetensorsFile
    do {
      file = try SafetensorsFile(path: path)
    } catch {
      throw .damagedState(file: path, reason: error)
    }
    let damaged = TrainingError.damagedState(file: path, reason: nil)
    guard file.metadata["format"] == Self.format else { throw damaged }
    guard file.metadata["training"] == question else { throw .otherTraining(file: path) }
    var left = Dictionary(file.tensors.map { ($0.name, $0) }) { first, _ in first }
    func words(_ name: String) -> [UInt64]? {
      guard let tensor = left.removeValue(forKey: name), tensor.type == .uint64, tensor.shape.count == 1 else {
        return nil
      }
      return tensor.withBytes { bytes in
        (0..<tensor.count).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) }
      }
    }
    func matrices(_ kind: String, isFlat: Bool = false) -> [Matrix]? {
      var matrices: [Matrix] = []
      for (name, value) in zip(initial.parameters.names, initial.parameters.values) {
        let shape = isFlat ? [1, value.count] : [value.rowCount, value.columnCount]
        guard let tensor = left.removeValue(forKey: "\(kind)/\(name)"), tensor.type == .float32, tensor.shape == shape
        else { return nil }
        var matrix = Matrix(uninitializedRows: shape[0], columns: shape[1])
        matrix.withMutableElements { elements in
          tensor.withBytes { UnsafeMutableRawBufferPointer(elements).copyMemory(from: $0) }
        }
        matrices.append(matrix)
      }
      return matrices
    }
    guard let parameters = matrices("parameter"), let first = matrices("first", isFlat: true),
      let second = matrices("second", isFlat: true), let losses = words("losses"),
      let steps = words("validation/steps"), let validationLosses = words("validation/losses"),
      steps.count == validationLosses.count
    else { throw damaged }
    var state = initial
    state.parameters = initial.parameters.with(parameters)
    state.optimizer.firstMoments = first.map(\.elements)
    state.optimizer.secondMoments = second.map(\.elements)
    state.optimizer.stepCount = losses.count
    state.losses = losses.map { Double(bitPattern: $0) }
    state.validations = zip(steps, validationLosses).map {
      .init(step: Int(truncatingIfNeeded: $0), loss: Double(bitPattern: $1))
    }
    if let best = file.metadata["best"] {
      guard let step = Int(best), let parameters = matrices("best") else { throw damaged }
      state.best = .init(step: step, parameters: initial.parameters.with(parameters))
    }
    guard left.isEmpty, file.metadata["step"] == String(state.step),
      file.metadata["sha256"] == digest(tensors(of: state), file.metadata)
    else { throw damaged }
    return state
  }
}

/// A tensor of the file, and the bytes that its digest is of.
private struct StateTensor {
  enum Content {
    case matrix(Matrix)
    case words([UInt64])
  }

  let name: String
  let content: Content

  init(_ name: String, _ content: Content) {
    self.name = name
    self.content = content
  }

  var named: NamedTensor {
    switch content {
    case .matrix(let values): NamedTensor(name, values)
    case .words(let words):
      NamedTensor(
        name, shape: [words.count], bytes: words.map(\.littleEndian).withUnsafeBytes { Array($0) }, type: .uint64)
    }
  }

  func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    switch content {
    case .matrix(let values): values.withElements { body(UnsafeRawBufferPointer($0)) }
    case .words(let words): words.map(\.littleEndian).withUnsafeBytes(body)
    }
  }
}
