import Evaluation
import Foundation
import Models
import Tensors
import Testing

@Suite("GoldenWindows", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenWindows {
  @Test(arguments: Golden.cases(of: "windows"))
  func `window losses and perplexity are the reference's`(golden: GoldenCase) throws {
    let ids = try golden.tensor("window_ids")
    let all = try ids.integers()
    let length = ids.shape[1]
    let windows = stride(from: 0, to: all.count, by: length).map { Array(all[$0..<$0 + length]) }
    if golden.member("document_file") != nil {
      let tokenizer = try Tokenizer(folder: golden.path("tokenizer"))
      let text = try Wikitext(path: golden.path("document_file")).rows.joined(separator: try golden.string("join"))
      let tokens =
        golden.member("add_bos")?.boolean == true
        ? tokenizer.encodeWithBeginning(text) : tokenizer.encode(text)
      if let total = golden.member("total_tokens")?.integer { #expect(tokens.count == total, "\(golden.name): tokens") }
      let first = try golden.integer("first_window") * length
      #expect(Array(tokens[first..<first + all.count]) == all, "\(golden.name): window ids")
    }
    let found = try WindowPerplexity(
      of: loadModel(folder: golden.path("model")), windows: windows, workers: Workers(threadCount: 2))
    let expected = try golden.json("window_mean_loss").array ?? []
    let allowed = try golden.tolerance("window_abs")
    for (index, (loss, value)) in zip(found.windowLosses, expected).enumerated() {
      let reference = try #require(value.double)
      #expect(abs(loss - reference) <= allowed, "\(golden.name): window \(index) has \(loss), expected \(reference)")
    }
    let ratio = found.perplexity / (try golden.double("perplexity"))
    #expect(
      abs(ratio - 1) <= (try golden.tolerance("perplexity_rel")), "\(golden.name): perplexity \(found.perplexity)")
  }
}
