import Comparison
import Results

extension SuiteEvidence {
  /// What a suite measured: its results, with what the names of its cells stand for.
  package init(
    _ suite: Suite, results: [Cell: CellResult], failures: [Cell: String], files: [Cell: EvidenceFile]
  ) {
    self.init(
      suite: suite.name, models: suite.models.map(\.name), compressions: suite.compressions.map(Self.compression),
      recoveries: suite.recoveries.map { Self.recovery($0, in: suite) }, results: results, failures: failures,
      files: files)
  }

  private static func compression(_ setting: CompressionSetting) -> Compression {
    switch setting.method {
    case .dense: Compression(name: setting.name, isDense: true, bits: nil)
    case .layerwise(let settings): Compression(name: setting.name, isDense: false, bits: settings.bits)
    }
  }

  private static func recovery(_ setting: RecoverySetting, in suite: Suite) -> Recovery {
    switch setting.method {
    case .none: Recovery(name: setting.name, kind: .none, tokens: nil)
    case .lora: Recovery(name: setting.name, kind: .lora, tokens: nil)
    case .prompt(let prompt): Recovery(name: setting.name, kind: .prompt, tokens: Double(prompt.tokens))
    case .prefix(let prefix): Recovery(name: setting.name, kind: .prefix, tokens: Double(prefix.tokens))
    case .idp(let idp):
      Recovery(name: setting.name, kind: .idp, tokens: meanTokens(of: idp.prompts, in: suite))
    case .concatenation(let prompts):
      Recovery(name: setting.name, kind: .concatenation, tokens: meanTokens(of: prompts, in: suite))
    }
  }

  /// Nil where there are no such prompts; a suite's file names only prompts that it has.
  private static func meanTokens(of names: [String], in suite: Suite) -> Double? {
    let tokens = suite.recoveries.filter { names.contains($0.name) }.compactMap { recovery in
      if case .prompt(let prompt) = recovery.method { Double(prompt.tokens) } else { nil }
    }
    return tokens.isEmpty ? nil : tokens.reduce(0, +) / Double(tokens.count)
  }
}
