import Artifacts
import Foundation
import Models
import Synchronization
import Tensors

/// How activations are kept between two blocks.
package enum ActivationFormat: String, Sendable, Codable, CaseIterable {
  case float32 = "float"
  /// Rounded to half precision, as the reference has them for half-precision models. Other bits than those of floats.
  case float16 = "half"

  var byteCount: Int { self == .float32 ? 4 : 2 }
}

/// What enters a block, (T, C) for each calibration sequence: in memory, in a file, or both.
///
/// While the sequences pass through a block, each one's output takes its input's place in the memory, and goes into another
/// file; the old file stands until all outputs are on the disk.
final class BlockInputs: Sendable {
  let lengths: [Int]
  let width: Int
  let format: ActivationFormat
  private let state: Mutex<State>
  private let isHeld: Bool

  private struct State {
    var held: [Numbers?]
    var current: NumberFile?
    var next: NumberFile?
  }

  /// - Parameters:
  ///   - lengths: tokens of each sequence.
  ///   - isHeld: whether they are in memory; if not, there has to be a file.
  init(lengths: [Int], width: Int, format: ActivationFormat, isHeld: Bool) {
    self.lengths = lengths
    self.width = width
    self.format = format
    self.isHeld = isHeld
    state = Mutex(State(held: isHeld ? lengths.map { _ in nil } : []))
  }

  /// The bytes that they take.
  var byteCount: Int { lengths.reduce(0, +) * width * format.byteCount }

  subscript(sequence: Int) -> Matrix {
    get throws {
      let (numbers, file) = state.withLock { ($0.held.isEmpty ? nil : $0.held[sequence], $0.current) }
      if let numbers { return numbers.matrix(lengths[sequence], width) }
      guard let file else { preconditionFailure("the input of sequence \(sequence) is nowhere") }
      return try read(sequence, of: file).matrix(lengths[sequence], width)
    }
  }

  // MARK: Writing

  /// What is stored from now on goes into this file too, where there is one.
  func begin(file path: String?) throws {
    let file = try path.map { try NumberFile(creating: $0) }
    state.withLock { $0.next = file }
  }

  /// Of one sequence, from any thread.
  func store(_ states: Matrix, sequence: Int) throws {
    precondition(
      states.rowCount == lengths[sequence] && states.columnCount == width,
      "\(states.rowCount) × \(states.columnCount) for \(lengths[sequence]) × \(width)")
    let numbers = Numbers(states, format)
    if let file = state.withLock({ $0.next }) {
      try numbers.withBytes { try file.write($0, at: offset(of: sequence)) }
    }
    if isHeld { state.withLock { $0.held[sequence] = numbers } }
  }

  /// Once all sequences are stored: they are what is read from now on.
  ///
  /// - Returns: the digest of the file, which is on the disk; nil without one.
  func finish() throws -> String? {
    let file = state.withLock { state in
      state.current = state.next
      state.next = nil
      return state.current
    }
    return try file?.finish()
  }

  /// Takes them from a file that an earlier run left.
  ///
  /// - Returns: whether the file is there and has that digest.
  func resume(file path: String, digest: String) throws -> Bool {
    guard FileManager.default.fileExists(atPath: path), try sha256(ofFile: path) == digest else { return false }
    let file = try NumberFile(reading: path)
    state.withLock { $0.current = file }
    if isHeld {
      for sequence in lengths.indices {
        let numbers = try read(sequence, of: file)
        state.withLock { $0.held[sequence] = numbers }
      }
    }
    return true
  }

  private func offset(of sequence: Int) -> Int { lengths[..<sequence].reduce(0, +) * width * format.byteCount }

  private func read(_ sequence: Int, of file: NumberFile) throws -> Numbers {
    let count = lengths[sequence] * width
    switch format {
    case .float32:
      var matrix = Matrix(uninitializedRows: lengths[sequence], columns: width)
      try matrix.withMutableElements {
        try file.read(into: UnsafeMutableRawBufferPointer($0), at: offset(of: sequence))
      }
      return .floats(matrix)
    case .float16:
      var halves = [UInt16](repeating: 0, count: count)
      try halves.withUnsafeMutableBytes { try file.read(into: $0, at: offset(of: sequence)) }
      return .halves(halves)
    }
  }
}

/// The numbers of one sequence as they are kept.
private enum Numbers: Sendable {
  case floats(Matrix)
  case halves([UInt16])

  init(_ matrix: Matrix, _ format: ActivationFormat) {
    switch format {
    case .float32: self = .floats(matrix)
    case .float16: self = .halves(matrix.withElements { $0.map { Float16($0).bitPattern.littleEndian } })
    }
  }

  func matrix(_ rowCount: Int, _ columnCount: Int) -> Matrix {
    switch self {
    case .floats(let matrix): return matrix
    case .halves(let halves):
      var matrix = Matrix(uninitializedRows: rowCount, columns: columnCount)
      matrix.withMutableElements { elements in halves.withUnsafeBytes { widenHalves($0, to: elements) } }
      return matrix
    }
  }

  func withBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch self {
    case .floats(let matrix): try matrix.withElements { try body(UnsafeRawBufferPointer($0)) }
    case .halves(let halves): try halves.withUnsafeBytes(body)
    }
  }
}

/// A file of numbers that several threads write and read at places of their own. It is not mapped: what is read takes
/// memory only where it is put.
private final class NumberFile: Sendable {
  private let path: String
  private let descriptor: Int32

  init(creating path: String) throws(CompressionError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, "open") }
  }

  init(reading path: String) throws(CompressionError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path, "open") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func failure(_ path: String, _ call: String) -> CompressionError {
    .unwritable(file: path, reason: "\(call): \(String(cString: strerror(errno)))")
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let part = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, part.baseAddress, part.count, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path, "write") }
      done += count
    }
  }

  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let part = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = pread(descriptor, part.baseAddress, part.count, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw count < 0 ? Self.failure(path, "read") : .unwritable(file: path, reason: "it is cut off")
      }
      done += count
    }
  }

  /// - Returns: the digest of all of it, once it is on the disk.
  func finish() throws -> String {
    guard fsync(descriptor) == 0 else { throw Self.failure(path, "fsync") }
    return try sha256(ofFile: path)
  }
}
