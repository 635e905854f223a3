import Artifacts
import Evaluation
import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenRolling", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenRolling {
  @Test(arguments: Golden.cases(of: "rolling"))
  func `windows, log-likelihoods and perplexities are the reference's`(golden: GoldenCase) throws {
    try check(golden, try loadModel(folder: golden.path("model")))
  }

  private func check(_ golden: GoldenCase, _ model: some LanguageModel) throws {
    let tokenizer = try Tokenizer(folder: golden.path("tokenizer"))
    let isPlain = try golden.string("encoding") == "sentencepiece"
    let addsBeginning = golden.member("add_bos")?.boolean == true
    func tokenize(_ text: String) -> [Int] {
      let tokens = isPlain ? tokenizer.encodePlain(text) : tokenizer.encode(text)
      return addsBeginning ? [tokenizer.beginning].compactMap(\.self) + tokens : tokens
    }
    let pages = try Wikitext(path: golden.path("document_file")).pages
    var mismatches = pages.count == (try golden.integer("pages_in_file")) ? 0 : 1
    let numbers = (golden.member("documents")?.array ?? []).compactMap(\.integer)
    let documents = numbers.map { PerplexityDocument(index: $0, original: pages[$0]) }
    let maximumLength = try golden.integer("max_length")
    let prefixToken = try golden.integer("prefix_token")
    let contextLength = try golden.integer("context_length")
    let found = try RollingPerplexity(
      of: documents,
      scorer: LogLikelihoodScorer(model: model, maximumLength: maximumLength, workers: Workers(threadCount: 2)),
      prefixToken: prefixToken, contextLength: contextLength, tokenize: tokenize)

    let expected = try golden.json("expected").array ?? []
    try #require(expected.count == documents.count, "\(golden.name): documents")
    for (document, (score, record)) in zip(documents, zip(found.documents, expected)) {
      let place = "\(golden.name), document \(document.index)"
      func compare(_ quantity: String, _ isEqual: Bool?) {
        guard isEqual == false else { return }
        mismatches += 1
        Issue.record("\(place): \(quantity) differs")
      }
      let tokens = tokenize(document.text)
      let windows = rollingWindows(
        of: tokens, maximumLength: maximumLength, prefixToken: prefixToken, contextLength: contextLength)
      compare("index", record["doc_index"]?.integer.map { $0 == document.index })
      compare("words", record["words"]?.integer.map { $0 == score.wordCount })
      compare("bytes", record["bytes"]?.integer.map { $0 == score.byteCount })
      compare("tokens", record["n_tokens"]?.integer.map { $0 == score.tokenCount })
      compare("windows", record["windows"]?.integer.map { $0 == windows.count })
      compare("page", record["page_sha256"]?.string.map { $0 == sha256(pages[document.index].utf8) })
      compare("detokenized text", record["detokenized_sha256"]?.string.map { $0 == sha256(document.text.utf8) })
      compare("length", record["detokenized_chars"]?.integer.map { $0 == document.text.unicodeScalars.count })
      compare(
        "first ids",
        record["token_ids_first32"]?.array.map { $0.compactMap(\.integer) == Array(tokens.prefix($0.count)) })
      let list = "[" + tokens.map(String.init).joined(separator: ", ") + "]"
      compare("ids", record["token_ids_sha256_of_json"]?.string.map { $0 == sha256(list.utf8) })

      let window = try golden.numberTolerance("window")
      let whole = NumberTolerance(absolute: 0, relative: try golden.tolerance("document_rel"))
      let field = try golden.string("loglikelihood_field")
      if let value = record[field]?.double {
        try golden.compare([score.logLikelihood], with: [value], whole, "\(place): log-likelihood")
      } else {
        Issue.record("\(place): no \(field)")
      }
      guard let window else { continue }
      if let name = golden.member("first_window_field")?.string, let value = record[name]?.double {
        try golden.compare(Array(score.windowLogLikelihoods.prefix(1)), with: [value], window, "\(place): first window")
      }
      if let name = golden.member("window_field")?.string, let values = record[name] {
        try golden.compare(
          score.windowLogLikelihoods, with: values.numbers("\(place): windows"), window, "\(place): windows")
      }
    }
    #expect(Double(mismatches) <= (try golden.tolerance("count_mismatches")), "\(golden.name): counts")

    for metric in golden.member("expected_metrics")?.object ?? [] {
      guard let value = metric.value.double else { continue }
      let number =
        switch metric.name {
        case "word_perplexity": found.wordPerplexity
        case "byte_perplexity": found.bytePerplexity
        case "bits_per_byte": found.bitsPerByte
        default: throw GoldenError(description: "\(golden.name): an unknown metric \(metric.name)")
        }
      let tolerance = NumberTolerance(absolute: 0, relative: try golden.tolerance("\(metric.name)_rel"))
      try golden.compare([number], with: [value], tolerance, metric.name)
    }
  }
}
