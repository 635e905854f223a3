internal import CKernels

/// What becomes of the memory of matrices that are no more.
package enum FreedMemory {
  /// From now on the system has it back at once, for the whole process.
  ///
  /// The C library would keep what is freed for later, in a pool for each thread: faster by a little, and at times twice
  /// as much memory as is used.
  package static func returnAtOnce() { recollect_return_allocations(1 << 20) }
}
