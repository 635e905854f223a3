extension Pickle {
  /// Reads a pickle of protocol 2, from bytes that nobody vouches for. Only what a state dict is made of is
  /// understood, and nothing is ever called: every other global and opcode is refused by its name.
  ///
  /// Time and memory are in proportion to the number of bytes.
  ///
  /// - Parameter file: for the error, whose positions count the bytes of the pickle from zero.
  /// - Throws: `.refusedPickle`.
  package init(parsing bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
    var unpickler = Unpickler(bytes: bytes, file: file)
    self = try unpickler.run()
  }
}

/// The stack machine of pickle. Each opcode pushes one value at most, so neither stack nor memo outgrows the bytes.
private struct Unpickler {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  /// The next byte to read, and the opcode being carried out.
  private var position = 0
  private var opcodePosition = 0

  private var stack: [Pickle.Value] = []
  /// The heights of the stack at which marks were set.
  private var marks: [Int] = []
  private var memo: [UInt32: Pickle.Value] = [:]
  /// The first is the empty tuple, which is needed often.
  private var containers: [[Pickle.Value]] = [[]]

  init(bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func run() throws(CheckpointError) -> Pickle {
    while true {
      opcodePosition = position
      let byte = try readNumber(UInt8.self)
      guard let opcode = PickleOpcode(rawValue: byte) else {
        throw refused("\(PickleOpcode.name(ofRefused: byte)) has no place in a state dict")
      }
      guard opcode != .stop else { break }
      try execute(opcode)
    }
    let root = try pop()
    guard stack.isEmpty, marks.isEmpty else { throw refused("the pickle stops with more than one value") }
    guard position == bytes.count else { throw refused("the pickle stops before its last byte") }
    return Pickle(root: root, containers: containers)
  }

  private mutating func execute(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .protocol:
      let version = try readNumber(UInt8.self)
      guard version == 2 else { throw refused("protocol \(version) of pickle; torch.save writes 2 by default") }
    case .stop: preconditionFailure("STOP ends the loop")
    case .mark: marks.append(stack.count)

    case .none: stack.append(.none)
    case .newTrue: stack.append(.boolean(true))
    case .newFalse: stack.append(.boolean(false))
    case .binaryInteger: stack.append(.integer(Int(try readNumber(Int32.self))))
    case .binaryInteger1: stack.append(.integer(Int(try readNumber(UInt8.self))))
    case .binaryInteger2: stack.append(.integer(Int(try readNumber(UInt16.self))))
    case .long1: stack.append(.integer(try readLong()))
    case .binaryFloat:
      // The only big-endian number of the format.
      stack.append(.real(Double(bitPattern: try readNumber(UInt64.self).byteSwapped)))
    case .binaryUnicode: stack.append(.text(try readText(count: Int(readNumber(UInt32.self)))))
    case .shortBinaryString: stack.append(.text(try readText(count: Int(readNumber(UInt8.self)))))
    case .global: stack.append(.global(try readGlobal()))
    case .emptySet: stack.append(.emptySet)

    case .emptyTuple: stack.append(.tuple(Pickle.Container(index: 0)))
    case .tuple1: stack.append(.tuple(container(of: try pop(1))))
    case .tuple2: stack.append(.tuple(container(of: try pop(2))))
    case .tuple3: stack.append(.tuple(container(of: try pop(3))))
    case .tuple: stack.append(.tuple(container(of: try popToMark())))
    case .emptyList: stack.append(.list(container(of: [])))
    case .append: try appendToList(pop(1))
    case .appends: try appendToList(popToMark())
    case .emptyDictionary: stack.append(.dictionary(container(of: [])))
    case .setItem: try addToDictionary(pop(2))
    case .setItems: try addToDictionary(popToMark())

    case .binaryPut: memo[UInt32(try readNumber(UInt8.self))] = try top()
    case .longBinaryPut: memo[try readNumber(UInt32.self)] = try top()
    case .binaryGet: try pushFromMemo(UInt32(readNumber(UInt8.self)))
    case .longBinaryGet: try pushFromMemo(readNumber(UInt32.self))

    case .reduce, .newObject: try call(opcode)
    case .build:
      // Attributes of a dictionary (the versions of modules), which a state dict does not need.
      _ = try pop()
      guard case .dictionary = try top() else { throw refused("attributes for \(try top().kind)") }
    case .binaryPersistentID:
      guard case .tuple(let identifier) = try pop() else { throw refused("a persistent id that is no tuple") }
      stack.append(.persistent(identifier))
    }
  }

  private func refused(_ reason: String) -> CheckpointError {
    .refusedPickle(file: file, position: opcodePosition, reason: reason)
  }

