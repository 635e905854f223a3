/// Which lines of a file of JSON lines are wanted.
package enum SliceSelection: Sendable, Equatable {
  case first(Int)
  /// Ascending, counted from zero.
  case lines([Int])

  /// How many lines that is.
  var count: Int {
    switch self {
    case .first(let count): count
    case .lines(let lines): lines.count
    }
  }

  /// The line that is wanted after `taken` others.
  func line(after taken: Int) -> Int? {
    switch self {
    case .first(let count): taken < count ? taken : nil
    case .lines(let lines): taken < lines.count ? lines[taken] : nil
    }
  }
}

/// What a slice consists of, and what was needed to make it.
package struct SliceRecord: Sendable, Equatable {
  package let lines: Int
  /// Bytes of the text, and its digest.
  package let size: Int
  package let sha256: String
  /// How much of the compressed stream was looked at: all up to the end of the block of `DocumentSlice.blockSize` bytes
  /// (counted from the stream's beginning) in which the last wanted line ends.
  package let compressedBytesUsed: Int
}
