import Tensors

/// WinoGrande's sentences, in pairs that differ only behind the gap, so that no name is right more often than another.
enum WinoGrandeFile {
  private struct Twin {
    let sentences: [String]
    let options: [String]
    /// For each sentence which option is right.
    let answers: [Int]
    /// For each sentence the fact that decides, and what is so of the other.
    let facts: [[Fact]]
  }

  static func file(_ world: World, _ count: Int) -> TaskFile {
    var stream = world.stream(forTask: "winogrande")
    let pairs = count / 2
    var twins: [Twin] = []
    var used: Set<String> = []
    for index in 0..<pairs {
      for _ in 0..<100 {
        guard let twin = twin(index, world, &stream) else { continue }
        guard used.insert(twin.options.sorted().joined() + twin.sentences[0]).inserted else { continue }
        twins.append(twin)
        break
      }
    }
    let questions = twins.enumerated().flatMap { index, twin in
      (0..<2).map { side in
        let record = JSONLine.object([
          ("qID", .text("ISLANDS\(1000 + index)-\(side + 1)")), ("sentence", .text(twin.sentences[side])),
          ("option1", .text(twin.options[0])), ("option2", .text(twin.options[1])),
          ("answer", .text(String(twin.answers[side] + 1))),
        ])
        return Question(
          facts: twin.facts[side], prompt: twin.sentences[side], choices: twin.options, gold: twin.answers[side],
          record: record)
      }
    }
    let shuffled = stream.shuffled(questions)
    let labels = shuffled.map { "\(($0.gold ?? 0) + 1)\n" }.joined()
    return TaskFile(
      task: "winogrande", path: "winogrande_1.1/dev.jsonl", labels: ("winogrande_1.1/dev-labels.lst", labels),
      questions: shuffled
    ) { $0.map { $0.written() + "\n" }.joined() }
  }

  private static func twin(_ index: Int, _ world: World, _ stream: inout RandomStream) -> Twin? {
    switch index % 5 {
    case 0, 1: materialTwin(world, &stream)
    case 2: meeting(stream.element(of: WinogradPatterns.animals), .animal, world, &stream)
    default: meeting(stream.element(of: WinogradPatterns.people), .person, world, &stream)
    }
  }

  private static func materialTwin(_ world: World, _ stream: inout RandomStream) -> Twin? {
    let scene = stream.element(of: WinogradPatterns.materials)
    let pair = stream.sample(2, of: world.entities(of: .material))
    let facts = pair.compactMap { world.fact(scene.relation, of: $0) }
    let endings = facts.compactMap { fact in scene.endings.first { $0.value == fact.value }?.text }
    return twin(scene.beginning, pair, facts, endings, world, &stream)
  }

  private static func meeting(
    _ meeting: WinogradPatterns.Meeting, _ kind: Kind, _ world: World, _ stream: inout RandomStream
  ) -> Twin? {
    let pair = stream.sample(2, of: world.entities(of: kind))
    let facts = pair.compactMap { world.fact(meeting.relation, of: $0) }
    let endings = pair.map { meeting.ending.phrase(on: $0, in: world, &stream) }
    return twin(meeting.beginning, pair, facts, endings, world, &stream)
  }

  /// nil where the two do not differ in what decides.
  private static func twin(
    _ beginning: String, _ pair: [Entity], _ facts: [Fact], _ endings: [String], _ world: World,
    _ stream: inout RandomStream
  ) -> Twin? {
    guard facts.count == 2, facts[0].value != facts[1].value else { return nil }
    let someone = stream.element(of: world.strangers)
    let start = beginning.replacing("{someone}", with: someone).replacing("{X}", with: pair[0].name)
      .replacing("{Y}", with: pair[1].name)
    return Twin(
      sentences: endings.map { "\(start) \($0)." }, options: pair.map(\.name), answers: [0, 1],
      facts: [facts, facts.reversed()])
  }
}
