import Compression
import Foundation
import Models
import Testing

@Suite("GoldenCalibration", .enabled(if: Golden.isPresent, Golden.absence))
struct GoldenCalibration {
  @Test(arguments: Golden.cases(of: "calibration"))
  func `calibration sequences are the reference's`(golden: GoldenCase) throws {
    let tokenizer = try Tokenizer(folder: golden.path("tokenizer"))
    try #require(golden.member("add_bos")?.boolean == true)
    let (count, length, seed) = (
      try golden.integer("sample_count"), try golden.integer("length"), try golden.integer("seed")
    )
    let calibration: Calibration
    switch try golden.string("source") {
    case "c4":
      let documents = try TextCorpus(jsonLines: golden.path("document_file")).documents
      if golden.member("document_token_counts") != nil {
        let expected = try (golden.json("document_token_counts").array ?? []).map(\.integer)
        #expect(documents.map { tokenizer.encodeWithBeginning($0).count } == expected, "\(golden.name): token counts")
      }
      let rule = try golden.string("minimum")
      let minimum: Calibration.MinimumLength? =
        switch rule {
        case "at_least": .atLeast
        case "more_than": .moreThan
        default: nil
        }
      guard let minimum else { throw GoldenError(description: "\(golden.name): an unknown minimum \(rule)") }
      func draw() throws -> Calibration {
        try Calibration(
          documentCount: documents.count, tokens: { tokenizer.encodeWithBeginning(documents[$0]) }, minimum: minimum,
          sampleCount: count, length: length, seed: seed)
      }
      if golden.member("raises")?.boolean == true {
        #expect(throws: CalibrationError.self) { try draw() }
        return
      }
      calibration = try draw()
    case "wikitext2":
      let rows = try Wikitext(path: golden.path("document_file")).rows
      let joining = try #require(Calibration.RowJoining(rawValue: golden.string("join")))
      let tokens = tokenizer.encodeWithBeginning(joining.text(of: rows))
      #expect(tokens.count == golden.member("total_tokens")?.integer)
      calibration = try Calibration(text: tokens, sampleCount: count, length: length, seed: seed)
    case let source:
      throw GoldenError(description: "\(golden.name): an unknown source \(source)")
    }

    #expect(try golden.tensor("token_ids").integers() == calibration.sequences.flatMap(\.self), "\(golden.name)")
    if golden.member("samples") != nil {
      let expected = try (golden.json("samples").array ?? []).map {
        [$0["doc"], $0["offset"], $0["doc_tokens"]].map { $0?.integer }
      }
      #expect(
        calibration.samples.map { [$0.document, $0.offset, $0.documentTokens] } == expected, "\(golden.name): samples")
    }
    if golden.member("drawn_documents") != nil {
      let expected = try (golden.json("drawn_documents").array ?? []).map(\.integer)
      #expect(calibration.drawnDocuments == expected, "\(golden.name): drawn documents")
    }
    if golden.member("offsets") != nil {
      let expected = try (golden.json("offsets").array ?? []).map(\.integer)
      #expect(calibration.samples.map(\.offset) == expected, "\(golden.name): offsets")
    }
  }
}
