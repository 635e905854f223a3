import Artifacts
import Evaluation

/// A benchmark as a command asks it: its files, and the documents that are scored.
package struct ChosenTask: Sendable {
  package let task: any BenchmarkTask
  package let files: TaskFiles
  /// SHA-256 of the documents' file, and of the labels' where there is one.
  package let digests: [String]
  /// In the whole file.
  package let fileDocumentCount: Int
  package let selection: DocumentSelection
  /// In the order in which they are scored.
  package let documents: [Document]
  /// What is odd about the file.
  package let flags: [ResultFlag]

  /// - Parameters:
  ///   - order: that of the task's harness where nil.
  ///   - limit: documents at most.
  /// - Throws: `TaskError`, or `SourceError.unreadable`.
  package init(
    _ task: any BenchmarkTask, files: TaskFiles, order: DocumentSelection.Order? = nil, limit: Int? = nil
  ) throws {
    self.task = task
    self.files = files
    let all = try task.documents(from: files)
    fileDocumentCount = all.count
    selection = DocumentSelection(order: order ?? task.harness.documentOrder, limit: limit)
    documents = selection.selected(from: all.count).map { all[$0] }
    flags = task.flags(of: all)
    digests = try fileDigests([files.documents, files.labels].compactMap(\.self))
  }

  /// Whether the model writes answers; otherwise it scores requests.
  var isGenerated: Bool { documents.contains { $0.generation != nil } }

  /// Documents were left out on purpose.
  var isLimited: Bool { documents.count < fileDocumentCount }
}

/// The SHA-256 of each file.
package func fileDigests(_ paths: [String]) throws(SourceError) -> [String] {
  var digests: [String] = []
  for path in paths {
    do {
      digests.append(try sha256(ofFile: path))
    } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
  }
  return digests
}
