import Foundation
import Models
import Tensors
import TestModels
import Testing

@Suite struct PyTorchWriterTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/pytorch_model.bin" }

  init() throws { folder = try TemporaryFolder() }

  @Test func `what is written is read back, whatever the type and shape`() throws {
    let values = randomMatrix(3, 5, seed: 1)
    try writePyTorchCheckpoint(
      [
        NamedTensor("z.weight", values), NamedTensor("half", values, storedAs: .float16),
        NamedTensor("brain", shape: [15], values, storedAs: .bfloat16),
        NamedTensor("codes", shape: [2], bytes: [1, 0, 0, 0, 255, 255, 255, 255], type: .int32),
      ], to: path)
    let tensors = try PyTorchCheckpoint(path: path).tensors
    #expect(tensors.map(\.name) == ["z.weight", "half", "brain", "codes"])
    #expect(tensors.map(\.shape) == [[3, 5], [3, 5], [15], [2]])
    #expect(tensors.map(\.type) == [.float32, .float16, .bfloat16, .int32])
    #expect(try tensors[0].matrix() == values)
    // The nearest half of a number is no further from it than a two-thousandth of it.
    let halves = try tensors[1].matrix().elements
    #expect(zip(halves, values.elements).allSatisfy { abs($0 - $1) <= abs($1) / 2048 })
  }

  @Test func `every storage lies on a boundary of 64 bytes, and the archive's checksums hold`() throws {
    try writePyTorchCheckpoint(
      (1...9).map { NamedTensor("t\($0)", randomMatrix($0, 3, seed: UInt64($0))) }, to: path)
    let archive = try ZipArchive(path: path)
    for entry in archive.entries { _ = try archive.contents(of: entry, verified: true) }
    for tensor in try PyTorchCheckpoint(path: path).tensors {
      #expect(tensor.withBytes { Int(bitPattern: $0.baseAddress) % 64 } == 0)
    }
  }

  @Test func `a number that a half does not reach is refused, and nothing is left`() throws {
    #expect(throws: CheckpointError.overflow(tensor: "w", file: path, index: 1, type: "F16")) {
      try writePyTorchCheckpoint(
        [NamedTensor("w", Matrix(rows: 1, columns: 2, [1, 1e6]), storedAs: .float16)], to: path)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
