/// Randomly initialized models of transformers in float32, in a Python process that works when asked.
final class ReferenceModels {
  /// A request that names a shape makes the model; every other one is answered by the seconds of two passes.
  private struct Request: Encodable {
    var shape: String?
    var numbers: [Int]?
  }

  private static let program = """
    import json, sys, time
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, OPTConfig, OPTForCausalLM

    model = ids = None
    for line in sys.stdin:
        request = json.loads(line)
        if "shape" in request:
            vocabulary, width, blocks, heads, inner, batch, length, threads = request["numbers"]
            torch.set_num_threads(threads)
            common = dict(vocab_size=vocabulary, hidden_size=width, num_hidden_layers=blocks, num_attention_heads=heads)
            if request["shape"] == "llama":
                model = LlamaForCausalLM(LlamaConfig(intermediate_size=inner, **common))
            else:
                model = OPTForCausalLM(OPTConfig(ffn_dim=inner, word_embed_proj_dim=width, **common))
            model = model.float().eval()
            ids = torch.randint(4, vocabulary, (batch, length))
        with torch.inference_mode():
            start = time.perf_counter()
            model.model(input_ids=ids, use_cache=False)
            middle = time.perf_counter()
            model(input_ids=ids, use_cache=False)
            end = time.perf_counter()
        print(json.dumps([middle - start, end - middle]), flush=True)
    """

  private let peer: PythonPeer

  /// nil where no Python is named.
  static func started() throws -> ReferenceModels? {
    try PythonPeer.started(program: program, environment: ["TRANSFORMERS_VERBOSITY": "error"]).map(ReferenceModels.init)
  }

  private init(peer: PythonPeer) { self.peer = peer }

  /// Makes a model, and warms up.
  func take(_ shape: BenchmarkShape, batch: Int, length: Int, threads: Int) throws {
    let sizes = shape.sizes
    let numbers = [
      sizes.vocabularySize, sizes.width, sizes.blockCount, sizes.headCount, sizes.feedForwardWidth, batch, length,
      threads,
    ]
    _ = try peer.ask(Request(shape: shape.isOPT ? "opt" : "llama", numbers: numbers), answerCount: 2)
  }

  /// Seconds through the blocks, and with the logits of every token.
  func measure() throws -> (blocks: Double, logits: Double) {
    let answer = try peer.ask(Request(), answerCount: 2)
    return (answer[0], answer[1])
  }
}
