import Foundation
import Results

/// The result files of a suite's cells, as a run left them in its folder.
package struct StoredResults: Sendable {
  package let folder: String
  package private(set) var results: [Cell: CellResult] = [:]
  /// Why a cell has no usable result.
  package private(set) var failures: [Cell: String] = [:]

  package init(folder: String, cells: [Cell]) {
    self.folder = folder
    for cell in cells {
      let path = folder + "/" + cell.path
      guard FileManager.default.fileExists(atPath: path) else {
        failures[cell] = "there is no result at \(path)"
        continue
      }
      do throws(ResultError) {
        results[cell] = try ResultFile.read(path)
      } catch {
        failures[cell] = error.text
      }
    }
  }

  /// What the models said to single documents, of the cells where that was written.
  package func documents() throws(ResultError) -> [Cell: DocumentRecords] {
    var documents: [Cell: DocumentRecords] = [:]
    for cell in results.keys { documents[cell] = try DocumentRecords(besideResult: folder + "/" + cell.path) }
    return documents
  }
}
