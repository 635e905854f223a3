import Foundation

/// What a reader is given: the files of a folder, often a single one.
struct FuzzInput {
  /// How a file is taken apart to change it where the reader looks.
  enum Format {
    case safetensors
    case json
    case protobuf
    case zip
    case pickle
    /// Words and lines.
    case text
  }

  struct File {
    let name: String
    let format: Format
    var bytes: [UInt8]

    init(_ name: String, _ format: Format, _ bytes: [UInt8]) {
      self.name = name
      self.format = format
      self.bytes = bytes
    }

    init(_ name: String, _ format: Format, _ text: String) { self.init(name, format, Array(text.utf8)) }
  }

  var files: [File]

  init(_ files: File...) { self.files = files }

  var byteCount: Int { files.reduce(0) { $0 + $1.bytes.count } }

  /// The longest file that is ever made; what grows beyond it is cut off.
  static let longestFile = 1 << 16

  /// Writes the files to a folder, and removes those of the input before.
  func replace(_ previous: FuzzInput?, in folder: String) throws {
    for file in previous?.files ?? [] where !files.contains(where: { $0.name == file.name }) {
      unlink(folder + "/" + file.name)
    }
    for file in files {
      // Not through Foundation, which would take longer than the reader.
      let descriptor = open(folder + "/" + file.name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw SystemError("open \(folder)/\(file.name)") }
      defer { close(descriptor) }
      guard file.bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == file.bytes.count else {
        throw SystemError("write \(folder)/\(file.name)")
      }
    }
  }
}

/// A system call that failed, and why.
struct SystemError: Error, CustomStringConvertible {
  let description: String

  init(_ call: String) { description = "\(call): \(String(cString: strerror(errno)))" }
}
