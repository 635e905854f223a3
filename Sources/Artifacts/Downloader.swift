/// Gets files over HTTP, or from file URLs, and lets none pass that is not the one declared.
package struct Downloader {
  private let settings: TransferSettings

  package init(settings: TransferSettings) {
    self.settings = settings
  }

  /// Gets all, several at once; that one fails does not stop the others.
  ///
  /// - Parameters:
  ///   - shouldStop: Asked ten times a second at least. Once it is true, whatever has not ended ends as `.stopped`, and
  ///     what has arrived of it is continued by a later run.
  ///   - report: Called on this thread: with every change of a download's activity, else ten times a second at most.
  ///     While that is `.checking`, the bytes of `partialFile` stay as they are.
  ///   - arrived: Called on this thread once for each download, when it ends. An error it throws ends the run; what has
  ///     arrived stays.
  package func run(
    _ downloads: [Download], shouldStop: () -> Bool, report: (DownloadProgress) -> Void,
    arrived: (Int, Result<ArrivedFile, ArtifactError>) throws -> Void
  ) rethrows {
    var session = TransferSession(downloads, settings: settings)
    while session.isUnfinished {
      if shouldStop() { session.stop() } else { session.step() }
      for progress in session.takeProgress() { report(progress) }
      for (index, result) in session.takeEnded() { try arrived(index, result) }
    }
  }

  /// Hands over the bytes of one file in order, as they arrive, without keeping them.
  ///
  /// An interrupted transfer is continued only with bytes of the same file: those of the same source under the same
  /// validator, or those of an answer that begins with just the bytes that were handed over. What is handed over before
  /// `consume` returns false is as good as the source; the declared digest can be held against a whole file alone.
  ///
  /// - Throws: What `consume` throws, or an `ArtifactError`: after the last byte too, where they are not the file's.
  package func stream(
    _ download: Download, shouldStop: () -> Bool, report: (DownloadProgress) -> Void,
    consume: (UnsafeRawBufferPointer) throws -> Bool
  ) throws -> StreamedFile {
    let stream = StreamedBytes()
    var session = TransferSession(streaming: download, to: stream, settings: settings)
    var handedOver = SHA256Hasher()
    var count = 0
    while session.isUnfinished {
      if shouldStop() { session.stop() } else { session.step() }
      for progress in session.takeProgress() { report(progress) }
      let bytes = stream.take()
      let isWanted = try bytes.isEmpty || bytes.withUnsafeBytes { try consume($0) }
      bytes.withUnsafeBytes { handedOver.update($0) }
      count += bytes.count
      for (_, result) in session.takeEnded() {
        let file = try result.get()
        return StreamedFile(
          source: file.source, byteCount: count, sha256: file.sha256, total: count, isComplete: true)
      }
      if !isWanted { break }
    }
    return StreamedFile(
      source: SourceURL.shown(stream.origin?.source ?? ""), byteCount: count, sha256: handedOver.finalize(),
      total: download.size ?? stream.origin?.size, isComplete: false)
  }
}
