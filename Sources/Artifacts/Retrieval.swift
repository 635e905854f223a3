import Foundation

/// One download on its way: which source is asked for what, what its answers are worth, and what follows from each
/// failure.
final class Retrieval {
  enum Phase {
    /// The reason is the last attempt's failure.
    case waiting(until: Double, seconds: Double, reason: String?)
    case curl(CurlTransfer)
    case local(LocalTransfer)
    case checking(source: String)
    case ended(Result<ArrivedFile, ArtifactError>)
  }

  let index: Int
  let download: Download
  private let destination: Destination
  private let settings: TransferSettings
  private let rateLimit: RateLimit
  private let multi: CurlMulti
  private(set) var phase = Phase.waiting(until: 0, seconds: 0, reason: nil)

  /// The sources still to be asked, the current one first.
  private var sources: [String]
  private var failures: [(source: String, failure: AttemptFailure)] = []
  /// Attempts at this source in a row that brought the file no further.
  private var fruitlessAttempts = 0
  /// The most bytes that were ever there.
  private var furthest: Int
  private var trustsRanges = true
  /// Whether bytes of several answers lie together, or of one that may have been cut: then a wrong digest is no proof
  /// against the source.
  private var isDoubtful: Bool
  private var wasFetchedAnew = false

  // The transfer that runs.
  private var request: TransferRequest?
  private var redirectCount = 0
  private var expectation: AnswerExpectation?
  private var head: AnswerHead?
  private var answer: AnswerExpectation.Answer?
  private var refusal: AttemptFailure?
  private var lastAdvance = (seconds: 0.0, bytes: 0)
  private var transferredBytes = 0

  private static let mostRedirects = 10

  init(
    _ download: Download, index: Int, to destination: Destination, settings: TransferSettings, rateLimit: RateLimit,
    multi: CurlMulti
  ) {
    self.index = index
    self.download = download
    self.destination = destination
    self.settings = settings
    self.rateLimit = rateLimit
    self.multi = multi
    sources = download.sources
    furthest = destination.received
    isDoubtful = destination.received > 0
    // Without a digest, only the source that the first bytes are from can continue them.
    if download.sha256 == nil, let origin = destination.origin?.source, let place = sources.firstIndex(of: origin) {
      sources.insert(sources.remove(at: place), at: 0)
    }
  }

  var progress: DownloadProgress {
    let activity: DownloadProgress.Activity =
      switch phase {
      case .waiting(_, _, nil): .waiting
      case .waiting(_, let seconds, let reason?): .retrying(seconds: seconds, reason: reason)
      case .curl, .local: answer == nil ? .connecting : .receiving
      case .checking: .checking
      case .ended(.success): .finished
      case .ended(.failure): .failed
      }
    return DownloadProgress(
      index: index, received: destination.received, total: total, activity: activity,
      source: sources.first.map(SourceURL.shown))
  }

  /// Whether it takes one of the places for downloads at once.
  var isBusy: Bool {
    switch phase {
    case .curl, .local, .checking: true
    case .waiting, .ended: false
    }
  }

  /// The whole file's size, as far as it is known.
  private var total: Int? { download.size ?? destination.origin?.size }

  /// Whether a digest will tell whether the parts that lie together belong together.
  private var mayMixSources: Bool { destination.isKept && download.sha256 != nil }
}

// MARK: - Asking

extension Retrieval {
  /// Begins the next attempt, if there is anything left to ask for.
  func begin() {
    guard let source = sources.first else { return end(.failure(finalError)) }
    let received = destination.received
    if destination.isKept, received > 0, received == total {
      return check(from: destination.origin?.source ?? source)
    }
    guard let url = SourceURL(source), url.isWeb || url.scheme == "file" else {
      return recover(from: AttemptFailure("not an http, https or file URL", .nextSource))
    }
    let isSameOrigin = destination.origin?.source == source
    let validator = isSameOrigin ? destination.origin?.validator : nil
    let continues = received > 0 && received < total ?? .max && trustsRanges && (mayMixSources || validator != nil)
    redirectCount = 0
    begin(
      TransferRequest(
        url: url, offset: continues ? received : 0, validator: continues ? validator : nil, token: settings.token))
  }

  private func begin(_ request: TransferRequest) {
    self.request = request
    expectation = AnswerExpectation(
      file: download.name, source: shownSource, declaredSize: download.size, offset: request.offset,
      origin: destination.origin, needsSameOrigin: !mayMixSources)
    head = nil
    answer = nil
    refusal = nil
    transferredBytes = 0
    lastAdvance = (MonotonicClock.seconds, 0)
    if request.url.isWeb {
      phase = .curl(
        CurlTransfer(request, for: self, settings: settings, readSize: rateLimit.readSize, multi: multi))
    } else {
      phase = .local(LocalTransfer(request, for: self, readSize: rateLimit.readSize))
    }
  }

