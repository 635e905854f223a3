import Artifacts
import Foundation
import Results
import Tensors

extension Environment {
  /// That of this process.
  package init(programVersion: String) {
    #if arch(x86_64)
      let architecture = "x86_64"
    #elseif arch(arm64)
      let architecture = "arm64"
    #else
      let architecture = "other"
    #endif
    self.init(
      programVersion: programVersion, openBLAS: OpenBLAS.version, kernel: OpenBLAS.kernel,
      operatingSystem: ProcessInfo.processInfo.operatingSystemVersionString, architecture: architecture)
  }
}

/// The digest of the running program.
package func programDigest() throws -> String { try sha256(ofFile: "/proc/self/exe") }
