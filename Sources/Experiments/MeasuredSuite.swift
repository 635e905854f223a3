import Comparison
import Results

extension SuiteEvidence {
  /// What a suite measured: its results, with what the names of its cells stand for.
  package init(
    _ suite: Suite, results: [Cell: CellResult], failures: [Cell: String], files: [Cell: EvidenceFile]
  ) {
    self.init(
      suite: suite.name, models: suite.models.map(\.name), compressions: suite.compressions.map(Self.compression),
      recoveries: suite.recoveries.map { Self.recovery($0, in: suite) }, cells: (try? suite.cells()).map(Set.init),
      results: results, failures: failures, files: files)
  }

  private static func compression(_ setting: CompressionSetting) -> Compression {
    switch setting.method {
    case .dense: Compression(name: setting.name, isDense: true, bits: nil)
    case .layerwise(let settings):
      Compression(
        name: setting.name, isDense: false, bits: settings.bits, method: settings.method.rawValue,
        sparsity: settings.sparsity, pattern: settings.pattern)
    }
  }

  private static func recovery(_ setting: RecoverySetting, in suite: Suite) -> Recovery {
    switch setting.method {
    case .none: Recovery(name: setting.name, kind: .none, tokens: nil)
    case .lora(let lora): Recovery(name: setting.name, kind: .lora, tokens: nil, size: lora.rank)
    case .prompt(let prompt):
      Recovery(name: setting.name, kind: .prompt, tokens: Double(prompt.tokens), size: prompt.tokens)
    case .prefix(let prefix):
      Recovery(name: setting.name, kind: .prefix, tokens: Double(prefix.tokens), size: prefix.tokens)
    case .idp(let idp): combination(setting.name, .idp, of: idp.prompts, in: suite)
    case .concatenation(let prompts): combination(setting.name, .concatenation, of: prompts, in: suite)
    }
  }

  /// A suite's file names only prompts that it has; without any there are no tokens.
  private static func combination(
    _ name: String, _ kind: Recovery.Kind, of prompts: [String], in suite: Suite
  ) -> Recovery {
    let tokens = suite.recoveries.filter { prompts.contains($0.name) }.compactMap { recovery in
      if case .prompt(let prompt) = recovery.method { prompt.tokens } else { nil }
    }
    let sum = tokens.reduce(0, +)
    return Recovery(
      name: name, kind: kind, tokens: tokens.isEmpty ? nil : Double(sum) / Double(tokens.count),
      size: tokens.isEmpty ? nil : sum, prompts: prompts)
  }
}