  private var shownSource: String { sources.first.map(SourceURL.shown) ?? "" }

  /// Follows a redirect: with the token as long as the origin stays the same, and never away from HTTP, nor from TLS
  /// where no digest tells whether the bytes are the right ones.
  private func follow(_ location: String) throws(AttemptFailure) {
    guard var next = request else { return }
    redirectCount += 1
    guard redirectCount <= Self.mostRedirects else {
      throw AttemptFailure("more than \(Self.mostRedirects) redirects", .nextSource)
    }
    guard let url = SourceURL(location), url.isWeb else {
      throw AttemptFailure("redirected to what is no http or https URL", .nextSource)
    }
    if next.url.scheme == "https", url.scheme == "http", download.sha256 == nil {
      throw AttemptFailure("redirected from https to http", .nextSource)
    }
    if url.origin != next.url.origin { next.token = nil }
    next.url = url
    begin(next)
  }
}

// MARK: - Judging

extension Retrieval {
  /// Called with the head of the answer; returns whether its body is wanted.
  func answerBegan(_ head: AnswerHead) -> Bool {
    guard let expectation else { return false }
    self.head = head
    do throws(AttemptFailure) {
      let answer = try expectation.answer(head)
      self.answer = answer
      var origin = Origin(source: sources.first, entityTag: head.entityTag, lastModified: head.lastModified)
      switch answer {
      case .whole:
        origin.size = head.contentLength
        try destination.start(from: origin)
        isDoubtful = false
      case .rest:
        origin.size = head.contentRange?.total ?? destination.origin?.size
        try destination.resume(from: origin)
        isDoubtful = true
      case .nothingMore: return false
      }
      return true
    } catch {
      refusal = error
      return false
    }
  }

  /// Called with the next bytes of a wanted body.
  func take(_ bytes: UnsafeRawBufferPointer) -> BytesTaken {
    guard rateLimit.allowsMore, !destination.isFull else { return .notYet }
    transferredBytes += bytes.count
    rateLimit.take(bytes.count)
    noteAdvance()
    let room = total.map { $0 - destination.received + destination.bytesToSkip } ?? .max
    do throws(AttemptFailure) {
      guard bytes.count <= room else {
        throw AttemptFailure("more than the \(total ?? 0) bytes that the file has", .nextSourceAnew)
      }
      try destination.append(bytes)
      return .all
    } catch {
      refusal = error
      return .refused
    }
  }

  /// Called when the transfer has ended.
  func transferEnded(_ end: TransferEnd, retryAfterSeconds: Double? = nil) {
    do throws(AttemptFailure) {
      if let refusal { throw withAdvice(refusal, retryAfterSeconds) }
      switch end {
      case .redirected(let location): return try follow(location)
      case .failed(let reason, let isWorthRetrying):
        throw AttemptFailure(reason, isWorthRetrying ? .later(seconds: nil) : .nextSource)
      case .cut: throw AttemptFailure(head == nil ? "closed without an answer" : closedReason, .later(seconds: nil))
      case .complete: try judgeWhole()
      }
      check(from: sources.first ?? "")
    } catch {
      recover(from: error)
    }
  }

  /// Whether what is there can be all there is.
  ///
  /// A body whose end looks like a cut, as it has neither length nor chunks, is believed only where a declared size or
  /// digest can show that it is whole.
  private func judgeWhole() throws(AttemptFailure) {
    guard let head, answer != nil else { throw AttemptFailure("closed without an answer", .later(seconds: nil)) }
    if let total {
      guard destination.received == total, destination.bytesToSkip == 0 else {
        throw AttemptFailure(closedReason, .later(seconds: nil))
      }
    } else if !head.marksItsEnd {
      guard download.sha256 != nil else {
        throw AttemptFailure("does not say how long the file is, and neither does anyone else", .nextSource)
      }
      isDoubtful = true
    }
    if destination.bytesToSkip > 0 { throw AttemptFailure("shorter than what was taken of it before", .nextSource) }
  }

  private var closedReason: String {
    "closed after \(destination.received) " + (total.map { "of \($0) bytes" } ?? "bytes")
  }

