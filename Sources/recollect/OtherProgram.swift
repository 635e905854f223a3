import Foundation

/// A program of the system that a benchmark measures beside this one.
struct OtherProgram {
  let name: String
  private let path: String

  /// nil where no folder of `PATH` has it.
  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    guard let folder = folders.first(where: { access("\($0)/\(name)", X_OK) == 0 }) else { return nil }
    self.name = name
    path = "\(folder)/\(name)"
  }

  /// Runs it to its end; what it says on standard output is dropped.
  ///
  /// By posix_spawn(3) and waitpid(2): Foundation's `Process` notices an end with a delay that would count.
  func run(_ arguments: [String]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var words = ([name] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let code = posix_spawn(&process, path, &actions, nil, &words, environ)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
    guard status == 0 else { throw OtherProgramFailed(name: name, status: status) }
  }
}

struct OtherProgramFailed: Error, CustomStringConvertible {
  let name: String
  let status: Int32

  var description: String { "\(name) failed, with wait status \(status)" }
}
