// How a text becomes the ids of pieces.

extension SentencePieceBPE {
  /// Appends the ids of `text`, valid UTF-8 in which special tokens are ordinary text.
  ///
  /// Merges run over the whole text, but one that joins two characters makes a piece, or a part of one, that has them
  /// side by side. Between characters that no piece has so the text can therefore be cut, and its parts be merged one
  /// by one: a merge sees nothing but its two symbols, and within a part the order stays that of rank and place. Cut
  /// so, the parts are words and shorter.
  ///
  /// Unused pieces are the exception. They are taken apart as the last pair that could have made one, anywhere in the
  /// text, so a model that has some merges the text as one.
  func encode(_ text: UnsafeBufferPointer<UInt8>, to ids: inout [Int]) {
    normalized(text).withUnsafeBufferPointer { appendParts(of: $0, to: &ids) }
  }

  func appendParts(of text: UnsafeBufferPointer<UInt8>, to ids: inout [Int]) {
    let first = ids.count
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: text.count) { symbols in
      var position = 0
      while position < text.count {
        let start = position
        position = table.hasDivisible ? text.count : endOfPart(of: text, from: start)
        let part = UnsafeBufferPointer(rebasing: text[start..<position])
        if let id = words[part] {
          ids.append(Int(id))
        } else {
          let count = initialize(symbols, with: part)
          merge(UnsafeMutableBufferPointer(rebasing: symbols[..<count]), to: &ids, after: first)
        }
      }
    }
  }

  /// The first place after `start` where a user-defined piece begins or ends, or two characters meet that are no
  /// neighbours in any piece.
  private func endOfPart(of text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    if let (length, _) = userDefined.match(in: text, at: start) { return start + length }
    var (previous, position) = UTF8Characters.scalar(text, at: start)
    while position < text.count {
      let (scalar, end) = UTF8Characters.scalar(text, at: position)
      if !characters.areNeighbours(previous, scalar) { break }
      if userDefined.match(in: text, at: position) != nil { break }
      (previous, position) = (scalar, end)
    }
    return position
  }

  /// Writes the symbols of `text` and returns how many there are.
  private func initialize(
    _ symbols: UnsafeMutableBufferPointer<Int32>, with text: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var count = 0
    var position = 0
    while position < text.count {
      let symbol: Int32
      if let (length, id) = userDefined.match(in: text, at: position) {
        symbol = Self.firstFrozen - Int32(id)
        position += length
      } else {
        let (scalar, end) = UTF8Characters.scalar(text, at: position)
        symbol = characters.symbol(scalar)
        position = end
      }
      symbols.initializeElement(at: count, to: symbol)
      count += 1
    }
    return count
  }

  /// Appends the ids of a part of a text, whose own ids begin at `first`.
  private func merge(_ symbols: UnsafeMutableBufferPointer<Int32>, to ids: inout [Int], after first: Int) {
    if table.hasDivisible {
      let (count, divisions) = table.mergeNotingDivisions(symbols)
      for symbol in symbols[..<count] { append(symbol, divisions, to: &ids, after: first) }
    } else {
      for symbol in symbols[..<table.merge(symbols)] { append(symbol, [:], to: &ids, after: first) }
    }
  }

  @inline(__always)
  private func append(_ symbol: Int32, _ divisions: MergeTable.Divisions, to ids: inout [Int], after first: Int) {
    if divisions.isEmpty, pieces.indices.contains(Int(symbol)) {
      ids.append(Int(symbol))
    } else {
      appendParts(symbol, divisions, to: &ids, after: first)
    }
  }

  private func appendParts(_ symbol: Int32, _ divisions: MergeTable.Divisions, to ids: inout [Int], after first: Int) {
    if symbol <= Self.firstFrozen {
      ids.append(Int(Self.firstFrozen - symbol))
    } else if symbol < 0 {
      appendUnknown(UTF8Characters.bytes(of: UInt32(~symbol)), to: &ids, after: first)
    } else if symbol >= pieces.count {
      appendUnknown(symbolTexts[Int(symbol)], to: &ids, after: first)
    } else if let (left, right) = divisions[symbol] {
      // An unused piece serves merging only. Both parts are shorter, so this ends.
      appendParts(left, divisions, to: &ids, after: first)
      appendParts(right, divisions, to: &ids, after: first)
    } else {
      ids.append(Int(symbol))
    }
  }

  private func appendUnknown(_ bytes: [UInt8], to ids: inout [Int], after first: Int) {
    if !byteIds.isEmpty {
      for byte in bytes { ids.append(byteIds[Int(byte)]) }
    } else if ids.count == first || ids.last != unknown {
      // A run of unknown characters is one unknown piece.
      ids.append(unknown)
    }
  }

  /// `text` as it is to be merged, with a space in place of each "▁" where that is how spaces are written.
  private func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + 1)
    let removes = normalization.removesExtraSpaces
    if text.isEmpty || removes && text.allSatisfy({ $0 == Self.space }) { return [] }
    if normalization.addsPrefix { result.append(Self.space) }
    var followsSpace = removes
    var pendingSpace = false
    var position = 0
    while position < text.count {
      var byte = text[position]
      position += 1
      if byte == Self.space, removes {
        // Written when something comes after it.
        pendingSpace = !followsSpace || pendingSpace
        followsSpace = true
        continue
      }
      if pendingSpace { result.append(Self.space) }
      pendingSpace = false
      followsSpace = false
      if byte == Self.mark[0], normalization.escapesSpaces, text[(position - 1)...].starts(with: Self.mark) {
        byte = Self.space
        position += Self.mark.count - 1
      }
      result.append(byte)
    }
    if normalization.stripsMarksAtEnd {
      while result.last == Self.space { result.removeLast() }
    }
    return result
  }
}
