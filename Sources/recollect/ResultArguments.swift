import ArgumentParser
import Foundation
import Results

/// Where a command's result goes.
struct ResultArguments: ParsableArguments {
  @Option(name: [.short, .long], help: "The file of the result, as JSON.")
  var output: String?

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func bytes(of result: some Encodable) throws -> Data {
    try resultJSON(result, file: output ?? "standard output")
  }

  /// Writes the bytes to the file, where one is named, and prints them or the text.
  func put(_ bytes: Data, text: @autoclosure () -> String) throws {
    if let output { try writeResult(bytes, to: output) }
    if json {
      FileHandle.standardOutput.write(bytes)
    } else {
      print(text(), terminator: "")
    }
  }
}
