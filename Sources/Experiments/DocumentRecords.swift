import Artifacts
import Evaluation
import Foundation
import Models

extension TaskOutcome {
  /// What the model said to each document, a line each of JSON with sorted members: the texts and digests of their tokens,
  /// each request's score, the margin of the choice to the runner-up, and whether it is right.
  ///
  /// Where each input's prompt was chosen among several: its number in each block, or how many choices each prompt won.
  package var records: Data {
    var requests = Array(zip(encoded.requests, scores))[...]
    let lines = zip(chosen.documents, score.documents).enumerated().map { place, pair -> String in
      let (document, score) = pair
      let own = requests.prefix(document.requests.count)
      requests = requests.dropFirst(own.count)
      var record: [String: CanonicalJSON] = [
        "task": .string(encoded.name), "document": .integer(document.index), "digest": .string(document.digest),
        "answer": .string(score.answer), "isCorrect": .boolean(score.isCorrect), "margin": .optional(score.margin),
        "requests": .array(
          zip(document.requests, own).map { request, scored in
            var record: [String: CanonicalJSON] = [
              "context": .string(request.context), "continuation": .string(request.continuation),
              "contextTokens": scored.0.context.canonical, "continuationTokens": scored.0.continuation.canonical,
              "logLikelihood": .optional(scored.1.logLikelihood), "isGreedy": .boolean(scored.1.isGreedy),
            ]
            record["prompts"] = scored.1.wins?.canonical
            return .object(record)
          }),
      ]
      if let isCorrect = score.isCorrectNormalized { record["isCorrectNormalized"] = .boolean(isCorrect) }
      if let generation = document.generation {
        record["context"] = .string(generation.context)
        record["prompts"] = answers[place].wins?.canonical
      }
      return CanonicalJSON.object(record).text + "\n"
    }
    return Data(lines.joined().utf8)
  }
}

extension [Int] {
  /// Their number, and the SHA-256 of them as a JSON list without blanks.
  fileprivate var canonical: CanonicalJSON {
    ["count": .integer(count), "sha256": .string(sha256(CanonicalJSON.array(map { .integer($0) }).text.utf8))]
  }
}

extension Document {
  /// SHA-256 of all that the model is asked: a zero byte ends each text.
  var digest: String {
    let texts = requests.flatMap { [$0.context, $0.continuation] } + [generation?.context].compactMap(\.self)
    return sha256(texts.flatMap { Array($0.utf8) + [0] })
  }
}
