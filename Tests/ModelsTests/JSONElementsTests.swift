import Models
import Testing

@Suite struct JSONElementsTests {
  /// The elements with their lines, or the error.
  private func elements(_ text: String, member: String? = nil) throws -> [(JSONValue, Int)]? {
    try Array(text.utf8).withUnsafeBytes { bytes in
      guard var elements = try JSONElements(of: bytes, member: member) else { return nil }
      var found: [(JSONValue, Int)] = []
      while let element = try elements.next() { found.append((element.value, element.line)) }
      return found
    }
  }

  @Test func `elements come one by one with the line they begin in`() throws {
    let found = try #require(try elements(" [1, {\"a\": [2, \"]\"]},\n\n  \"x,\\\"]\"\n, null ] \n"))
    #expect(found.map(\.1) == [1, 1, 3, 4])
    #expect(
      found.map(\.0) == [
        .integer(1), .object([.init(name: "a", value: .array([.integer(2), .string("]")]))]), .string("x,\"]"), .null,
      ])
  }

  @Test func `the array may be a member, wherever it stands in its object`() throws {
    for text in [
      #"{"Data": [1, 2], "Domain": "Web"}"#, #"{"Domain": {"Data": [3]}, "Data": [1, 2]}"#,
      #"{"a": "}", "b": [], "Data" : [1,2]}"#,
    ] {
      #expect(try elements(text, member: "Data")?.map(\.0) == [.integer(1), .integer(2)])
    }
    #expect(try elements(#"{"Data": []}"#, member: "Data")?.isEmpty == true)
  }

  @Test func `another value than such an array is none`() throws {
    for text in ["{}", "3", #"{"a": 1}"#, #"{"Data": {}}"#, ""] {
      #expect(try elements(text, member: "Data") == nil)
      #expect(try elements(text) == nil)
    }
  }

  @Test(arguments: [
    "[1, 2", "[1 2]", "[1,]", "[,1]", "[1]]", "[1] 2", "[\"a]", "[{\"a\": 1]", "[{\"a\" 1}]", "[tru]", "[1, \u{7F}]",
    "[[]",
    "[\"\\", "[{}}]",
  ])
  func `what the parser of whole texts refuses is refused at the same place`(text: String) throws {
    let expected = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    let found = #expect(throws: JSONError.self) { try elements(text) }
    // A value that ends too early is cut before its end is looked for, so that the reasons may differ.
    #expect(found?.line == expected?.line)
  }

  @Test func `errors of a later element have the line and column of the file`() {
    let error = #expect(throws: JSONError.self) { try elements("[1,\n 2,\n  {\"a\":\n 3,, }]") }
    #expect(error?.line == 4 && error?.column == 4)
    #expect(error?.reason == "expected a member's name in an object")
    let same = #expect(throws: JSONError.self) { try elements("[1,\n 2,  {\"a\" 3}]") }
    #expect(same?.line == 2 && same?.column == 11)
    #expect(same?.reason == "expected “:” after a member's name")
  }

  @Test func `what stands behind the array in its object is checked too`() {
    for text in [
      #"{"Data": [1], "b": tru}"#, #"{"Data": [1], "b": 2"#, #"{"Data": [1]} x"#, #"{"Data": [1], "Data": 2}"#,
    ] {
      #expect(throws: JSONError.self) { try elements(text, member: "Data") }
    }
  }

  @Test func `any text that parses whole gives the same elements`() throws {
    // Every short text over an alphabet that can build nested arrays, strings and errors.
    let alphabet = ["[", "]", ",", "1", "\"", "{", "}", "\\", " "]
    var texts = [""]
    for _ in 0..<5 {
      texts = texts.flatMap { text in alphabet.map { text + $0 } }
      for text in texts {
        let whole = try? JSONValue(parsing: text)
        let parts = try? elements(text)
        if let array = whole?.array {
          #expect(parts?.map(\.0) == array, "\(text)")
        } else {
          #expect(parts == nil, "\(text)")
        }
      }
    }
  }
}
