import Artifacts
import Evaluation
import Foundation

/// The published files of the split of a benchmark that is scored.
struct PublishedFiles {
  /// The artifact that has them, as `Baselines/artifacts.yaml` names it.
  let artifact: String
  /// In the artifact's folder.
  let placed: TaskFiles
  /// What their paths end with where somebody unpacked them, the usual names first.
  let names: [TaskFiles]

  fileprivate init(_ artifact: String, _ placed: TaskFiles, _ names: [TaskFiles]) {
    self.artifact = artifact
    self.placed = placed
    self.names = names
  }
}

extension BenchmarkTask {
  /// nil where no single file holds the split: the reading-comprehension edition of TriviaQA comes in two.
  var publishedFiles: PublishedFiles? {
    func file(_ artifact: String, _ placed: String, _ names: String...) -> PublishedFiles {
      PublishedFiles(artifact, TaskFiles(documents: placed), names.map { TaskFiles(documents: $0) })
    }
    switch name {
    case "arc_easy": return file("arc", "ARC-Easy-Test.jsonl", "ARC-Easy-Test.jsonl")
    case "arc_challenge": return file("arc", "ARC-Challenge-Test.jsonl", "ARC-Challenge-Test.jsonl")
    case "sciq": return file("sciq", "test.json", "SciQ dataset-2 3/test.json", "sciq/test.json")
    case "webqs":
      return file(
        "webqs", "webquestions-test.json", "webquestions.examples.test.json", "webquestions-test.json")
    case "piqa":
      return PublishedFiles(
        "piqa", TaskFiles(documents: "dev.jsonl", labels: "dev-labels.lst"),
        [
          TaskFiles(
            documents: "physicaliqa-train-dev/dev.jsonl", labels: "physicaliqa-train-dev/dev-labels.lst"),
          TaskFiles(documents: "piqa/dev.jsonl", labels: "piqa/dev-labels.lst"),
          TaskFiles(documents: "piqa/valid.jsonl", labels: "piqa/valid-labels.lst"),
        ])
    case "hellaswag": return file("hellaswag", "hellaswag_val.jsonl", "hellaswag_val.jsonl")
    case "lambada_openai": return file("lambada-openai", "lambada_test.jsonl", "lambada_test.jsonl")
    case "winogrande": return file("winogrande", "dev.jsonl", "winogrande_1.1/dev.jsonl", "winogrande/dev.jsonl")
    case "triviaqa" where (self as? TriviaQA)?.form == .greedyMatch:
      return file("triviaqa", "unfiltered-web-dev.json", "unfiltered-web-dev.json", "unfiltered-web-dev.jsonl")
    default: return nil
    }
  }
}

/// Why the files of a benchmark are not found.
package enum TaskFileError: Error, Equatable {
  case noFolder(String)
  /// - Parameter artifact: what to fetch, where one artifact has the files.
  case absent(task: String, names: [String], searched: [String], artifact: String?)
  /// Several files under one name, and nothing says which of them is meant.
  case ambiguous(task: String, files: [String])
}

/// Finds the files of benchmarks: those given, else below a folder, else in the store of fetched artifacts.
package struct TaskFileFinder {
  /// By the names of benchmarks.
  private let given: [String: TaskFiles]
  private let folder: String?
  /// Paths in the folder, in the order of their bytes.
  private let paths: [String]
  private let store: ArtifactStore

  package init(given: [String: TaskFiles], folder: String?, store: ArtifactStore) throws(TaskFileError) {
    self.given = given
    self.folder = folder
    self.store = store
    guard let folder else {
      paths = []
      return
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
      let files = FileManager.default.enumerator(atPath: folder)
    else { throw .noFolder(folder) }
    paths = files.compactMap { $0 as? String }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func files(of task: any BenchmarkTask) throws(TaskFileError) -> TaskFiles {
    if let files = given[task.name] { return files }
    let published = task.publishedFiles
    let names = published?.names ?? []
    var searched: [String] = []
    if let folder {
      searched.append(folder)
      for name in names {
        if let files = try find(name, of: task.name, below: folder) { return files }
      }
    }
    if let published {
      let folder = store.folder(ofArtifact: published.artifact)
      searched.append(folder)
      let files = TaskFiles(
        documents: folder + "/" + published.placed.documents,
        labels: published.placed.labels.map { folder + "/" + $0 })
      if [files.documents, files.labels].compactMap(\.self).allSatisfy(FileManager.default.fileExists(atPath:)) {
        return files
      }
    }
    throw .absent(
      task: task.name, names: names.map(\.documents), searched: searched, artifact: published?.artifact)
  }

  private func find(_ name: TaskFiles, of task: String, below folder: String) throws(TaskFileError) -> TaskFiles? {
    func isAt(_ path: String, _ ending: String) -> Bool { ("/" + path).hasSuffix("/" + ending) }
    let found = paths.filter { isAt($0, name.documents) }
    guard found.count < 2 else { throw .ambiguous(task: task, files: found.map { folder + "/" + $0 }) }
    guard let documents = found.first else { return nil }
    guard let labels = name.labels else { return TaskFiles(documents: folder + "/" + documents) }
    // Labels lie beside their documents.
    let beside = documents.dropLast(name.documents.count) + labels
    return paths.contains(String(beside))
      ? TaskFiles(documents: folder + "/" + documents, labels: folder + "/" + beside) : nil
  }
}
