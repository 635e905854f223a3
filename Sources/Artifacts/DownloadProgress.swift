/// How far one download has come.
package struct DownloadProgress: Sendable, Equatable {
  package enum Activity: Sendable, Equatable {
    case waiting
    case connecting
    case receiving
    /// All bytes are there; their digest is not yet, or they are not yet safe on the disk.
    case checking
    case retrying(seconds: Double, reason: String)
    case finished
    case failed
  }

  /// The download's place in the list that was asked for.
  package var index: Int
  /// The bytes that are there, earlier runs' among them. It falls when a file is begun anew.
  package var received: Int
  package var total: Int?
  package var activity: Activity
  /// The URL, as shown: without credentials and query.
  package var source: String?

  package init(index: Int, received: Int, total: Int?, activity: Activity, source: String?) {
    self.index = index
    self.received = received
    self.total = total
    self.activity = activity
    self.source = source
  }
}
