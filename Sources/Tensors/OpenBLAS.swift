internal import COpenBLAS

/// The BLAS library behind the products: which one it is, and its one setting.
package enum OpenBLAS {
  // OpenBLAS's own threads would cut a product by the number of threads, and so change its last bits; the workers
  // above it (`Workers`) work on pieces that do not depend on it.
  static let isConfigured: Bool = {
    openblas_set_num_threads(1)
    return true
  }()

  /// The name of the kernel in use, such as "Haswell" or "SkylakeX": results are the same to the bit only on the same
  /// kernel. The environment variable OPENBLAS_CORETYPE chooses another one when the process starts.
  package static let kernel: String = {
    _ = isConfigured
    return String(cString: openblas_get_corename())
  }()

  /// The library's name and version, such as "OpenBLAS 0.3.21".
  package static let version: String = {
    _ = isConfigured
    return String(cString: openblas_get_config()).split(separator: " ").prefix(2).joined(separator: " ")
  }()
}
