import Models
import Tensors
import Testing

@Suite struct KeyValueCacheTests {
  private func rows(_ values: Float...) -> Matrix {
    Matrix(rows: values.count, columns: 2, values.flatMap { [$0, $0 + 0.5] })
  }

  @Test func `tokens are appended behind one another, block by block`() {
    var cache = KeyValueCache(blockCount: 2, width: 2, capacity: 4)
    #expect(cache.counts == [0, 0])
    cache.blocks[0].append(keys: rows(1, 2), values: rows(11, 12))
    cache.blocks[0].append(keys: rows(3), values: rows(13))
    cache.blocks[1].append(keys: rows(5), values: rows(15))
    #expect(cache.counts == [3, 1])
    #expect(cache.blocks[0].keys.rows(0..<3) == rows(1, 2, 3))
    #expect(cache.blocks[0].values.rows(0..<3) == rows(11, 12, 13))
    #expect(cache.blocks[1].keys.rows(0..<1) == rows(5))
  }

  @Test func `truncated blocks go on where they were cut`() {
    var cache = KeyValueCache(blockCount: 2, width: 2, capacity: 3)
    cache.blocks[0].append(keys: rows(1), values: rows(11))
    let counts = cache.counts
    cache.blocks[0].append(keys: rows(2, 3), values: rows(12, 13))
    cache.blocks[1].append(keys: rows(4), values: rows(14))
    cache.truncate(to: counts)
    #expect(cache.counts == [1, 0])
    cache.blocks[0].append(keys: rows(7, 8), values: rows(17, 18))
    #expect(cache.blocks[0].keys.rows(0..<3) == rows(1, 7, 8))
    #expect(cache.blocks[0].values.rows(0..<3) == rows(11, 17, 18))
  }

  @Test func `appending to a copy leaves the original alone`() {
    var cache = KeyValueCache(blockCount: 1, width: 2, capacity: 2)
    cache.blocks[0].append(keys: rows(1), values: rows(11))
    var copy = cache
    copy.blocks[0].append(keys: rows(2), values: rows(12))
    cache.blocks[0].append(keys: rows(3), values: rows(13))
    #expect(copy.blocks[0].keys == rows(1, 2))
    #expect(cache.blocks[0].keys == rows(1, 3))
    #expect(copy.blocks[0].values == rows(11, 12))
    #expect(cache.blocks[0].values == rows(11, 13))
  }

  @Test func `a block made of keys and values is full`() {
    let block = KeyValueCache.Block(keys: rows(1, 2), values: rows(11, 12))
    #expect(block.count == 2)
    #expect(block.keys == rows(1, 2))
  }

  @Test func `a model's cache fits its key-value heads`() throws {
    let cache = try TinyLlama(keyValueHeadCount: 2).model().cache(capacity: 5)
    #expect(cache.blocks.count == 2)
    #expect(cache.blocks.allSatisfy { $0.keys.columnCount == 8 && $0.keys.rowCount == 5 && $0.count == 0 })
  }
}
