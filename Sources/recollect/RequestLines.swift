import Evaluation
import Models

/// What is wrong with a line of requests beyond its form.
struct RequestLineError: Error {
  /// The file and the line's number.
  let place: String
  let reason: Reason

  enum Reason {
    case unscorable(RequestError)
    /// - Parameter folder: the tokenizer's.
    case noEndOfText(folder: String)
    case unknownToken(Int, vocabularySize: Int)
    case notANumber
  }
}

/// The requests of a file of JSON lines, each an object with “context” and “continuation”: both texts, or both lists of
/// token ids, which are taken as they are.
struct RequestLines: ~Copyable {
  /// A request that the model can score, and where it stands.
  struct Entry {
    let place: String
    let request: EncodedRequest
  }

  private var lines: LineReader
  private let folder: String
  private let addsBeginning: Bool
  private let vocabularySize: Int
  private let maximumLength: Int
  /// Read when the first text needs it: a folder without one is enough for ids.
  private var tokenizer: Tokenizer?

  /// - Parameters:
  ///   - folder: the tokenizer's.
  ///   - addsBeginning: whether a text's context begins with the beginning-of-text token, where the tokenizer adds one;
  ///     it then is all of an empty context.
  ///   - vocabularySize: ids from this one on are refused.
  ///   - maximumLength: a longer continuation is refused.
  init(
    _ lines: consuming LineReader, tokenizerFolder folder: String, addsBeginning: Bool, vocabularySize: Int,
    maximumLength: Int
  ) {
    self.lines = lines
    self.folder = folder
    self.addsBeginning = addsBeginning
    self.vocabularySize = vocabularySize
    self.maximumLength = maximumLength
  }

  /// The next requests, `count` of them where so many are left, up to the first line that is wrong.
  mutating func next(_ count: Int) -> (entries: [Entry], failure: (any Error)?) {
    var entries: [Entry] = []
    do {
      while entries.count < count, let line = try lines.next() { entries.append(try entry(line)) }
    } catch {
      return (entries, error)
    }
    return (entries, nil)
  }

  private var place: String { "\(lines.name):\(lines.number)" }

  private func wrong(_ reason: RequestLineError.Reason) -> RequestLineError {
    RequestLineError(place: place, reason: reason)
  }

  private mutating func entry(_ line: ArraySlice<UInt8>) throws -> Entry {
    let request = try request(lines.parse(line))
    for token in request.context + request.continuation where !(0..<vocabularySize).contains(token) {
      throw wrong(.unknownToken(token, vocabularySize: vocabularySize))
    }
    do {
      _ = try request.inputTokens(maximumLength: maximumLength)
    } catch {
      throw wrong(.unscorable(error))
    }
    return Entry(place: place, request: request)
  }

  private mutating func request(_ value: JSONValue) throws -> EncodedRequest {
    guard value.object != nil else {
      throw CheckpointError.invalidMember(
        file: place, member: "the line", expected: "an object with “context” and “continuation”",
        found: Optional(value).kindDescription)
    }
    if value["context"]?.array != nil {
      return EncodedRequest(context: try ids("context", of: value), continuation: try ids("continuation", of: value))
    }
    guard let context = value["context"]?.string else {
      throw refused("context", of: value, expected: "a text or a list of token ids")
    }
    guard let continuation = value["continuation"]?.string else {
      throw refused("continuation", of: value, expected: "a text, as the context is")
    }
    return try encoded(Request(context: context, continuation: continuation))
  }

  private func refused(_ member: String, of value: JSONValue, expected: String) -> CheckpointError {
    .invalidMember(file: place, member: member, expected: expected, found: value[member].kindDescription)
  }

  private func ids(_ member: String, of value: JSONValue) throws(CheckpointError) -> [Int] {
    guard let elements = value[member]?.array, !elements.isEmpty else {
      throw refused(member, of: value, expected: "a list of at least one token id")
    }
    var ids: [Int] = []
    for (index, element) in elements.enumerated() {
      guard let id = element.integer else {
        throw .invalidMember(
          file: place, member: "\(member)[\(index)]", expected: "a token id", found: Optional(element).kindDescription)
      }
      ids.append(id)
    }
    return ids
  }

  private mutating func encoded(_ request: Request) throws -> EncodedRequest {
    let tokenizer = try self.tokenizer ?? Tokenizer(folder: folder)
    self.tokenizer = tokenizer
    let beginning = addsBeginning && tokenizer.addsBeginning ? tokenizer.beginning : nil
    let first = beginning ?? tokenizer.end
    if request.context.isEmpty, first == nil { throw wrong(.noEndOfText(folder: folder)) }
    // Only an empty context becomes this token.
    let encoded = encode(request, endOfText: first ?? 0, tokenize: tokenizer.encode)
    guard let beginning, !request.context.isEmpty else { return encoded }
    return EncodedRequest(context: [beginning] + encoded.context, continuation: encoded.continuation)
  }
}
