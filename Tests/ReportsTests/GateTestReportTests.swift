import Comparison
import Reports
import Testing

@Suite struct GateTestReportTests {
  private let report = GateTestReport(
    suite: "small",
    outcomes: [
      GateTest.Outcome(title: "a NaN", verdict: .caught, status: 3, reason: "no valid JSON"),
      GateTest.Outcome(title: "twice the time", verdict: .notApplicable, status: 0, reason: "no times"),
      GateTest.Outcome(title: "a zero", verdict: .missed, status: 0, reason: "the comparison is green"),
    ])

  @Test func `each fault has a line, and what was missed is told from what was not there`() {
    #expect(
      report.plainText() == """
        caught    a NaN           status 3
                  no valid JSON
        not here  twice the time
                  no times
        MISSED    a zero          status 0
                  the comparison is green
        small: 1 of 2 faults turn the gate red for the right reason; without one it is green; 1 could not be injected

        """)
  }

  @Test func `JSON has the same`() throws {
    #expect(try report.json().contains("\"outcome\" : \"missed\""))
  }
}
