/// Adapters of PEFT on randomly initialized models of transformers in float32, trained step by step in a Python process
/// that works when asked.
final class ReferenceRecovery {
  /// A request that names a shape makes model, adapter and optimizer; every one takes a step, and is answered by its
  /// seconds and the most memory that the process has had since the adapter was made.
  private struct Request: Encodable {
    var shape: String?
    var numbers: [Int]?
    var method: String?
    var targets: [String]?
  }

  private static let program = """
    import gc, json, sys, time
    import torch
    from peft import LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM, OPTConfig, OPTForCausalLM

    def peak():
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

    def made(request):
        vocabulary, width, blocks, heads, inner, batch, length, threads, size = request["numbers"]
        torch.set_num_threads(threads)
        common = dict(vocab_size=vocabulary, hidden_size=width, num_hidden_layers=blocks, num_attention_heads=heads)
        if request["shape"] == "llama":
            base = LlamaForCausalLM(LlamaConfig(intermediate_size=inner, **common))
        else:
            base = OPTForCausalLM(OPTConfig(ffn_dim=inner, word_embed_proj_dim=width, dropout=0.0, **common))
        if request["method"] == "lora":
            config = LoraConfig(task_type="CAUSAL_LM", r=size, lora_alpha=size, target_modules=request["targets"])
        elif request["method"] == "prompt":
            config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=size)
        else:
            config = PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=size)
        model = get_peft_model(base.float(), config).train()
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=2e-4, weight_decay=1e-5)
        return model, optimizer, torch.randint(4, vocabulary, (batch, length))

    model = optimizer = ids = None
    for line in sys.stdin:
        request = json.loads(line)
        if "shape" in request:
            model = optimizer = ids = None
            gc.collect()
            model, optimizer, ids = made(request)
            with open("/proc/self/clear_refs", "w") as counts:
                counts.write("5")
        start = time.perf_counter()
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(json.dumps([time.perf_counter() - start, peak()]), flush=True)
    """

  private let peer: PythonPeer

  /// nil where no Python is named.
  static func started() throws -> ReferenceRecovery? {
    try PythonPeer.started(program: program, environment: ["TRANSFORMERS_VERBOSITY": "error"])
      .map(ReferenceRecovery.init)
  }

  private init(peer: PythonPeer) { self.peer = peer }

  /// Makes a model with an adapter, and warms up.
  ///
  /// - Parameters:
  ///   - method: lora, prompt or prefix.
  ///   - size: the rank, or the virtual tokens.
  ///   - targets: of a LoRA.
  func take(
    _ shape: BenchmarkShape, method: String, size: Int, targets: [String], batch: Int, length: Int, threads: Int
  ) throws {
    let sizes = shape.sizes
    let numbers = [
      sizes.vocabularySize, sizes.width, sizes.blockCount, sizes.headCount, sizes.feedForwardWidth, batch, length,
      threads, size,
    ]
    let request = Request(
      shape: shape.isOPT ? "opt" : "llama", numbers: numbers, method: method, targets: targets)
    _ = try peer.ask(request, answerCount: 2)
  }

  /// A step's seconds, and the peak of the memory in bytes.
  func step() throws -> (seconds: Double, peakBytes: Int) {
    let answer = try peer.ask(Request(), answerCount: 2)
    return (answer[0], Int(answer[1]))
  }
}
