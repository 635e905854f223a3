import Evaluation
import Models
import Tensors
import Testing

@Suite("GoldenGreedy", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenGreedy {
  @Test(arguments: Golden.cases(of: "greedy"))
  func `generated tokens, texts and exact matches are the reference's`(golden: GoldenCase) throws {
    try check(golden, try loadModel(folder: golden.path("model")))
  }

  private func check(_ golden: GoldenCase, _ model: some LanguageModel) throws {
    let tokenizer = try Tokenizer(folder: golden.path("tokenizer"))
    let isPlain = try golden.string("encoding") == "sentencepiece"
    let kind = try golden.string("kind")
    let rows = try GoldenTask.lines(of: golden.path("rows_file")).filter { $0["kind"]?.string == kind }
    #expect(rows.count == (try golden.integer("rows")))
    let maximumTokens = try golden.integer("max_new_tokens")
    let stopToken = golden.member("stop_token")?.integer

    let contexts = try rows.map { row in
      let context = try row.text("context")
      let tokens = isPlain ? tokenizer.encodePlain(context) : tokenizer.encode(context)
      return golden.member("add_bos")?.boolean == true ? [tokenizer.beginning].compactMap(\.self) + tokens : tokens
    }
    var tokenMismatches = zip(contexts, rows).count { tokens, row in
      row["context_tokens"]?.array.map { $0.compactMap(\.integer) != tokens } ?? false
    }
    let decoder = GreedyDecoder(
      model: model, maximumLength: try golden.integer("max_context") + maximumTokens, workers: Workers(threadCount: 2))
    let outputs = try decoder.outputs(after: contexts, maximumTokens: maximumTokens, stopToken: stopToken)

    let generation = GenerationRequest(
      context: "", stops: (golden.member("cut_stops")?.array ?? []).compactMap(\.string), maximumTokens: maximumTokens)
    var textMismatches = 0
    var exactMatches: [Double] = []
    for (output, row) in zip(outputs, rows) {
      let expected = (row["generated_tokens"]?.array ?? []).compactMap(\.integer)
      let limit = golden.member("compare_until_field")?.string.flatMap { row[$0]?.integer }
      // Whether a stop token is part of what is recorded, the record itself shows.
      let isStopRecorded = output.ending == .stopToken && expected.last == stopToken
      let found = output.tokens + (isStopRecorded ? [stopToken].compactMap(\.self) : [])
      let count = limit ?? max(found.count, expected.count)
      if found.prefix(count) != expected.prefix(count) { tokenMismatches += 1 }
      guard limit == nil else { continue }
      let text = isPlain ? tokenizer.decodePlain(found) : tokenizer.decode(found, skippingSpecials: false)
      let answer = generation.cut(text)
      if text != row["generated_text_decoded_alone"]?.string { textMismatches += 1 }
      if answer != row["cut_at_stops"]?.string { textMismatches += 1 }
      guard let aliases = row["aliases"]?.array?.compactMap(\.string), let value = row["em"]?.double else { continue }
      let isMatch = ExactMatch.master2023.holds(answer, among: aliases)
      exactMatches.append(isMatch ? 1 : 0)
      #expect(isMatch == (value == 1), "\(golden.name): “\(answer)” among \(aliases)")
    }
    #expect(
      Double(tokenMismatches) <= (try golden.tolerance("token_mismatches")),
      "\(golden.name): tokens of \(tokenMismatches) rows differ")
    #expect(
      Double(textMismatches) <= (try golden.tolerance("text_mismatches")),
      "\(golden.name): \(textMismatches) texts differ")
    if let expected = golden.member("exact_match_mean")?.double, exactMatches.count == rows.count {
      #expect(
        abs(mean(exactMatches) - expected) <= (try golden.tolerance("exact_match_abs")),
        "\(golden.name): exact match \(mean(exactMatches)), expected \(expected)")
    }
  }
}

extension JSONValue {
  fileprivate func text(_ name: String) throws -> String {
    guard let text = self[name]?.string else { throw GoldenError(description: "no text \(name) in \(self)") }
    return text
  }
}
