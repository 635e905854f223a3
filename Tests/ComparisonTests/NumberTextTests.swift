import Comparison
import Testing

@Suite struct NumberTextTests {
  @Test func `a difference has its sign, the minus of a keyboard`() {
    #expect(signed(0.74, 1) == "+0.7")
    #expect(signed(-27.16, 1) == "-27.2")
    #expect(signed(0, 2) == "+0.00")
  }

  @Test func `what is rounded to zero is not negative`() {
    #expect(signed(-0.04, 1) == "+0.0")
    #expect(decimal(-0.004, 2) == "0.00")
    #expect(decimal(-0.006, 2) == "-0.01")
  }
}
