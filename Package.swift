// swift-tools-version: 6.2
import PackageDescription

// The floors of the program: imports point down only, and siblings never import each other. What measures (Evaluation)
// cannot see what was done to the model (Compression, Recovery); what judges (Comparison) cannot compute.
let package = Package(
  name: "recollect",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // Floor 0: C libraries of the system.
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CArchive", providers: [.apt(["libarchive-dev"])]),

    // And what C can say to the processor and Swift cannot.
    .target(name: "CKernels"),

    // Floor 1
    .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"]),
    .target(name: "Artifacts", dependencies: ["CArchive", "CCrypto", "CCurl", "CZlib"]),

    // Floor 2
    .target(name: "Models", dependencies: ["CZlib", "Tensors"]),
    .target(name: "Results"),

    // The embedded world knows nothing of models: it writes the texts and questions that they are tried on.
    .target(name: "World", dependencies: ["Tensors"]),

    // Floor 3
    .target(name: "Training", dependencies: ["Artifacts", "Models", "Tensors"]),

    // Floor 4
    .target(name: "Compression", dependencies: ["Artifacts", "Models", "Tensors"]),
    .target(name: "Recovery", dependencies: ["Training", "Models", "Tensors"]),
    .target(name: "Evaluation", dependencies: ["Models", "Tensors"]),
    .target(name: "Comparison", dependencies: ["Results"]),

    // Floor 5
    .target(
      name: "Experiments",
      dependencies: [
        "Artifacts", "Compression", "Comparison", "Evaluation", "Models", "Recovery", "Results", "Tensors", "Training",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(name: "Reports", dependencies: ["Results", "Comparison"]),

    // Floor 6
    .executableTarget(
      name: "recollect",
      dependencies: [
        "Artifacts", "Comparison", "Compression", "Evaluation", "Experiments", "Models", "Recovery", "Reports",
        "Results", "Tensors", "Training", "World",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // What several test targets need.
    .target(name: "TestModels", dependencies: ["Models", "Tensors"], path: "Tests/TestModels"),

    // Servers on loopback that misbehave on request.
    .target(name: "TestServers", path: "Tests/TestServers"),

    // Reads damaged files; see ci/fuzz.
    .executableTarget(
      name: "FuzzReaders",
      dependencies: [
        "Models", "Tensors", "TestModels", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/FuzzReaders"),

    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(name: "ArtifactsTests", dependencies: ["Artifacts", "TestServers"]),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "Tensors", "TestModels"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training", "Models", "Tensors", "TestModels"]),
    .testTarget(
      name: "CompressionTests", dependencies: ["Artifacts", "Compression", "Models", "Tensors", "TestModels"]),
    .testTarget(name: "RecoveryTests", dependencies: ["Recovery", "Training", "Models", "Tensors", "TestModels"]),
    .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "Models", "Tensors", "TestModels"]),
    .testTarget(name: "ComparisonTests", dependencies: ["Comparison", "Results"]),
    .testTarget(name: "ReportsTests", dependencies: ["Comparison", "Reports", "Results"]),
    .testTarget(name: "WorldTests", dependencies: ["Evaluation", "Models", "Tensors", "World"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Artifacts", "Comparison", "Compression", "Evaluation", "Experiments", "Models", "Recovery", "Results",
        "Tensors", "TestServers",
      ]),
    .testTarget(
      name: "CommandTests", dependencies: ["recollect", "Artifacts", "Models", "Tensors", "TestModels", "TestServers"]),
    .testTarget(
      name: "GoldenTests",
      dependencies: [
        "Artifacts", "Compression", "Comparison", "Evaluation", "Models", "Recovery", "Tensors", "Training",
      ]),
  ]
)
