import Dispatch
import Synchronization

/// A number of threads that share out numbered pieces of work.
///
/// What a piece is must not depend on the number of threads; results come back in the order of the pieces. So results
/// are the same for any number of threads.
package struct Workers: Sendable {
  package let threadCount: Int

  package init(threadCount: Int) {
    precondition(threadCount > 0, "\(threadCount) threads")
    self.threadCount = threadCount
  }

  /// The results of `piece(0)` … `piece(count - 1)`, in order. When pieces throw, the error of the first of them (by
  /// number) is thrown, and pieces not yet begun are left out.
  package func map<Result: Sendable>(
    _ count: Int, _ piece: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    guard count > 0 else { return [] }
    if threadCount == 1 || count == 1 { return try (0..<count).map(piece) }
    let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: count))
    let next = Atomic(0)
    let hasFailed = Atomic(false)
    DispatchQueue.concurrentPerform(iterations: min(threadCount, count)) { _ in
      while !hasFailed.load(ordering: .relaxed) {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let result = Swift.Result { try piece(index) }
        if case .failure = result { hasFailed.store(true, ordering: .relaxed) }
        results.withLock { $0[index] = result }
      }
    }
    // Pieces are begun in order, so every piece before a failed one has a result.
    return try results.withLock { $0 }.compactMap { $0 }.map { try $0.get() }
  }

  /// Does `piece(0)` … `piece(count - 1)`, begun in order.
  package func forEach(_ count: Int, _ piece: @Sendable (Int) -> Void) {
    if threadCount == 1 || count <= 1 {
      for index in 0..<count { piece(index) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(threadCount, count)) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        piece(index)
      }
    }
  }
}
