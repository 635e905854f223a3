/// What one transfer asks for.
struct TransferRequest {
  var url: SourceURL
  /// The first byte wanted.
  var offset: Int
  /// The version of the file that the bytes before `offset` are of: where the source has another by now, the whole of it
  /// is wanted.
  var validator: String?
  /// Goes along only to its own origin.
  var token: Token?
}

/// How a transfer ended.
enum TransferEnd: Equatable {
  /// All of the answer came; whether its end could have been told from a cut is said in its head.
  case complete
  /// The connection ended before the answer did.
  case cut
  case redirected(to: String)
  case failed(reason: String, isWorthRetrying: Bool)
}

/// What became of the bytes that a transfer brought.
enum BytesTaken {
  case all
  /// None; they are to be brought again when there is room.
  case notYet
  /// They are not wanted, nor any that follow.
  case refused
}
