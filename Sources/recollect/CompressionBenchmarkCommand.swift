import ArgumentParser
import Compression
import Foundation
import Models
import Reports
import Tensors

struct CompressionBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compression",
    abstract: "Measure how fast single layers are compressed.",
    discussion: """
      For each shape, by GPTQ to 3 bits and by SparseGPT to half of the weights: the seconds from the Hessian to the \
      compressed layer, and what share of the rate of bare matrix products, measured in the same run, the method's own \
      products and its factorization make of that time. Repetitions go by turns; the table has medians.

      Where RECOLLECT_PYTHON names a Python that has torch, the steps of the two papers written plainly in it run by \
      turns with this program, in float32 on as many threads.
      """)

  @Option(help: "Rows and columns of a layer, as 4096x4096; may be repeated.")
  var shape = [LayerShape(rows: 2048, columns: 768), LayerShape(rows: 4096, columns: 4096)]

  @Option(help: "How many threads work.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "How often each is run.")
  var repetitions = 3

  func validate() throws {
    guard threads > 0, repetitions > 0 else {
      throw ValidationError("--threads and --repetitions must be at least 1.")
    }
  }

  func run() throws {
    try reportingErrors {
      let reference = try ReferenceCompression.started()
      var rows: [[String]] = []
      for shape in shape {
        standardError("\(shape.rows) × \(shape.columns) on \(threads) threads")
        try reference?.take(shape, threads: threads)
        rows += try figures(shape, reference)
      }
      let heading =
        ["layer, method", "s a layer", "GFLOP/s", "products alone GFLOP/s", "share"]
        + (reference == nil ? [] : ["PyTorch s", "ratio"])
      print(TextTable(heading: heading, rows: rows, headingWidth: 16, gap: 2).text, terminator: "")
      print("OpenBLAS kernel \(OpenBLAS.kernel), \(threads) threads, medians of \(repetitions)")
      if reference == nil { print("→ to compare: name a Python that has torch in \(PythonPeer.variable)") }
    }
  }

  private func figures(_ shape: LayerShape, _ reference: ReferenceCompression?) throws -> [[String]] {
    let workers = Workers(threadCount: threads)
    let weight = Self.random(shape.rows, shape.columns, purpose: "benchmark weight")
    var hessian = Hessian(width: shape.columns)
    hessian.add(Self.random(2 * shape.columns, shape.columns, purpose: "benchmark inputs"))
    let inputs = InputStatistics.hessian(hessian)
    let methods: [(name: String, method: any LayerCompressor)] = [
      ("GPTQ 3 bits", GPTQ(Quantizer(bits: 3))), ("SparseGPT 50 %", SparseGPT(.unstructured(0.5))),
    ]
    var ours: [[Double]] = methods.map { _ in [] }
    var theirs = ours
    var products: [Double] = []
    for _ in 0..<repetitions {
      products.append(try Measurement.productRate(workers))
      for (place, (_, method)) in methods.enumerated() {
        ours[place].append(
          try Measurement.timed { try Self.compress(weight, inputs, by: method, workers) }.seconds)
      }
      if let reference {
        for (place, seconds) in try reference.measure().enumerated() { theirs[place].append(seconds) }
      }
    }
    let rate = Measurement.median(products)
    return methods.indices.map { place in
      let seconds = Measurement.median(ours[place])
      let own = 1e-9 * shape.operations / seconds
      var row = [
        "\(shape.rows) × \(shape.columns), \(methods[place].name)", String(format: "%.3f", seconds),
        String(format: "%.0f", own), String(format: "%.0f", rate), String(format: "%.0f %%", 100 * own / rate),
      ]
      if reference != nil {
        let other = Measurement.median(theirs[place])
        row += [String(format: "%.3f", other), String(format: "%.1f", other / seconds)]
      }
      return row
    }
  }

  private static func compress(
    _ weight: Matrix, _ inputs: InputStatistics, by method: some LayerCompressor, _ workers: Workers
  ) throws {
    _ = try method.compressed(weight, for: inputs, workers: workers)
  }

  private static func random(_ rows: Int, _ columns: Int, purpose: String) -> Matrix {
    var stream = RandomStream(seed: 1, purpose: purpose)
    var matrix = Matrix(uninitializedRows: rows, columns: columns)
    matrix.withMutableElements { for place in $0.indices { $0[place] = stream.nextNormal() } }
    return matrix
  }
}

/// The sizes of a linear layer's weight, (out, in).
struct LayerShape: ExpressibleByArgument {
  let rows: Int
  let columns: Int

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  init?(argument: String) {
    let numbers = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let rows = numbers[0], let columns = numbers[1], (1...65_536).contains(rows),
      (1...65_536).contains(columns)
    else { return nil }
    self.init(rows: rows, columns: columns)
  }

  var defaultValueDescription: String { "\(rows)x\(columns)" }

  /// Floating-point operations that cannot be done without: the triangle of the Hessian, in³ / 3, and the corrections of
  /// the columns behind each one, out · in².
  var operations: Double {
    let (rows, columns) = (Double(rows), Double(columns))
    return columns * columns * columns / 3 + rows * columns * columns
  }
}
