import Foundation

/// What the standard streams are connected to.
enum Terminal {
  /// Whether progress can be drawn over itself on standard error.
  static var isLive: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb" && environment["CI", default: ""].isEmpty
  }

  /// Columns of standard output (110 where it is no terminal), or of standard error.
  static var width: Int { width(of: STDOUT_FILENO) ?? 110 }
  static var errorWidth: Int { width(of: STDERR_FILENO) ?? 80 }

  private static func width(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

func standardError(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
