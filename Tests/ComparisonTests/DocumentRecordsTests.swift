import Foundation
import Results
import Testing

@Suite struct DocumentRecordsTests {
  @Test func `records lie beside their result, and other members of their lines are no matter`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/none.json"
      #expect(try DocumentRecords(besideResult: path) == nil)
      let lines = """
        {"task":"piqa","document":7,"isCorrect":true,"margin":0.5,"requests":[]}
        {"task":"piqa","document":3,"isCorrect":false,"margin":null}

        """
      try Data(lines.utf8).write(to: URL(fileURLWithPath: folder + "/none.documents.jsonl"))
      let records = try #require(try DocumentRecords(besideResult: path))
      #expect(records.records(of: smallTask("piqa", "10"))?.map(\.document) == [7, 3])
      #expect(records.records(of: smallTask("piqa", "11")) == nil)
      #expect(records.records(of: smallTask("sciq", "10")) == nil)
    }
  }

  @Test func `a damaged line is named`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/none.documents.jsonl"
      try Data("{\"task\":\"piqa\",\"document\":7,\"isCorrect\":true}\n{\"task\":\n".utf8)
        .write(to: URL(fileURLWithPath: path))
      #expect(throws: ResultError.notJSON(file: "\(path):2", reason: "no record of a document")) {
        try DocumentRecords(besideResult: folder + "/none.json")
      }
    }
  }
}
