// swift-tools-version: 6.2
import PackageDescription

// The floors of the program: imports point down only, and siblings never import each other. What measures (Evaluation)
// cannot see what was done to the model (Compression, Recovery); what judges (Comparison) cannot compute.
let package = Package(
  name: "recollect",
  targets: [
    // Floor 0: C libraries of the system.
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),

    // Floor 1
    .target(name: "Tensors", dependencies: ["COpenBLAS"]),

    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
  ]
)
