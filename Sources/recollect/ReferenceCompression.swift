/// The steps of GPTQ and SparseGPT as their papers have them, plainly in PyTorch, in a Python process that works when asked.
///
/// Source: Frantar et al. 2023 (arXiv:2210.17323), Algorithm 1; Frantar and Alistarh 2023 (arXiv:2301.00774), Algorithm 1;
/// `gptq.md` section 2, `sparsegpt.md` section 1.
final class ReferenceCompression {
  /// A request with sizes makes the layer; every one is answered by the seconds of the two methods.
  private struct Request: Encodable {
    var sizes: [Int]?
  }

  private static let program = """
    import json, sys, time
    import torch

    WIDTH = 128

    def inverse_triangle(hessian):
        damped = hessian.clone()
        diagonal = damped.diagonal()
        diagonal += 0.01 * diagonal.mean()
        inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
        return torch.linalg.cholesky(inverse, upper=True)

    def swept(weight, hessian, prepare, choose):
        triangle = inverse_triangle(hessian)
        rest, result = weight.clone(), torch.empty_like(weight)
        for start in range(0, weight.shape[1], WIDTH):
            end = min(start + WIDTH, weight.shape[1])
            block, small = rest[:, start:end].clone(), triangle[start:end, start:end]
            errors = torch.empty_like(block)
            prepared = prepare(block, small.diagonal())
            for column in range(end - start):
                given = block[:, column]
                kept = choose(given, prepared, column)
                error = (given - kept) / small[column, column]
                result[:, start + column], errors[:, column] = kept, error
                block[:, column:] -= error.unsqueeze(1).matmul(small[column, column:].unsqueeze(0))
            rest[:, end:] -= errors.matmul(triangle[start:end, end:])
        return result

    def gptq(weight, hessian, bits=3):
        top = 2 ** bits - 1
        low, high = weight.amin(1).clamp(max=0), weight.amax(1).clamp(min=0)
        scale = (high - low) / top
        zero = torch.round(-low / scale)
        def choose(given, _, column):
            return scale * (torch.clamp(torch.round(given / scale) + zero, 0, top) - zero)
        return swept(weight, hessian, lambda block, diagonal: None, choose)

    def sparsegpt(weight, hessian, share=0.5):
        def prepare(block, diagonal):
            scores = block ** 2 / diagonal ** 2
            return scores <= torch.sort(scores.flatten())[0][int(scores.numel() * share)]
        def choose(given, removed, column):
            return torch.where(removed[:, column], torch.zeros_like(given), given)
        return swept(weight, hessian, prepare, choose)

    weight = hessian = None
    for line in sys.stdin:
        request = json.loads(line)
        if "sizes" in request:
            rows, columns, threads = request["sizes"]
            torch.set_num_threads(threads)
            weight = torch.randn(rows, columns)
            inputs = torch.randn(2 * columns, columns)
            hessian = 2 * inputs.T.matmul(inputs)
        seconds = []
        with torch.inference_mode():
            for method in (gptq, sparsegpt):
                start = time.perf_counter()
                method(weight, hessian)
                seconds.append(time.perf_counter() - start)
        print(json.dumps(seconds), flush=True)
    """

  private let peer: PythonPeer

  /// nil where no Python is named.
  static func started() throws -> ReferenceCompression? {
    try PythonPeer.started(program: program).map(ReferenceCompression.init)
  }

  private init(peer: PythonPeer) { self.peer = peer }

  /// Makes a layer and its Hessian, and warms up.
  func take(_ shape: LayerShape, threads: Int) throws {
    _ = try peer.ask(Request(sizes: [shape.rows, shape.columns, threads]), answerCount: 2)
  }

  /// Seconds of GPTQ and of SparseGPT.
  func measure() throws -> [Double] { try peer.ask(Request(), answerCount: 2) }
}