  // MARK: Functions

  /// An ordered dictionary is made at once; what else could be called is kept with its arguments.
  private mutating func call(_ opcode: PickleOpcode) throws(CheckpointError) {
    guard case .tuple(let arguments) = try pop(), case .global(let function) = try pop() else {
      throw refused("a call that is not of a global with a tuple")
    }
    switch function {
    case .orderedDictionary:
      guard containers[arguments.index].isEmpty else { throw refused("an OrderedDict with arguments") }
      stack.append(.dictionary(container(of: [])))
    case .rebuildTensor, .rebuildTensorV2, .rebuildParameter:
      guard opcode == .reduce else { throw refused("a new object of a function, not of a class") }
      stack.append(.call(function, arguments: arguments))
    case .storage: throw refused("a call of a storage class")
    }
  }

  // MARK: Stack and containers

  /// Values below the last mark are not to be taken.
  private var available: Int { stack.count - (marks.last ?? 0) }

  private func top() throws(CheckpointError) -> Pickle.Value {
    guard available > 0, let top = stack.last else { throw refused("the stack is empty") }
    return top
  }

  private mutating func pop() throws(CheckpointError) -> Pickle.Value {
    guard available > 0, let top = stack.popLast() else { throw refused("the stack is empty") }
    return top
  }

  private mutating func pop(_ count: Int) throws(CheckpointError) -> [Pickle.Value] {
    guard available >= count else { throw refused("the stack has \(available) values where \(count) are needed") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(CheckpointError) -> [Pickle.Value] {
    guard let mark = marks.popLast() else { throw refused("no mark is set") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func container(of elements: [Pickle.Value]) -> Pickle.Container {
    containers.append(elements)
    return Pickle.Container(index: containers.count - 1)
  }

  private mutating func appendToList(_ elements: [Pickle.Value]) throws(CheckpointError) {
    guard case .list(let list) = try top() else { throw refused("elements for \(try top().kind)") }
    containers[list.index].append(contentsOf: elements)
  }

  private mutating func addToDictionary(_ members: [Pickle.Value]) throws(CheckpointError) {
    guard case .dictionary(let dictionary) = try top() else { throw refused("members for \(try top().kind)") }
    guard members.count % 2 == 0 else { throw refused("a key without a value") }
    containers[dictionary.index].append(contentsOf: members)
  }

  private mutating func pushFromMemo(_ index: UInt32) throws(CheckpointError) {
    guard let value = memo[index] else { throw refused("nothing was memorized as \(index)") }
    stack.append(value)
  }

  // MARK: Reading

  private mutating func readNumber<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type
  ) throws(CheckpointError) -> Number {
    let start = position
    try advance(MemoryLayout<Number>.size)
    return bytes.number(type, at: start)
  }

  /// An integer of as many bytes as its first one says.
  private mutating func readLong() throws(CheckpointError) -> Int {
    let count = Int(try readNumber(UInt8.self))
    guard count <= 8 else { throw refused("an integer of \(count) bytes; 8 are the most") }
    let start = position
    try advance(count)
    guard count > 0 else { return 0 }
    // From the most significant byte, which has the sign.
    let first = Int(bytes.number(Int8.self, at: start + count - 1))
    return bytes[start..<start + count - 1].reversed().reduce(first) { $0 << 8 | Int($1) }
  }

  private mutating func readText(count: Int) throws(CheckpointError) -> String {
    let start = position
    try advance(count)
    guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
      throw refused("a text that is no valid UTF-8")
    }
    return text
  }

  private mutating func readGlobal() throws(CheckpointError) -> Pickle.Global {
    let module = try readLine()
    let name = try readLine()
    guard let global = Pickle.Global(module: module, name: name) else {
      throw refused("the global “\(module).\(name)” has no place in a state dict, and is not loaded")
    }
    return global
  }

  private mutating func readLine() throws(CheckpointError) -> String {
    // Longer than any module's name; what is refused is to be printed.
    let longest = 255
    let start = position
    guard let end = bytes[start...].prefix(longest + 1).firstIndex(of: UInt8(ascii: "\n")) else {
      throw refused("a name that does not end within \(longest) bytes")
    }
    position = end + 1
    guard let name = String(validating: bytes[start..<end], as: UTF8.self) else {
      throw refused("a name that is no valid UTF-8")
    }
    return name
  }

  private mutating func advance(_ count: Int) throws(CheckpointError) {
    guard count <= bytes.count - position else {
      throw refused("the pickle ends \(count - (bytes.count - position)) bytes too early")
    }
    position += count
  }
}
