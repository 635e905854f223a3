/// lm-evaluation-harness over randomly initialized models of transformers in float32, in a Python process that works when
/// asked.
final class ReferenceEvaluation {
  /// A request that names a shape makes the model; one with rows is what is to be scored; every other one scores that in
  /// batches of so many.
  private struct Request: Encodable {
    var shape: String?
    var numbers: [Int]?
    /// Context and continuation of each.
    var rows: [[[Int]]]?
    var batch: Int?
  }

  private static let program = """
    import json, logging, sys, time
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, OPTConfig, OPTForCausalLM
    from lm_eval.models.huggingface import HFLM
    logging.disable(logging.WARNING)

    class Tokenizer:
        pad_token_id = eos_token_id = bos_token_id = 2
        name_or_path = "none"

    model = None
    rows = []
    for line in sys.stdin:
        request = json.loads(line)
        answer = [0.0]
        if "shape" in request:
            vocabulary, width, blocks, heads, inner, length, threads = request["numbers"]
            torch.set_num_threads(threads)
            common = dict(vocab_size=vocabulary, hidden_size=width, num_hidden_layers=blocks, num_attention_heads=heads,
                          max_position_embeddings=length)
            if request["shape"] == "llama":
                model = LlamaForCausalLM(LlamaConfig(intermediate_size=inner, **common))
            else:
                model = OPTForCausalLM(OPTConfig(ffn_dim=inner, word_embed_proj_dim=width, **common))
            model = model.float().eval()
        elif "rows" in request:
            rows = [(("", str(number)), context, continuation)
                    for number, (context, continuation) in enumerate(request["rows"])]
        else:
            harness = HFLM.__new__(HFLM)
            from lm_eval.api.model import TemplateLM
            TemplateLM.__init__(harness)
            harness._model = model
            harness._device = torch.device("cpu")
            harness._rank, harness._world_size = 0, 1
            harness.tokenizer = Tokenizer()
            harness.backend = "causal"
            harness._max_length = model.config.max_position_embeddings
            harness.batch_size_per_gpu = request["batch"]
            harness.batch_schedule, harness.batch_sizes = 1, {}
            harness.logits_cache = True
            harness.add_bos_token = False
            harness.revision = harness.peft = harness.delta = None
            harness.softmax_dtype = None
            harness.mixed_precision_dtype = None
            harness.pretrained = "none"
            start = time.perf_counter()
            harness._loglikelihood_tokens(rows, disable_tqdm=True)
            answer = [time.perf_counter() - start]
        print(json.dumps(answer), flush=True)
    """

  private let peer: PythonPeer

  /// nil where no Python is named.
  static func started() throws -> ReferenceEvaluation? {
    try PythonPeer.started(
      program: program, environment: ["TRANSFORMERS_VERBOSITY": "error", "TOKENIZERS_PARALLELISM": "false"]
    ).map(ReferenceEvaluation.init)
  }

  private init(peer: PythonPeer) { self.peer = peer }

  func take(_ shape: BenchmarkShape, threads: Int) throws {
    let sizes = shape.sizes
    let numbers = [
      sizes.vocabularySize, sizes.width, sizes.blockCount, sizes.headCount, sizes.feedForwardWidth,
      BenchmarkShape.maximumLength, threads,
    ]
    _ = try peer.ask(Request(shape: shape.isOPT ? "opt" : "llama", numbers: numbers), answerCount: 1)
  }

  func take(_ rows: [(context: [Int], continuation: [Int])]) throws {
    _ = try peer.ask(Request(rows: rows.map { [$0.context, $0.continuation] }), answerCount: 1)
  }

  /// Seconds for all rows.
  func measure(batch: Int) throws -> Double { try peer.ask(Request(batch: batch), answerCount: 1)[0] }
}
