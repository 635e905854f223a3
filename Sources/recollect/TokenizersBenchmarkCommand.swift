import ArgumentParser
import Foundation
import Models
import Reports

struct TokenizersBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizers",
    abstract: "Measure how fast tokenizers encode, on one thread.",
    discussion: """
      Each form that a folder has encodes each text as a whole and line by line, and a run of one letter. Where \
      RECOLLECT_PYTHON names a Python that has the library tokenizers, that library encodes the same texts in turn \
      with this program, from the folder's tokenizer.json.
      """)

  @Option(name: .customLong("tokenizer"), help: "The folder of a tokenizer; may be repeated.")
  var folders: [String]

  @Option(name: .customLong("text"), help: "A file of text, of which the first MB is taken; may be repeated.")
  var files: [String] = []

  @Option(help: "How often each text is encoded; the table has the medians.")
  var repetitions = 5

  func validate() throws {
    if repetitions < 1 { throw ValidationError("--repetitions must be at least 1.") }
  }

  func run() throws {
    try reportingErrors {
      let samples = try samples()
      let reference = try ReferenceTokenizers.started()
      var rows: [[String]] = []
      for folder in folders {
        let forms = Tokenizer.Form.allCases.filter { $0.isPresent(in: folder) }
        // Says what is missing.
        if forms.isEmpty { _ = try Tokenizer(folder: folder) }
        let comparable = forms.contains(.json) ? reference : nil
        try comparable?.load(tokenizer: folder + "/tokenizer.json")
        for form in forms {
          let subject = URL(fileURLWithPath: folder).lastPathComponent + ", " + form.files[0]
          let (loading, tokenizer) = try Measurement.timed { try Tokenizer(folder: folder, form: form) }
          print("\(subject): read in \(Int((loading * 1000).rounded())) ms")
          for sample in samples {
            rows.append(["\(subject), \(sample.name)"] + (try figures(sample, tokenizer, comparable)))
          }
        }
      }
      let heading =
        ["tokenizer, form, text", "MB/s"] + (reference == nil ? [] : ["tokenizers MB/s", "ratio", "same count"])
      print()
      print(TextTable(heading: heading, rows: rows, headingWidth: 15, gap: 2).text, terminator: "")
      if reference == nil {
        print("→ to compare: name a Python that has the library tokenizers in \(PythonPeer.variable)")
      }
    }
  }

  /// The medians of one row: MB/s of this program and, beside a reference, MB/s of it, the ratio, and whether both gave
  /// equally many ids.
  private func figures(_ sample: Sample, _ tokenizer: Tokenizer, _ reference: ReferenceTokenizers?) throws -> [String] {
    try reference?.take(texts: sample.texts)
    var ours: [Double] = []
    var theirs: [Double] = []
    var counts: Set<Int> = []
    // In turn, so that whatever else the machine does meets both.
    for _ in 0..<repetitions {
      let (seconds, count) = Measurement.timed { sample.texts.reduce(0) { $0 + tokenizer.encode($1).count } }
      ours.append(seconds)
      counts.insert(count)
      guard let reference else { continue }
      let timing = try reference.measure()
      theirs.append(timing.seconds)
      counts.insert(timing.tokenCount)
    }
    func speed(_ seconds: Double) -> String { String(format: "%.1f", Double(sample.byteCount) / 1e6 / seconds) }
    if theirs.isEmpty { return [speed(Measurement.median(ours))] }
    return [
      speed(Measurement.median(ours)), speed(Measurement.median(theirs)),
      String(format: "%.1f", Measurement.median(theirs) / Measurement.median(ours)),
      counts.count == 1 ? "yes" : "NO",
    ]
  }

  // MARK: The texts

  /// What is encoded between two looks at the clock.
  private struct Sample {
    let name: String
    let texts: [String]
    var byteCount: Int { texts.reduce(0) { $0 + $1.utf8.count } }
  }

  private func samples() throws -> [Sample] {
    let size = 1_000_000
    var samples: [Sample] = []
    for path in files {
      let file = try MappedFile(path: path)
      let text = withExtendedLifetime(file) { String(decoding: file.bytes.prefix(size), as: UTF8.self) }
      let name = URL(fileURLWithPath: path).lastPathComponent
      samples.append(Sample(name: name, texts: [text]))
      samples.append(Sample(name: name + " by lines", texts: text.split(separator: "\n").map(String.init)))
    }
    samples.append(Sample(name: "one letter", texts: [String(repeating: "a", count: size)]))
    return samples
  }
}
