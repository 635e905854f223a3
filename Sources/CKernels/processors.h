#ifndef RECOLLECT_PROCESSORS_H
#define RECOLLECT_PROCESSORS_H

// For the sources of this folder: a function marked so is compiled for several processors, and all versions give the same
// bits, as none may fuse a product and a sum.

#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif

#define INLINE static inline __attribute__((always_inline))

#endif
