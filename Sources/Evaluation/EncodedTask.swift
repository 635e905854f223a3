import Models

/// The documents of a task with their requests as tokens, ready to be scored.
package struct EncodedTask: Sendable {
  package let name: String
  /// Of the task, and of the encoding where it is not that of the task's harness.
  package let version: String
  package let documents: [Document]
  /// Of all documents, in order; none where the model is to write answers.
  package let requests: [EncodedRequest]

  /// - Parameters:
  ///   - documents: of `task`, in the order in which they are to be scored.
  ///   - encoding: that of the task's harness where nil.
  ///   - maximumLength: what the model reads at most, behind prompts.
  /// - Throws: `.noRoom`, or `.unscorable` for the first request that has no score.
  package init(
    _ task: any BenchmarkTask, documents: [Document], encoding: RequestEncoding? = nil, tokenizer: Tokenizer,
    maximumLength: Int
  ) throws(ScoringError) {
    guard maximumLength > 0 else { throw .noRoom(needed: 1, available: maximumLength) }
    let encoding = encoding ?? task.harness.encoding
    name = task.name
    version = task.version(encodedBy: encoding)
    self.documents = documents
    // Without such a token there is nothing that an empty context could become; token 0 stands in, and no task here has
    // an empty context.
    let prefixToken = encoding.prefixToken(of: tokenizer) ?? 0
    var requests: [EncodedRequest] = []
    for document in documents {
      for request in document.requests {
        let encoded = encoding.encoded(request, prefixToken: prefixToken, tokenize: tokenizer.encode)
        do {
          _ = try encoded.inputTokens(maximumLength: maximumLength)
        } catch {
          throw .unscorable(task: task.name, document: document.index, error)
        }
        requests.append(encoded)
      }
    }
    self.requests = requests
  }
}
