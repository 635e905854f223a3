import Comparison
import Foundation
import Reports
import Testing

/// Chromium, where the system has it; tests in a browser are skipped without.
private struct Browser {
  private let path: String

  init?() {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let programs = folders.flatMap { folder in ["chromium", "chromium-browser"].map { "\(folder)/\($0)" } }
    guard let program = programs.first(where: { access($0, X_OK) == 0 }) else { return nil }
    path = program
  }

  /// What it prints, and what it logs.
  func run(_ arguments: [String], profile: String) throws -> (output: String, log: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments =
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(profile)", "--enable-logging=stderr",
        "--v=0", "--host-resolver-rules=MAP * ~NOTFOUND",
      ] + arguments
    let output = profile + ".out"
    let log = profile + ".log"
    for file in [output, log] { try Data().write(to: URL(fileURLWithPath: file)) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    process.waitUntilExit()
    return (try String(contentsOfFile: output, encoding: .utf8), try String(contentsOfFile: log, encoding: .utf8))
  }
}

@Suite(.enabled(if: Browser() != nil, "chromium is not installed")) struct BrowserTests {
  @Test func `a browser shows the page from disk without a complaint and with every picture`() throws {
    let browser = try #require(Browser())
    var suite = SyntheticSuite()
    suite.documents = 20
    let evidence = try suite.evidence()
    let report = SuiteReport(
      evidence: ClaimEvidence(
        publication: paperPublication(), publicationFile: EvidenceFile(name: "published.yaml", sha256: "0b"),
        suite: evidence), suite: evidence, isRepeated: false, programVersion: "0.1.0")
    try withTemporaryFolder { folder in
      try report.write(to: folder, gnuplot: systemGnuplot)
      let page = "file://\(folder)/index.html"
      let (dom, log) = try browser.run(["--dump-dom", page], profile: "\(folder)/profile")
      #expect(dom.contains("<h2>How to reproduce</h2>"))
      #expect(!log.contains("CONSOLE"), "\(log)")
      let pictures = dom.components(separatedBy: "class=\"plot\"").count - 1
      #expect(pictures == (systemGnuplot == nil ? 0 : 8))
      for width in [1280, 390] {
        let picture = "\(folder)/page-\(width).png"
        _ = try browser.run(
          ["--window-size=\(width),900", "--screenshot=\(picture)", page], profile: "\(folder)/profile-\(width)")
        #expect(FileManager.default.fileExists(atPath: picture))
      }
      _ = try browser.run(
        ["--print-to-pdf=\(folder)/page.pdf", "--no-pdf-header-footer", page], profile: "\(folder)/profile-pdf")
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/page.pdf")).starts(with: Data("%PDF".utf8)))
    }
  }
}
