/// Why an attempt at a source brought no file, and what is to be done about it.
struct AttemptFailure: Error, Equatable {
  enum Remedy: Equatable {
    /// The same again later; after so many seconds, where the server named them.
    case later(seconds: Double?)
    /// Another attempt at once: not as a continuation, for the source's ranges are not to be trusted.
    case withoutRanges
    /// Another attempt at once, from the first byte: what is there is not of this file.
    case anew
    /// This source has nothing better to say.
    case nextSource
    /// Nor has this one, and what is there is of no use to another either.
    case nextSourceAnew
    /// No source could help.
    case giveUp(ArtifactError)
  }

  let reason: String
  let remedy: Remedy
  /// The error to name where the source has a file, but another one.
  let otherContent: ArtifactError?

  init(_ reason: String, _ remedy: Remedy, otherContent: ArtifactError? = nil) {
    self.reason = reason
    self.remedy = remedy
    self.otherContent = otherContent
  }

  init(_ error: ArtifactError) {
    self.init("", .giveUp(error))
  }
}
