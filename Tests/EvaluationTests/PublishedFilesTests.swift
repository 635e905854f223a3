import Evaluation
import Foundation
import Testing

/// The benchmarks' published files, where they lie beside the project.
enum PublishedFiles {
  static let folder: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return root.appendingPathComponent("../shared/data").standardizedFileURL.path
  }()

  static let isPresent = FileManager.default.fileExists(atPath: folder)

  static func files(_ documents: String, labels: String? = nil) -> TaskFiles {
    TaskFiles(documents: "\(folder)/\(documents)", labels: labels.map { "\(folder)/\($0)" })
  }

  static let complete: [(task: any BenchmarkTask, files: TaskFiles)] = [
    (ARC(.easy), files("arc/ARC-Easy-Test.jsonl")),
    (ARC(.challenge), files("arc/ARC-Challenge-Test.jsonl")),
    (PIQA(), files("piqa/valid.jsonl", labels: "piqa/valid-labels.lst")),
    (
      PIQA(),
      files("piqa/physicaliqa-train-dev/dev.jsonl", labels: "piqa/physicaliqa-train-dev/dev-labels.lst")
    ),
    (WinoGrande(), files("winogrande/winogrande_1.1/dev.jsonl")),
    (LAMBADA(), files("lambada_openai/lambada_test.jsonl")),
    (WebQuestions(), files("web_questions/webquestions.examples.test.json")),
  ]
}

@Suite(.enabled(if: PublishedFiles.isPresent, "the published files are not beside the project"))
struct PublishedFilesTests {
  @Test func `the published files have the published number of documents`() throws {
    for (task, files) in PublishedFiles.complete {
      let documents = try task.documents(from: files)
      #expect(documents.count == task.publishedDocumentCount, "\(task.name)")
      #expect(documents.map(\.index) == Array(0..<documents.count), "\(task.name)")
    }
  }

  @Test func `of the published files only LAMBADA repeats itself`() throws {
    for (task, files) in PublishedFiles.complete {
      let flags = task.flags(of: try task.documents(from: files))
      let isLAMBADA = task.name == "lambada_openai"
      #expect(flags == (isLAMBADA ? [.repeatedDocuments(count: 2, first: 1889, repeats: 1753)] : []), "\(task.name)")
    }
  }

  @Test(arguments: ARC.Level.allCases)
  func `the labels of ARC's choices are their positions`(level: ARC.Level) throws {
    let files = PublishedFiles.files("arc/ARC-\(level == .easy ? "Easy" : "Challenge")-Test.jsonl")
    #expect(try ARC(level, .version04).documents(from: files) == ARC(level).documents(from: files))
  }

  @Test func `seven last words of LAMBADA contain a line feed`() throws {
    let documents = try LAMBADA().documents(from: PublishedFiles.files("lambada_openai/lambada_test.jsonl"))
    #expect(documents.count { $0.requests[0].continuation.utf8.contains(UInt8(ascii: "\n")) } == 7)
  }

  @Test func `some questions of ARC have three or five choices`() throws {
    let documents = try ARC(.easy).documents(from: PublishedFiles.files("arc/ARC-Easy-Test.jsonl"))
    #expect(documents.count { $0.requests.count == 3 } == 7)
    #expect(documents.count { $0.requests.count == 5 } == 4)
  }

  @Test func `slices and samples of the other benchmarks are read`() throws {
    #expect(try HellaSwag().documents(from: PublishedFiles.files("hellaswag/hellaswag.jsonl")).count == 1000)
    let sciq = PublishedFiles.files("sciq/hf_dummy_rows/SciQ dataset-2 3/test.json")
    #expect(try SciQ().documents(from: sciq).count == 3)
    let triviaqa = PublishedFiles.files("trivia_qa/hf_dummy_rows/triviaqa-unfiltered/unfiltered-web-dev.json")
    #expect(try TriviaQA().documents(from: triviaqa).count == 3)
  }
}
