import Comparison
import Testing

@Suite struct GRIMTestTests {
  private func count(_ text: String, of documents: Int) throws -> Int? {
    GRIMTest(documents: documents).count(printedAs: try #require(PrintedNumber(text)))
  }

  @Test func `a share of few documents has few decimals`() throws {
    #expect(try count("33.33", of: 3) == 1)
    #expect(try count("33.3", of: 3) == 1)
    #expect(try count("33.34", of: 3) == nil)
    #expect(try count("0.00", of: 7) == 0)
    #expect(try count("100.00", of: 7) == 7)
    #expect(try count("50", of: 7) == nil)  // 3/7 is 43 %, 4/7 is 57 %
  }

  @Test func `a tie may be rounded either way`() throws {
    // 1/16 is 6.25 %
    #expect(try count("6.2", of: 16) == 1)
    #expect(try count("6.3", of: 16) == 1)
    #expect(try count("6.4", of: 16) == nil)
  }

  @Test(arguments: [1, 3, 16, 700, 1172, 2376, 7993])
  func `exactly the printed shares of its documents are counts`(documents: Int) throws {
    let test = GRIMTest(documents: documents)
    var attained = 0
    for units in 0...10_000 {
      let text = "\(units / 100).\(units % 100 / 10)\(units % 10)"
      guard let count = test.count(printedAs: try #require(PrintedNumber(text))) else { continue }
      attained += 1
      #expect(abs(100 * Double(count) / Double(documents) - Double(units) / 100) <= 0.005 + 1e-12)
    }
    #expect(attained >= documents + 1, "each count prints as something")
    // A count on a tie prints as either of two.
    #expect(attained <= documents + 1 + documents / 3)
    #expect(test.attainableShare(places: 2) == Double(documents + 1) / 10_001)
  }

  @Test func `with as many documents as percentages there is no power`() {
    #expect(GRIMTest(documents: 10_000).attainableShare(places: 2) == 1)
    #expect(GRIMTest(documents: 10_042).attainableShare(places: 2) == 1)
    #expect(GRIMTest(documents: 10_042).attainableShare(places: 3) < 0.11)
  }
}
