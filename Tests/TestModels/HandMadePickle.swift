/// Pieces of pickles of protocol 2, each leaving one value on the stack.
package enum HandMadePickle {
  package static func whole(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + Array(".".utf8) }

  package static func text(_ text: String) -> [UInt8] {
    Array("X".utf8) + HandMadeZip.little(text.utf8.count, 4) + Array(text.utf8)
  }

  /// As a BININT where it fits, else as a LONG1.
  package static func integer(_ value: Int) -> [UInt8] {
    Int32(exactly: value) != nil
      ? Array("J".utf8) + HandMadeZip.little(value, 4) : [0x8A, 8] + HandMadeZip.little(value, 8)
  }

  package static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  package static func tuple(_ elements: [[UInt8]]) -> [UInt8] { Array("(".utf8) + elements.joined() + Array("t".utf8) }

  package static func integers(_ values: [Int]) -> [UInt8] { tuple(values.map(integer)) }

  package static func call(_ function: [UInt8], _ arguments: [[UInt8]]) -> [UInt8] {
    function + tuple(arguments) + Array("R".utf8)
  }

  package static let orderedDictionary = call(global("collections", "OrderedDict"), [])
  package static let no: [UInt8] = [0x89]

  package static func dictionary(_ members: [(name: String, value: [UInt8])], from empty: [UInt8] = Array("}".utf8))
    -> [UInt8]
  {
    empty + Array("(".utf8) + members.flatMap { text($0.name) + $0.value } + Array("u".utf8)
  }

  package static func storage(_ type: String, _ key: String, count: Int, module: String = "torch") -> [UInt8] {
    tuple([text("storage"), global(module, type), text(key), text("cpu"), integer(count)]) + Array("Q".utf8)
  }

  package static func tensor(_ storage: [UInt8], offset: Int = 0, shape: [Int], strides: [Int]) -> [UInt8] {
    call(
      global("torch._utils", "_rebuild_tensor_v2"),
      [storage, integer(offset), integers(shape), integers(strides), no, orderedDictionary])
  }
}
