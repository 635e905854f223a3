import Compression
import Tensors
import Testing

@Suite struct CalibrationTests {
  /// Documents whose tokens say where they are: 100 · document + place.
  private func calibration(
    _ lengths: [Int], _ minimum: Calibration.MinimumLength, count: Int = 5, length: Int = 4, seed: Int = 0
  ) throws -> Calibration {
    try Calibration(
      documentCount: lengths.count, tokens: { document in (0..<lengths[document]).map { 100 * document + $0 } },
      minimum: minimum, sampleCount: count, length: length, seed: seed)
  }

  @Test func `documents are drawn until one is long enough, and then a place in it`() throws {
    // CPython 3.11: random.seed(0); randint(0, 3) for a document, then randint(0, 14 - 4 - 1) or randint(0, 9 - 4 - 1).
    let found = try calibration([2, 9, 3, 14], .atLeast)
    #expect(found.drawnDocuments == [3, 0, 2, 3, 2, 3, 1, 1])
    #expect(found.samples.map(\.document) == [3, 3, 3, 1, 1])
    #expect(found.samples.map(\.offset) == [6, 6, 5, 4, 2])
    #expect(found.samples.map(\.documentTokens) == [14, 14, 14, 9, 9])
    #expect(found.sequences.count == 5)
    #expect(found.sequences[2] == [305, 306, 307, 308])
    #expect(found.sequences[3] == [104, 105, 106, 107])
  }

  @Test func `document and place come from one generator, in turn`() throws {
    let lengths = [2, 9, 3, 14]
    var generator = MersenneTwister(seed: 7)
    var drawn: [Int] = []
    var offsets: [Int] = []
    while offsets.count < 12 {
      let document = try generator.randint(0, 3)
      drawn.append(document)
      if lengths[document] > 4 { offsets.append(try generator.randint(0, lengths[document] - 5)) }
    }
    let found = try calibration(lengths, .moreThan, count: 12, seed: 7)
    #expect(found.drawnDocuments == drawn)
    #expect(found.samples.map(\.offset) == offsets)
    #expect(drawn.contains(0) && drawn.contains(2), "this seed draws both documents that are too short")
  }

  @Test func `the last token of a document is in no sequence`() throws {
    // Offsets go to length - 4 - 1, as in the reference: of 6 tokens, sequences begin at 0 or 1.
    let found = try calibration([6], .moreThan, count: 50)
    #expect(Set(found.samples.map(\.offset)) == [0, 1])
    #expect(!found.sequences.joined().contains(5))
  }

  @Test func `a document of exactly the length has no place, or is not drawn from`() throws {
    // Seed 0 draws document 3 first and document 0, of four tokens, second.
    #expect(throws: CalibrationError.noPlace(document: 0, length: 4)) { try calibration([4, 9, 3, 14], .atLeast) }
    let found = try calibration([4, 9, 3, 14], .moreThan)
    #expect(found.drawnDocuments == [3, 0, 2, 3, 2, 3, 1, 1])
    #expect(found.samples.map(\.document) == [3, 3, 3, 1, 1])
  }

  @Test(.timeLimit(.minutes(1)))
  func `where no document is long enough there is an error, and an end`() {
    #expect(throws: CalibrationError.noDocument(longestTokens: 3, length: 4)) { try calibration([1, 3, 2], .atLeast) }
    #expect(throws: CalibrationError.noDocument(longestTokens: 4, length: 4)) { try calibration([1, 4, 2], .moreThan) }
    #expect(throws: CalibrationError.noDocument(longestTokens: 0, length: 4)) { try calibration([0], .atLeast) }
    #expect(throws: CalibrationError.noDocument(longestTokens: 0, length: 4)) { try calibration([], .atLeast) }
  }

  @Test func `a document is asked for once`() throws {
    var asked: [Int] = []
    _ = try Calibration(
      documentCount: 3,
      tokens: { document in
        asked.append(document)
        return Array(repeating: 1, count: 5 * document)
      },
      minimum: .moreThan, sampleCount: 40, length: 4, seed: 0)
    #expect(asked.sorted() == [0, 1, 2])
  }

  @Test func `places in one text are drawn one after the other`() throws {
    // CPython 3.11: random.seed(0), and six times randint(0, 100 - 8 - 1).
    let found = try Calibration(text: Array(0..<100), sampleCount: 6, length: 8, seed: 0)
    #expect(found.samples.map(\.offset) == [49, 53, 5, 33, 65, 62])
    #expect(found.sequences[2] == Array(5..<13))
    #expect(found.samples.allSatisfy { $0.document == 0 && $0.documentTokens == 100 })
  }

  @Test func `a text must be longer than a sequence`() throws {
    #expect(throws: CalibrationError.noDocument(longestTokens: 8, length: 8)) {
      try Calibration(text: Array(0..<8), sampleCount: 1, length: 8, seed: 0)
    }
    #expect(try Calibration(text: Array(0..<9), sampleCount: 1, length: 8, seed: 0).sequences == [Array(0..<8)])
  }

  @Test func `rows are joined by two newlines or by a blank`() {
    let rows = ["", " = Title = \n", " Text .\n"]
    #expect(Calibration.RowJoining.twoNewlines.text(of: rows) == "\n\n = Title = \n\n\n Text .\n")
    #expect(Calibration.RowJoining.blank.text(of: rows) == "  = Title = \n  Text .\n")
  }
}
