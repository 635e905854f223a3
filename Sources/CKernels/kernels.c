#include "CKernels.h"
#include "processors.h"

#include <stdint.h>
#include <string.h>

INLINE float fromBits(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

INLINE int32_t bitsOf(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

// exp(x) = 2^n exp(r) with n = round(x / ln 2), and exp(r) on |r| <= ln 2 / 2 by a polynomial of degree six (Taylor's: its
// remainder r^7/7! is below 1.2e-7, two ulp of exp(-ln 2 / 2)). Written out rather than taken from the C library, whose
// last bits differ from version to version and from processor to processor.
INLINE float exponential(float x) {
  // Adding 1.5 * 2^23 rounds to an integer (half to even) and leaves it in the low bits.
  const float shift = 12582912.0f;
  float shifted = x * 1.44269504f + shift;
  float n = shifted - shift;
  // ln 2 in two parts, the first with few enough bits that n times it is exact.
  float r = (x - n * 0.693359375f) - n * -2.1219444e-4f;
  float p = (float)(1.0 / 720);
  p = p * r + (float)(1.0 / 120);
  p = p * r + (float)(1.0 / 24);
  p = p * r + (float)(1.0 / 6);
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  uint32_t exponent = (uint32_t)bitsOf(shifted) - (uint32_t)bitsOf(shift);
  float result = fromBits((int32_t)((uint32_t)bitsOf(p) + (exponent << 23)));
  // Outside of the range the above is nonsense.
  result = x < -87.0f ? 0.0f : result;
  result = x > 88.0f ? 1.65163625e38f : result;
  return x != x ? x : result;
}

float recollect_exponential(float x) { return exponential(x); }

FOR_EVERY_PROCESSOR
void recollect_exponentials(float *x, long count, float largest, double sums[8]) {
  double lanes[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  long whole = count / 16 * 16;
  for (long i = 0; i < whole; i += 16) {
    float e[16];
    for (int j = 0; j < 16; j++) e[j] = exponential(x[i + j] - largest);
    for (int j = 0; j < 16; j++) x[i + j] = e[j];
    for (int j = 0; j < 8; j++) lanes[j] += (double)e[j];
    for (int j = 0; j < 8; j++) lanes[j] += (double)e[j + 8];
  }
  for (long i = whole; i < count; i++) {
    x[i] = exponential(x[i] - largest);
    lanes[i % 8] += (double)x[i];
  }
  for (int j = 0; j < 8; j++) sums[j] = lanes[j];
}

FOR_EVERY_PROCESSOR
float recollect_largest(const float *x, long count) {
  float lanes[16];
  for (int j = 0; j < 16; j++) lanes[j] = -__builtin_inff();
  long whole = count / 16 * 16;
  for (long i = 0; i < whole; i += 16) {
    for (int j = 0; j < 16; j++) lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
  }
  for (long i = whole; i < count; i++) lanes[i % 16] = x[i] > lanes[i % 16] ? x[i] : lanes[i % 16];
  float largest = lanes[0];
  for (int j = 1; j < 16; j++) largest = lanes[j] > largest ? lanes[j] : largest;
  return largest;
}

FOR_EVERY_PROCESSOR
void recollect_add(float *restrict x, const float *restrict y, long count) {
  for (long i = 0; i < count; i++) x[i] += y[i];
}

INLINE float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

FOR_EVERY_PROCESSOR
void recollect_gate(const float *restrict gate, const float *restrict up, float *restrict out, long count) {
  for (long i = 0; i < count; i++) out[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

// With s = sigmoid(g): d/dg [g s u] = u s (1 + g (1 - s)), d/du = g s.
FOR_EVERY_PROCESSOR
void recollect_gate_gradient(const float *restrict gradient, const float *restrict gate, const float *restrict up,
                             float *restrict gateGradient, float *restrict upGradient, long count) {
  for (long i = 0; i < count; i++) {
    float s = sigmoid(gate[i]);
    gateGradient[i] = gradient[i] * up[i] * s * (1.0f + gate[i] * (1.0f - s));
    upGradient[i] = gradient[i] * gate[i] * s;
  }
}

FOR_EVERY_PROCESSOR
void recollect_rotate(float *x, const float *restrict cosines, const float *restrict sines, float sign, long half) {
  float *restrict low = x;
  float *restrict high = x + half;
  for (long j = 0; j < half; j++) {
    float first = low[j], second = high[j], c = cosines[j], s = sign * sines[j];
    low[j] = first * c - second * s;
    high[j] = second * c + first * s;
  }
}

FOR_EVERY_PROCESSOR
void recollect_widen_halves(const void *halves, float *restrict floats, long count) {
  const unsigned char *bytes = halves;
  for (long i = 0; i < count; i++) {
    uint16_t stored;
    memcpy(&stored, bytes + 2 * i, sizeof stored);
    uint32_t half = stored, magnitude = half & 0x7FFF;
    // The exponent bits moved into place are too small by 127 - 15; multiplying by 2^112 puts that right, for subnormal
    // halves too. A full exponent (infinity, NaN) is the one that carries into bit 15 below; it has to stay full.
    uint32_t scaled = (uint32_t)bitsOf(fromBits((int32_t)(magnitude << 13)) * 0x1p112f);
    uint32_t full = (0u - ((magnitude + 0x0400) >> 15)) & 0x7F800000u;
    floats[i] = fromBits((int32_t)(scaled | full | ((half & 0x8000u) << 16)));
  }
}

FOR_EVERY_PROCESSOR
void recollect_widen_brain_floats(const void *halves, float *restrict floats, long count) {
  const unsigned char *bytes = halves;
  for (long i = 0; i < count; i++) {
    uint16_t stored;
    memcpy(&stored, bytes + 2 * i, sizeof stored);
    floats[i] = fromBits((int32_t)((uint32_t)stored << 16));
  }
}

typedef float Floats8 __attribute__((vector_size(32)));
typedef int32_t Ints8 __attribute__((vector_size(32)));
typedef uint32_t Words8 __attribute__((vector_size(32)));

INLINE uint32_t loadWord(const unsigned char *words, long index) {
  uint32_t word;
  memcpy(&word, words + 4 * index, sizeof word);
  return word;
}

// One code at a time: what the tiles below leave over.
INLINE void widenCode(const unsigned char *words, long stride, int bits, const int32_t *groups, const float *scales,
                      const float *zeros, float *values, long outputCount, long inputCount, long output, long input) {
  long bit = input * bits, row = bit / 32, shift = bit % 32;
  uint32_t code = loadWord(words, row * stride + output) >> shift;
  if (shift + bits > 32) code |= loadWord(words, (row + 1) * stride + output) << (32 - shift);
  code &= (1u << bits) - 1;
  long place = groups[input] * outputCount + output;
  values[output * inputCount + input] = scales[place] * ((float)(int32_t)code - zeros[place]);
}

#define SHUFFLED(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

// Eight rows of eight become eight columns: pairs, then fours, then halves change places.
INLINE void storeTransposed(const Floats8 r[8], float *out, long stride) {
  Floats8 pairs[8], fours[8];
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = SHUFFLED(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    pairs[i + 1] = SHUFFLED(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; j++) {
      fours[i + 2 * j] = SHUFFLED(pairs[i + j], pairs[i + 2 + j], 0, 1, 8, 9, 4, 5, 12, 13);
      fours[i + 2 * j + 1] = SHUFFLED(pairs[i + j], pairs[i + 2 + j], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int i = 0; i < 4; i++) {
    Floats8 low = SHUFFLED(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    Floats8 high = SHUFFLED(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    memcpy(out + i * stride, &low, sizeof low);
    memcpy(out + (i + 4) * stride, &high, sizeof high);
  }
}

// 32 inputs of eight outputs: as many rows of words as a code has bits.
INLINE void widenTile(const unsigned char *words, long stride, int bits, const int32_t *groups, const float *scales,
                      const float *zeros, float *values, long outputCount, long inputCount) {
  Words8 rows[8];
  for (int row = 0; row < bits; row++) memcpy(&rows[row], words + 4 * row * stride, sizeof rows[row]);
#pragma clang loop unroll(full)
  for (int first = 0; first < 32; first += 8) {
    Floats8 tile[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) {
      int bit = (first + i) * bits, row = bit / 32, shift = bit % 32;
      Words8 codes = rows[row] >> shift;
      if (shift + bits > 32) codes |= rows[row + 1] << (32 - shift);
      codes &= (1u << bits) - 1;
      Floats8 scale, zero;
      memcpy(&scale, scales + groups[first + i] * outputCount, sizeof scale);
      memcpy(&zero, zeros + groups[first + i] * outputCount, sizeof zero);
      tile[i] = scale * (__builtin_convertvector((Ints8)codes, Floats8) - zero);
    }
    storeTransposed(tile, values + first, inputCount);
  }
}

INLINE void widenCodes(const unsigned char *words, long stride, int bits, const int32_t *groups, const float *scales,
                       const float *zeros, float *values, long outputCount, long inputCount) {
  long wholeOutputs = outputCount / 8 * 8, wholeInputs = inputCount / 32 * 32;
  for (long output = 0; output < wholeOutputs; output += 8) {
    for (long input = 0; input < wholeInputs; input += 32) {
      widenTile(words + 4 * (input / 32 * bits * stride + output), stride, bits, groups + input, scales + output,
                zeros + output, values + output * inputCount + input, outputCount, inputCount);
    }
  }
  for (long output = 0; output < outputCount; output++) {
    for (long input = output < wholeOutputs ? wholeInputs : 0; input < inputCount; input++) {
      widenCode(words, stride, bits, groups, scales, zeros, values, outputCount, inputCount, output, input);
    }
  }
}

FOR_EVERY_PROCESSOR
void recollect_widen_codes(const void *words, long stride, int bits, const int32_t *groups, const float *scales,
                           const float *zeros, float *values, long outputCount, long inputCount) {
  // A version for each width, in which all shifts are constants.
  switch (bits) {
  case 2: widenCodes(words, stride, 2, groups, scales, zeros, values, outputCount, inputCount); break;
  case 3: widenCodes(words, stride, 3, groups, scales, zeros, values, outputCount, inputCount); break;
  case 4: widenCodes(words, stride, 4, groups, scales, zeros, values, outputCount, inputCount); break;
  case 8: widenCodes(words, stride, 8, groups, scales, zeros, values, outputCount, inputCount); break;
  }
}

typedef float Floats8Unaligned __attribute__((vector_size(32), aligned(4)));

// As macros, since a function that takes or returns such a vector is another one for each processor.
#define LOAD8(x) (*(const Floats8Unaligned *)(x))
#define STORE8(x, value) (*(Floats8Unaligned *)(x) = (value))

// `count` queries (1 or 4) against 16 keys. Each score is a sum in the order of the channels.
INLINE void scoreTile(const float *queries, int count, long width, const float *keys, long stride, float scale,
                      float *scores, long scoreStride) {
  Floats8 low[4], high[4];
  for (int i = 0; i < count; i++) low[i] = high[i] = (Floats8){0};
  for (long d = 0; d < width; d++) {
    Floats8 first = LOAD8(keys + d * stride), second = LOAD8(keys + d * stride + 8);
    for (int i = 0; i < count; i++) {
      float q = queries[i * width + d];
      low[i] += q * first;
      high[i] += q * second;
    }
  }
  for (int i = 0; i < count; i++) {
    STORE8(scores + i * scoreStride, low[i] * scale);
    STORE8(scores + i * scoreStride + 8, high[i] * scale);
  }
}

FOR_EVERY_PROCESSOR
void recollect_attention_scores(const float *restrict queries, long count, long width, const float *restrict keys,
                                long stride, long past, float scale, float *restrict scores) {
  long whole = count / 4 * 4;
  for (long i = 0; i < count; i += i < whole ? 4 : 1) {
    long visible = past + i + (i < whole ? 4 : 1);
    for (long j = 0; j < visible; j += 16) {
      if (i < whole) {
        scoreTile(queries + i * width, 4, width, keys + j, stride, scale, scores + i * stride + j, stride);
      } else {
        scoreTile(queries + i * width, 1, width, keys + j, stride, scale, scores + i * stride + j, stride);
      }
    }
  }
}

// Adds to 8 channels of one query the values of the keys from `first` to `last`, in their order.
INLINE void mixTail(const float *weights, long first, long last, const float *values, long width, float *out) {
  Floats8 sum = LOAD8(out);
  for (long j = first; j < last; j++) sum += weights[j] * LOAD8(values + j * width);
  STORE8(out, sum);
}

// 8 channels of 1 or 4 queries, of the keys that all of them see.
INLINE void mixTile(const float *weights, long stride, int count, long visible, const float *values, long width,
                    float *out) {
  Floats8 sums[4];
  for (int i = 0; i < count; i++) sums[i] = (Floats8){0};
  for (long j = 0; j < visible; j++) {
    Floats8 value = LOAD8(values + j * width);
    for (int i = 0; i < count; i++) sums[i] += weights[i * stride + j] * value;
  }
  for (int i = 0; i < count; i++) STORE8(out + i * width, sums[i]);
}

FOR_EVERY_PROCESSOR
void recollect_attention_mix(const float *restrict weights, long stride, long count, long past,
                             const float *restrict values, long width, float *restrict out) {
  long whole = count / 4 * 4;
  for (long channel = 0; channel < width; channel += 8) {
    for (long i = 0; i < whole; i += 4) {
      // All four see these keys; the later ones see some more.
      long visible = past + i + 1;
      mixTile(weights + i * stride, stride, 4, visible, values + channel, width, out + i * width + channel);
      for (long k = 1; k < 4; k++) {
        mixTail(weights + (i + k) * stride, visible, visible + k, values + channel, width,
                out + (i + k) * width + channel);
      }
    }
    for (long i = whole; i < count; i++) {
      mixTile(weights + i * stride, stride, 1, past + i + 1, values + channel, width, out + i * width + channel);
    }
  }
}
