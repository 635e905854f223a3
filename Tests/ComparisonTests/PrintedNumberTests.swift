import Comparison
import Testing

@Suite struct PrintedNumberTests {
  private func number(_ text: String) throws -> PrintedNumber { try #require(PrintedNumber(text)) }

  @Test func `digits are kept as printed`() throws {
    let score = try number("92.60")
    #expect(score.units == 9260 && score.exponent == -2 && score.value == 92.6 && score.halfUnit == 0.005)
    let size = try number("4.4M")
    #expect(size.units == 44 && size.exponent == 5 && size.value == 4_400_000 && size.halfUnit == 50_000)
    let loss = try number("-1.03")
    #expect(loss.units == -103 && loss.value == -1.03)
    #expect(try number("7B").value == 7e9)
  }

  @Test(arguments: ["", "nan", "inf", "1e3", "0x10", ".5", "5.", "1.2.3", "1,000", "−1", "4.4 M", "1234567890123456"])
  func `what is no printed number is nil`(text: String) {
    #expect(PrintedNumber(text) == nil)
  }

  @Test func `digits may be rounded or cut`() throws {
    let size = try number("4.4M")
    #expect(size.isPrint(of: 4_350_000) && size.isPrint(of: 4_472_832) && size.isPrint(of: 4_499_999))
    #expect(!size.isPrint(of: 4_349_999) && !size.isPrint(of: 4_500_000))
    let loss = try number("-1.0")
    #expect(loss.isPrint(of: -1.05) && loss.isPrint(of: -1.09) && loss.isPrint(of: -0.95))
    #expect(!loss.isPrint(of: -1.1) && !loss.isPrint(of: -0.94))
  }
}
