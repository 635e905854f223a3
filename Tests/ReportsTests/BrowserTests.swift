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

private func report() throws -> SuiteReport {
  var suite = SyntheticSuite()
  suite.documents = 20
  let evidence = try suite.evidence()
  return SuiteReport(
    evidence: ClaimEvidence(
      publication: paperPublication(), publicationFile: EvidenceFile(name: "published.yaml", sha256: "0b"),
      suite: evidence), suite: evidence, isRepeated: false, programVersion: "0.1.0")
}

/// Moves every box of a page to its right end, and tells the page around it whether the page itself is too wide, how many
/// boxes moved, and how many names of rows are no longer at the left of their box.
private let measuringScript = """
  <script>
  onload = () => {
    for (const part of document.querySelectorAll('details')) part.open = true;
    const root = document.documentElement;
    let moved = 0, lost = 0;
    for (const box of document.querySelectorAll('.scroll')) {
      box.scrollLeft = 10000;
      if (box.scrollLeft > 0) moved += 1;
      for (const name of box.querySelectorAll('tbody tr:not(.group) th, tr.group span')) {
        if (Math.abs(name.getBoundingClientRect().left - box.getBoundingClientRect().left) > 12) lost += 1;
      }
    }
    const isTooWide = root.scrollWidth > root.clientWidth;
    parent.postMessage(`${innerWidth}: too wide ${isTooWide}, moved ${moved > 0}, lost ${lost};`, '*');
  };
  </script>
  """

@Suite(.enabled(if: Browser() != nil, "chromium is not installed")) struct BrowserTests {
  @Test func `a browser shows the page from disk without a complaint and with every picture`() throws {
    let browser = try #require(Browser())
    let report = try report()
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
  @Test(arguments: [1280, 390])
  func `what is wider than the screen moves by itself, and its rows keep their names`(width: Int) throws {
    let browser = try #require(Browser())
    let report = try report()
    try withTemporaryFolder { folder in
      try report.write(to: folder, gnuplot: systemGnuplot)
      let page = try String(contentsOfFile: "\(folder)/index.html", encoding: .utf8)
      try page.replacingOccurrences(of: "</head>", with: measuringScript + "</head>")
        .write(toFile: "\(folder)/measured.html", atomically: true, encoding: .utf8)
      // A window has a least width that is more than a phone's.
      let frame = """
        <script>onmessage = event => document.body.append(event.data)</script>
        <body><iframe src="measured.html" width="\(width)" height="800"></iframe></body>
        """
      try frame.write(toFile: "\(folder)/frame.html", atomically: true, encoding: .utf8)
      let arguments = [
        "--window-size=1700,900", "--virtual-time-budget=5000", "--dump-dom", "file://\(folder)/frame.html",
      ]
      let dom = try browser.run(arguments, profile: "\(folder)/profile").output
      #expect(dom.contains("\(width): too wide false, "), "\(dom)")
      #expect(dom.contains("lost 0;"))
      // All of it fits on a wide screen.
      #expect(width > 390 || dom.contains("moved true"))
    }
  }
}
