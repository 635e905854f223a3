import Comparison
import Foundation
import Reports
import Results
import Testing

private func tables(_ change: (inout SyntheticSuite) -> Void = { _ in }, isRepeated: Bool = false) throws
  -> [ScoreTable]
{
  var suite = SyntheticSuite()
  suite.documents = 20
  change(&suite)
  return PaperTables(try suite.evidence(), publication: paperPublication(), isRepeated: isRepeated).all()
}

@Suite struct ScoreTableTests {
  @Test func `the paper's three tables come first, then one for every other compression`() throws {
    let tables = try tables()
    #expect(
      tables.map(\.name) == [
        "table-1", "table-2", "table-3", "table-gptq-8bit", "table-gptq-4bit", "table-gptq-2bit", "table-sparsegpt-2-4",
      ])
    #expect(tables[0].title == "Table 1: recovery methods on gptq-3bit")
    #expect(tables[1].title == "Table 2: recovery methods on sparsegpt-50")
    #expect(
      tables[0].columns == [
        "arc_easy", "arc_challenge", "sciq", "webqs", "triviaqa", "World", "piqa", "Common", "hellaswag",
        "lambada_openai", "winogrande", "Language", "Average",
      ])
    #expect(tables[0].rows.prefix(3).map(\.method) == ["dense, not compressed", "gptq-3bit, no recovery", "lora-2"])
    #expect(
      tables[2].rows.prefix(6).map(\.method) == [
        "prompt-26", "prompt-50", "prompt-100", "idp-50-100", "idp-26-100", "concatenation-50-100",
      ])
  }

  @Test func `a domain of which tasks are missing has no average`() throws {
    let table = try #require(try tables { $0.tasks = ["arc_easy", "piqa", "another"] }.first)
    #expect(table.columns == ["arc_easy", "piqa", "Common", "another", "Average of 3"])
  }

  @Test func `every form has the same number, as exactly as it can`() throws {
    let table = try #require(try tables { $0.tasks = ["piqa", "sciq"] }.first)
    let score = try #require(table.rows[2].scores[0])
    let error = try #require(score.error)
    let rounded = (String(format: "%.2f", score.value), String(format: "%.2f", error))
    #expect(table.markdown().contains("| \(rounded.0) ± \(rounded.1) |"))
    #expect(table.latex().contains("& \(rounded.0) {\\scriptsize $\\pm$ \(rounded.1)}"))
    #expect(table.csv().contains("lora-2,4472,4536,\(score.value),\(error),"))
    #expect(table.html().contains("<td class=\"number\">\(rounded.0)<small>±\(rounded.1)</small></td>"))
  }

  @Test func `names mean nothing to the program that reads the table`() throws {
    let table = try #require(try tables { $0.tasks = ["a_b|<i>&50%,\"q\""] }.first)
    #expect(table.markdown().contains("| a\\_b\\|\\<i>&50%,\"q\" |"))
    #expect(table.latex().contains("& a\\_b|<i>\\&50\\%,\"q\" &"))
    #expect(table.csv().hasPrefix("model,method,trained parameters,by formula,\"a_b|<i>&50%,\"\"q\"\"\","))
    #expect(table.html().contains("a_<wbr>b|&lt;i&gt;&amp;50%,&quot;q&quot;"))
    #expect(!table.html().contains("<i>"))
  }

  @Test func `every row of a form has as many fields as its heading`() throws {
    for table in try tables() {
      let lines = table.csv().split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).count
      }
      // The reference's "dense, not compressed" is quoted, and its comma counts here.
      #expect(lines.allSatisfy { (lines[0]...(lines[0] + 1)).contains($0) })
      let markdown = table.markdown().split(separator: "\n").filter { $0.hasPrefix("|") }
      #expect(Set(markdown.map { $0.count { $0 == "|" } }).count == 1)
      let latex = table.latex().split(separator: "\n").filter { $0.hasSuffix("\\\\") }
      #expect(Set(latex.map { $0.count { $0 == "&" } }) == [table.columns.count + 3])
    }
  }

  @Test func `the paper's row stands below the suite's that repeats it`() throws {
    let table = try #require(
      try tables(
        {
          $0.name = "paper"
          $0.models = ["llama-7b"]
        }, isRepeated: true
      ).first)
    #expect(table.rows[1].published.first == "71.46")
    #expect(table.rows[2].published.last == "57.99")
    #expect(table.rows[3].published.allSatisfy { $0 == nil }, "the small publication has no LoRA of rank 3")
    #expect(table.markdown().contains("|  | paper |  |  | 71.46 | 37.71 |"))
    #expect(table.latex().contains("\\textit{paper}"))
    #expect(table.caption.hasSuffix("Below a row: what the paper printed."))
  }
}