  /// The failure with what its status alone does not say.
  private func withAdvice(_ failure: AttemptFailure, _ retryAfterSeconds: Double?) -> AttemptFailure {
    if case .later = failure.remedy {
      let seconds = retryAfterSeconds.map { min($0, settings.longestRetryAfterSeconds) }
      return AttemptFailure(failure.reason, .later(seconds: seconds))
    }
    guard let status = head?.status, status == 401 || status == 403, let request else { return failure }
    let isTokenSent = request.token?.origin == request.url.origin
    let advice = isTokenSent ? "the token opens it only once its licence is accepted" : "it may need a token"
    return AttemptFailure("\(failure.reason): \(advice)", failure.remedy)
  }
}

// MARK: - Going on

extension Retrieval {
  private func check(from source: String) {
    phase = .checking(source: source)
    destination.check(expected: download.sha256, wake: { [multi] in multi.wake() })
  }

  /// Looks whether the digest is finished.
  func lookAtDigest() {
    guard case .checking(let source) = phase, let outcome = destination.outcome else { return }
    do throws(ArtifactError) {
      let found = try outcome.get()
      guard let expected = download.sha256, expected != found else {
        let file = ArrivedFile(source: SourceURL.shown(source), size: destination.received, sha256: found)
        return end(.success(file))
      }
      let otherDigest = ArtifactError.otherDigest(
        file: download.name, source: SourceURL.shown(source), expected: expected, found: found)
      guard destination.isKept else { return end(.failure(otherDigest)) }
      if isDoubtful, !wasFetchedAnew {
        wasFetchedAnew = true
        furthest = 0
        recover(from: AttemptFailure("another SHA-256 than the declared one, put together from parts", .anew))
      } else {
        recover(
          from: AttemptFailure("another SHA-256 than the declared one", .nextSourceAnew, otherContent: otherDigest))
      }
    } catch {
      end(.failure(error))
    }
  }

  private func recover(from failure: AttemptFailure) {
    let hasAdvanced = destination.received > furthest
    furthest = max(furthest, destination.received)
    fruitlessAttempts = hasAdvanced ? 0 : fruitlessAttempts + 1
    do throws(ArtifactError) {
      switch failure.remedy {
      case .giveUp(let error): return end(.failure(error))
      case .nextSource:
        return tryNextSource(after: failure)
      case .nextSourceAnew:
        try destination.discard()
        return tryNextSource(after: failure)
      case .anew: try destination.discard()
      case .withoutRanges: trustsRanges = false
      case .later: break
      }
    } catch {
      return end(.failure(error))
    }
    guard fruitlessAttempts < settings.attemptsPerSource else { return tryNextSource(after: failure) }
    var seconds = 0.0
    if case .later(let named) = failure.remedy {
      seconds = named ?? settings.retrySeconds(afterAttempts: max(1, fruitlessAttempts))
    }
    phase = .waiting(until: MonotonicClock.seconds + seconds, seconds: seconds, reason: failure.reason)
  }

  private func tryNextSource(after failure: AttemptFailure) {
    failures.append((shownSource, failure))
    sources.removeFirst()
    fruitlessAttempts = 0
    trustsRanges = true
    wasFetchedAnew = false
    guard !sources.isEmpty else { return end(.failure(finalError)) }
    phase = .waiting(until: 0, seconds: 0, reason: failure.reason)
  }

  /// Where every source has another file than the declared one, what the first has; else what each said.
  private var finalError: ArtifactError {
    if let first = failures.first?.failure.otherContent, failures.allSatisfy({ $0.failure.otherContent != nil }) {
      return first
    }
    return .unreachable(
      file: download.name,
      attempts: failures.map { ArtifactError.FailedAttempt(source: $0.source, reason: $0.failure.reason) })
  }

  func end(_ result: Result<ArrivedFile, ArtifactError>) {
    phase = .ended(result)
  }

  private func noteAdvance() {
    let enough = max(1, settings.stallBytesPerSecond * settings.stallSeconds)
    guard Double(transferredBytes - lastAdvance.bytes) >= enough else { return }
    lastAdvance = (MonotonicClock.seconds, transferredBytes)
  }

  /// Gives up a transfer that has brought too little for too long; what waits for the limit, or for the reader, does not
  /// stall.
  func endIfStalled() {
    guard case .curl(let transfer) = phase else { return }
    let now = MonotonicClock.seconds
    if transfer.isPaused { lastAdvance = (now, transferredBytes) }
    guard now - lastAdvance.seconds > settings.stallSeconds, transfer.isConnected else { return }
    recover(from: AttemptFailure("stalled for \(settings.stallSeconds.shortText) s", .later(seconds: nil)))
  }
}
