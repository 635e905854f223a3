import ArgumentParser
import Foundation
import Models

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Turn lines of text into token ids, and back.",
    discussion: """
      Reads JSON lines, each a text or an object with a member “text”, and writes an array of ids for each. With \
      --decode it reads arrays of ids and writes texts.
      """)

  @Option(help: "The folder of the tokenizer: tokenizer.model, tokenizer.json, or vocab.json and merges.txt.")
  var tokenizer: String

  @Option(help: "The file to read. (default: standard input)")
  var input: String?

  @Flag(help: #"Write {"ids": […], "tokens": […]}: also how the vocabulary writes each token."#)
  var withText = false

  @Flag(help: "Put the beginning-of-text token first, where this tokenizer adds one.")
  var addBeginning = false

  @Flag(help: "Take special tokens that are written in a text for ordinary text.")
  var plain = false

  @Flag(help: "Read arrays of ids and write their texts.")
  var decode = false

  @Flag(help: "With --decode: leave special tokens out.")
  var skipSpecials = false

  func validate() throws {
    if skipSpecials, !decode { throw ValidationError("--skip-specials goes with --decode.") }
    if decode, withText || addBeginning || plain {
      throw ValidationError("--decode goes with none of --with-text, --add-beginning and --plain.")
    }
  }

  func run() throws {
    try reportingErrors {
      let tokenizer = try Tokenizer(folder: tokenizer)
      var lines =
        if let input { try LineReader(path: input) } else {
          LineReader(descriptor: STDIN_FILENO, name: "standard input")
        }
      var output = OutputBuffer()
      do {
        while let line = try lines.next(willWait: { try output.flush() }) {
          let value = try lines.parse(line)
          if decode {
            output.writeJSON(tokenizer.decode(try ids(value, of: lines), skippingSpecials: skipSpecials))
          } else {
            write(encoded(try text(value, of: lines), tokenizer), tokenizer, to: &output)
          }
          try output.endLine()
        }
      } catch {
        // What was right before the fault is not lost.
        try output.flush()
        throw error
      }
      try output.flush()
    }
  }

  private func encoded(_ text: String, _ tokenizer: Tokenizer) -> [Int] {
    let ids = plain ? tokenizer.encodePlain(text) : tokenizer.encode(text)
    guard addBeginning, tokenizer.addsBeginning, let beginning = tokenizer.beginning else { return ids }
    return [beginning] + ids
  }

  private func write(_ ids: [Int], _ tokenizer: Tokenizer, to output: inout OutputBuffer) {
    guard withText else { return output.writeJSON(ids) }
    output.write("{\"ids\":")
    output.writeJSON(ids)
    output.write(",\"tokens\":[")
    for (index, id) in ids.enumerated() {
      if index > 0 { output.write(",") }
      output.writeJSON(tokenizer.token(id) ?? "")
    }
    output.write("]}")
  }

  // MARK: Reading a line

  private func text(_ value: JSONValue, of lines: borrowing LineReader) throws(CheckpointError) -> String {
    if let text = value.string { return text }
    let place = "\(lines.name):\(lines.number)"
    guard value.object != nil else {
      throw .invalidMember(
        file: place, member: "the line", expected: "a text or an object", found: Optional(value).kindDescription)
    }
    guard let text = value["text"]?.string else {
      throw .invalidMember(file: place, member: "text", expected: "a text", found: value["text"].kindDescription)
    }
    return text
  }

  private func ids(_ value: JSONValue, of lines: borrowing LineReader) throws(CheckpointError) -> [Int] {
    let place = "\(lines.name):\(lines.number)"
    guard let elements = value.array else {
      throw .invalidMember(
        file: place, member: "the line", expected: "an array of ids", found: Optional(value).kindDescription)
    }
    var ids: [Int] = []
    for (index, element) in elements.enumerated() {
      guard let id = element.integer else {
        throw .invalidMember(
          file: place, member: "[\(index)]", expected: "an id", found: Optional(element).kindDescription)
      }
      ids.append(id)
    }
    return ids
  }
}
