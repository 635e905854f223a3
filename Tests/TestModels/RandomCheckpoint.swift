import Foundation
import Models
import Tensors

/// Random tensors under a checkpoint's names, and the configuration that goes with them.
package struct RandomCheckpoint {
  private var stream: RandomStream
  package var tensors: [NamedTensor] = []
  /// The members of config.json, as JSON.
  package var configuration: [String: String] = [:]

  init(seed: UInt64, purpose: String) { stream = RandomStream(seed: seed, purpose: purpose) }

  mutating func add(_ name: String, _ rows: Int, _ columns: Int, size: Float = 1) {
    let elements = (0..<rows * columns).map { _ in stream.nextNormal() * size }
    tensors.append(NamedTensor(name, Matrix(rows: rows, columns: columns, elements)))
  }

  /// A weight whose outputs are as large as its inputs.
  mutating func addLinear(_ name: String, _ rows: Int, _ columns: Int) {
    add(name + ".weight", rows, columns, size: 1 / Float(columns).squareRoot())
  }

  /// One number a channel, around `center(channel)`.
  mutating func addVector(_ name: String, _ count: Int, size: Float = 0.3, center: (Int) -> Float) {
    let values = (0..<count).map { center($0) + size * stream.nextNormal() }
    tensors.append(NamedTensor(name, shape: [count], Matrix(rows: 1, columns: count, values)))
  }

  package func write(to folder: String) throws {
    try writeSafetensors(tensors, to: folder + "/model.safetensors")
    let members = configuration.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    try Data("{\(members.joined(separator: ", "))}".utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
  }

  package func load<Model: LanguageModel>(_: Model.Type) throws -> Model {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recollect-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // The files may go: a mapping outlives its file's name.
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(to: folder.path)
    return try Model(folder: folder.path)
  }
}

extension NamedTensor {
  /// Its floats, for one that is made of them.
  package var values: Matrix {
    guard case .floats(let values, _) = content else { preconditionFailure("\(name) is not made of floats") }
    return values
  }
}
