#include "CKernels.h"
#include "processors.h"

// The words of the Philox4x32-10 blocks of eight counters in a row: words[w][j] is word w of block `first` + j.
INLINE void philox(uint32_t first, const uint32_t key[2], const uint32_t index[2], uint32_t words[4][8]) {
  uint32_t k0 = key[0], k1 = key[1];
  for (int j = 0; j < 8; j++) {
    words[0][j] = first + (uint32_t)j;
    words[1][j] = 0;
    words[2][j] = index[0];
    words[3][j] = index[1];
  }
  for (int round = 0; round < 10; round++) {
    for (int j = 0; j < 8; j++) {
      uint64_t a = (uint64_t)words[0][j] * 0xD2511F53u, b = (uint64_t)words[2][j] * 0xCD9E8D57u;
      words[0][j] = (uint32_t)(b >> 32) ^ words[1][j] ^ k0;
      words[1][j] = (uint32_t)b;
      words[2][j] = (uint32_t)(a >> 32) ^ words[3][j] ^ k1;
      words[3][j] = (uint32_t)a;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

FOR_EVERY_PROCESSOR
void recollect_drop(const float *restrict x, float *restrict out, long count, const uint32_t key[2],
                    const uint32_t index[2], uint32_t limit, float factor) {
  for (long start = 0; start < count; start += 32) {
    uint32_t words[4][8];
    philox((uint32_t)(start / 4), key, index, words);
    if (count - start >= 32) {
      for (int j = 0; j < 8; j++) {
        for (int w = 0; w < 4; w++) {
          float kept = x[start + 4 * j + w] * factor;
          out[start + 4 * j + w] = words[w][j] < limit ? 0.0f : kept;
        }
      }
    } else {
      for (long i = start; i < count; i++) {
        out[i] = words[i % 4][(i - start) / 4] < limit ? 0.0f : x[i] * factor;
      }
    }
  }
}
