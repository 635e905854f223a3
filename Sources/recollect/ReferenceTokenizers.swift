/// The library `tokenizers` of Hugging Face on one thread, in a Python process that works when asked.
final class ReferenceTokenizers {
  struct Timing {
    let seconds: Double
    let tokenCount: Int
  }

  /// A request that names a tokenizer or texts sets them; every request is answered by a time and a number of tokens.
  private struct Request: Encodable {
    var tokenizer: String?
    var texts: [String]?
  }

  private static let program = """
    import json, sys, time
    from tokenizers import Tokenizer

    tokenizer, texts = None, []
    for line in sys.stdin:
        request = json.loads(line)
        if "tokenizer" in request:
            tokenizer = Tokenizer.from_file(request["tokenizer"])
        texts = request.get("texts", texts)
        start = time.perf_counter()
        count = sum(len(tokenizer.encode(text, add_special_tokens=False)) for text in texts)
        print(json.dumps([time.perf_counter() - start, count]), flush=True)
    """

  private let peer: PythonPeer

  /// nil where no Python is named.
  static func started() throws -> ReferenceTokenizers? {
    let environment = ["RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"]
    return try PythonPeer.started(program: program, environment: environment).map(ReferenceTokenizers.init)
  }

  private init(peer: PythonPeer) { self.peer = peer }

  func load(tokenizer: String) throws { _ = try ask(Request(tokenizer: tokenizer, texts: [])) }

  /// Takes the texts for those of the measurements that follow; this one warms up.
  func take(texts: [String]) throws { _ = try ask(Request(texts: texts)) }

  /// Encodes the texts once.
  func measure() throws -> Timing { try ask(Request()) }

  private func ask(_ request: Request) throws -> Timing {
    let answer = try peer.ask(request, answerCount: 2)
    return Timing(seconds: answer[0], tokenCount: Int(answer[1]))
  }
}
