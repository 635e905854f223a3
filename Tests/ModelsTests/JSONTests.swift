import Models
import Testing

@Suite struct JSONTests {
  @Test func `values keep their order, kind and exact text`() throws {
    let value = try JSONValue(parsing: #"{"b": [1, -2.5e1, true, null], "a": "x\n\u00e9\ud83d\ude00"}"#)
    #expect(value.object?.map(\.name) == ["b", "a"])
    #expect(value["b"]?.array == [.integer(1), .number(-25), .boolean(true), .null])
    #expect(value["a"]?.string == "x\n\u{E9}\u{1F600}")
  }

  @Test func `names that are only canonically equivalent stay apart`() throws {
    let value = try JSONValue(parsing: "{\"\u{C5}\": 1, \"\u{212B}\": 2}")
    #expect(value["\u{C5}"]?.integer == 1)
    #expect(value["\u{212B}"]?.integer == 2)
  }

  @Test(arguments: [
    "", "{", "[1,]", "[1 2]", "{\"a\" 1}", "{\"a\":1,\"a\":2}", "01", "1.", "-", "+1", "1e", "tru", "nul", "\"",
    "\"\\x\"",
    "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u12g4\"", "\"\u{1}\"", "[] []", "1e999",
    String(repeating: "[", count: 100_000),
  ])
  func `a malformed text is an error`(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test func `invalid UTF-8 is an error, not a replacement`() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
  }

  @Test func `an error names line and column`() {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "{\n  \"a\": ?\n}") }
    #expect(error?.line == 2)
    #expect(error?.column == 8)
  }
}
