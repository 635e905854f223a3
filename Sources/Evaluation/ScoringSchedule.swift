/// How requests are cut into pieces of work. It changes the time and the memory that scoring takes, never a bit of a score.
package struct ScoringSchedule: Sendable, Equatable {
  /// Tokens that run through the model in one piece, on one thread; a longer request is a piece by itself.
  package let pieceSize: Int
  /// Whether what several requests begin with runs once.
  package let sharesBeginnings: Bool
  /// Tokens whose pieces pass through each block together, so that a block's weights are read once for all of them: for
  /// weights larger than the memory. nil: each piece passes through the whole model by itself.
  package let tokensInStep: Int?

  package init(pieceSize: Int = 1008, sharesBeginnings: Bool = true, tokensInStep: Int? = nil) {
    precondition(pieceSize > 0 && tokensInStep ?? 1 > 0, "pieces of \(pieceSize) tokens")
    self.pieceSize = pieceSize
    self.sharesBeginnings = sharesBeginnings
    self.tokensInStep = tokensInStep
  }

  /// For weights of so many bytes: where they do not fit into the memory, half of it goes to hidden states that pass
  /// through each block together.
  ///
  /// - Parameter width: of the hidden states, C. A step holds them before and after a block.
  package init(sharesBeginnings: Bool = true, weightBytes: Int, memoryBytes: Int, width: Int) {
    // The system and whatever else runs have some of the memory too.
    let fits = weightBytes < memoryBytes / 10 * 8
    let bytesOfToken = 2 * width * MemoryLayout<Float>.size
    let standard = ScoringSchedule()
    self.init(
      pieceSize: standard.pieceSize, sharesBeginnings: sharesBeginnings,
      tokensInStep: fits ? nil : max(standard.pieceSize, memoryBytes / 2 / bytesOfToken))
  }

  var keepsStep: Bool { tokensInStep != nil }

  /// The indices of the inputs of each piece.
  ///
  /// Inputs that begin alike come one behind the other: those of one document, and documents with one heading too.
  package func pieces(of inputs: [[Int]], isSharing: Bool, threadCount: Int) -> [[Int]] {
    let order =
      isSharing ? inputs.indices.sorted { precedes(inputs[$0], inputs[$1], $0 < $1) } : Array(inputs.indices)
    var added: [Int] = []
    var previous: [Int] = []
    for index in order {
      let shared = isSharing ? sharedCount(previous, inputs[index]) : 0
      added.append(inputs[index].count - shared)
      previous = inputs[index]
    }
    var pieces: [[Int]] = []
    var room = 0
    var left = added.reduce(0, +)
    for (index, added) in zip(order, added) {
      if added > room || pieces.isEmpty {
        pieces.append([])
        // Pieces grow smaller towards the end, as far as is worth it, so that all threads end at about the same time.
        room = min(pieceSize, max(Self.smallestPiece, left / (2 * threadCount)))
        // The beginning that it shares with the last piece is run again.
        room -= inputs[index].count - added
      }
      pieces[pieces.count - 1].append(index)
      room -= added
      left -= added
    }
    return pieces
  }

  private static let smallestPiece = 120

  /// The pieces that pass through the model together.
  func steps(_ pieces: [[Int]], of inputs: [[Int]]) -> [[[Int]]] {
    guard let tokensInStep else { return pieces.isEmpty ? [] : [pieces] }
    var steps: [[[Int]]] = []
    var room = 0
    for piece in pieces {
      let count = piece.reduce(0) { $0 + inputs[$1].count }
      if steps.isEmpty || count > room {
        steps.append([])
        room = tokensInStep
      }
      steps[steps.count - 1].append(piece)
      room -= count
    }
    return steps
  }

  private func sharedCount(_ one: [Int], _ other: [Int]) -> Int {
    var count = 0
    while count < min(one.count, other.count), one[count] == other[count] { count += 1 }
    return count
  }

  private func precedes(_ one: [Int], _ other: [Int], _ isFirst: Bool) -> Bool {
    let shared = sharedCount(one, other)
    if shared == one.count { return shared < other.count || isFirst }
    return shared < other.count && one[shared] < other[shared]
  }
}
