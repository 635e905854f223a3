/// A question to a model: what does it write after `context`?
package struct GenerationRequest: Sendable, Equatable {
  package let context: String
  /// Texts that end the answer, and are no part of it.
  package let stops: [String]
  package let maximumTokens: Int

  package init(context: String, stops: [String], maximumTokens: Int) {
    self.context = context
    self.stops = stops
    self.maximumTokens = maximumTokens
  }

  package static func == (one: GenerationRequest, other: GenerationRequest) -> Bool {
    one.context.utf8.elementsEqual(other.context.utf8) && one.maximumTokens == other.maximumTokens
      && one.stops.elementsEqual(other.stops) { $0.utf8.elementsEqual($1.utf8) }
  }

  /// `text` up to the first of the stops.
  ///
  /// Source: `greedy_until` in lm-evaluation-harness, lm_eval/base.py.
  package func cut(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let ends = stops.filter { !$0.isEmpty }.compactMap { bytes.firstRange(of: Array($0.utf8))?.lowerBound }
    return String(decoding: bytes[..<(ends.min() ?? bytes.count)], as: UTF8.self)
  }
}
