#ifndef RECOLLECT_CKERNELS_H
#define RECOLLECT_CKERNELS_H

#include <stdint.h>

// The loops over single numbers that take long. They are in C for one reason: a function can be compiled for several
// processors here, and the running one's version is taken when the program starts. Every version does the same operations
// in the same order (no fused multiply-adds), so all of them give the same bits.

// exp(x) within 3 ulp where the result is a normal number; 0 below -87, and exp(88) = 1.65e38 above 88. NaN stays NaN.
float recollect_exponential(float x);

// x[i] <- exp(x[i] - largest); sums[j] is the sum of the results at the indices that leave j when divided by eight.
void recollect_exponentials(float *x, long count, float largest, double sums[8]);

// out[i] <- gate[i] sigmoid(gate[i]) up[i].
void recollect_gate(const float *gate, const float *up, float *out, long count);

// The gradients of that with respect to gate and up, from the gradient of its result.
void recollect_gate_gradient(const float *gradient, const float *gate, const float *up, float *gateGradient,
                             float *upGradient, long count);

// Turns the pairs (x[j], x[half + j]) by the angles whose cosines and sines are given, for j < half.
void recollect_rotate(float *x, const float *cosines, const float *sines, float sign, long half);

// Little-endian IEEE half-precision numbers (1 sign, 5 exponent, 10 fraction bits), which need not be aligned, as floats:
// exactly, infinities and NaNs included.
void recollect_widen_halves(const void *halves, float *floats, long count);

// Little-endian bfloat16 numbers (the upper half of a float), which need not be aligned, as floats.
void recollect_widen_brain_floats(const void *halves, float *floats, long count);

// A stretch of a matrix of packed codes as floats: values[o][i] = scales[g][o] * (code - zeros[g][o]) for the outputs
// o < outputCount and the inputs i < inputCount, with g = groups[i].
//
// The codes of 2, 3, 4 or 8 bits are those of `inputCount * bits / 32` rows of little-endian 32-bit words, which need not be
// aligned, each row `stride` words behind the one before; a row has a word for each output. An output's words, one below
// the other, are a stream of bits, the lowest first, in which code i begins at bit i * bits. scales and zeros have
// outputCount columns; values has inputCount.
void recollect_widen_codes(const void *words, long stride, int bits, const int32_t *groups, const float *scales,
                           const float *zeros, float *values, long outputCount, long inputCount);

// Attention's scores of `count` queries, the last of whose keys is the query's own: scores[i][j] = scale * sum over d of
// queries[i][d] * keys[d][j], in the order of d, for the keys j <= past + i; what stands behind these is of no account.
//
// queries has `width` columns; keys and scores have `stride` columns, a multiple of 16 and no less than past + count.
void recollect_attention_scores(const float *queries, long count, long width, const float *keys, long stride, long past,
                                float scale, float *scores);

// Attention's results: out[i][d] = sum over the keys j <= past + i, in their order, of weights[i][j] * values[j][d].
//
// values and out have `width` columns, a multiple of 8; weights has `stride`.
void recollect_attention_mix(const float *weights, long stride, long count, long past, const float *values, long width,
                             float *out);

#endif
