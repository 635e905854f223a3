import Evaluation
import Testing

@Suite struct HellaSwagTests {
  func record(activity: String, _ a: String, _ b: String, endings: String, label: String = "2") -> String {
    #"{"activity_label":"\#(activity)","ctx_a":"\#(a)","ctx_b":"\#(b)","label":\#(label),"endings":\#(endings)}"#
  }

  @Test func `the beginning of the second sentence is capitalized, and its rest in lower case`() throws {
    let file = record(
      activity: "Made up", "A man stands up.", "he Then at McDonald's", endings: #"["a.","is b.","c.","d."]"#)
    let documents = try HellaSwag().documents(fromText: file)
    let context = "Made up: A man stands up. He then at mcdonald's"
    #expect(
      documents == [
        Document(
          index: 0,
          requests: [
            Request(context: context, continuation: " a."), Request(context: context, continuation: " is b."),
            Request(context: context, continuation: " c."), Request(context: context, continuation: " d."),
          ],
          judgement: .multipleChoice(gold: 2, choiceLengths: .ascii(2, 5, 2, 2)))
      ])
  }

  @Test func `the marks of WikiHow go, and the blank behind one at the beginning stays and counts`() throws {
    let file = record(
      activity: "Removing ice from car",
      "[header] How to Do X [title] Gather tools. [step] Get a NYC map.", "",
      endings: #"["[substeps] Put it down. [step] Ok","b","c","d"]"#)
    let document = try HellaSwag().documents(fromText: file)[0]
    #expect(
      document.requests[0]
        == Request(
          context: "Removing ice from car: How to Do X. Gather tools. Get a NYC map.",
          continuation: "  Put it down. Ok"))
    #expect(document.judgement == .multipleChoice(gold: 2, choiceLengths: .ascii(16, 1, 1, 1)))
  }

  // Expected texts computed with Python's re module.
  @Test(arguments: [
    ("a   b", "a  b"), ("a    b", "a  b"), ("x [a\nb] c [d]", "x [a\nb] c "), ("[[a]]b]", "]b]"),
    (" end [step] ", "end "), ("no [ close", "no [ close"), ("A [title]", "A. "), ("[a [title] b]", ""),
    ("\u{A0}\u{1C} a\u{85}", "a"), ("[e]\u{301}x", "\u{301}x"),
  ])
  func `cleaning follows the order of the reference`(text: String, cleaned: String) {
    #expect(HellaSwag.cleaned(text).utf8.elementsEqual(cleaned.utf8))
  }

  @Test(arguments: ["4", "-1"])
  func `a label beyond the endings is an error`(label: String) throws {
    let record = record(activity: "x", "y", "z", endings: #"["a","b","c","d"]"#, label: label)
    #expect(
      try HellaSwag().error(ofRecord: record)
        == .answerMatchesNoChoice(place: firstLine, answer: label, choiceCount: 4))
  }

  @Test func `a label in quotes, as in other editions of the file, is an error`() throws {
    let record = record(activity: "x", "y", "z", endings: #"["a","b","c","d"]"#, label: "\"2\"")
    #expect(
      try HellaSwag().error(ofRecord: record)
        == .invalidMember(place: firstLine, member: "label", expected: "an integer", found: "a text"))
  }

  @Test func `three endings are an error`() throws {
    let record = record(activity: "x", "y", "z", endings: #"["a","b","c"]"#)
    #expect(
      try HellaSwag().error(ofRecord: record)
        == .invalidMember(place: firstLine, member: "endings", expected: "four endings", found: "3"))
  }
}
