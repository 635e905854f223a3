#ifndef RECOLLECT_CKERNELS_H
#define RECOLLECT_CKERNELS_H

#include <stdint.h>

// Lets the C library give allocations of so many bytes and more back to the system as soon as they are freed.
void recollect_return_allocations(int size);

// The loops over single numbers that take long. They are in C for one reason: a function can be compiled for several
// processors here, and the running one's version is taken when the program starts. Every version does the same operations
// in the same order (no fused multiply-adds), so all of them give the same bits.

// exp(x) within 3 ulp where the result is a normal number; 0 below -87, and exp(88) = 1.65e38 above 88. NaN stays NaN.
float recollect_exponential(float x);

// x[i] <- exp(x[i] - largest); sums[j] is the sum of the results at the indices that leave j when divided by eight.
void recollect_exponentials(float *x, long count, float largest, double sums[8]);

// The largest of x, NaNs aside; minus infinity where there is none.
float recollect_largest(const float *x, long count);

// x[i] <- x[i] + y[i].
void recollect_add(float *x, const float *y, long count);

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

// From the gradient of a softmax's results p to that of what it was taken of: gradient[i] <- p[i] (gradient[i] - mean), with
// the mean the sum of p[i] gradient[i].
void recollect_softmax_gradient(const float *p, float *gradient, long count);

// The sum of weight[i] x[i] y[i].
double recollect_weighted_sum(const float *weight, const float *x, const float *y, long count);

// out[i] <- factor weight[i] gradient[i] - x[i] common.
void recollect_root_mean_square_gradient(const float *weight, const float *x, const float *gradient, float factor,
                                         float common, float *out, long count);

// The gradient of a layer norm with respect to x, of which mean and inverse standard deviation are given: with
// h[i] = factor (x[i] - mean) and g[i] = weight[i] gradient[i], out[i] <- factor (g[i] - mean of g - h[i] mean of g h).
void recollect_layer_norm_gradient(const float *weight, const float *x, const float *gradient, float mean, float factor,
                                   float *out, long count);

// out[i] <- factor x[i], or zero where word i % 4 of the Philox4x32-10 block of (i / 4, index) under `key` is below `limit`.
void recollect_drop(const float *x, float *out, long count, const uint32_t key[2], const uint32_t index[2],
                    uint32_t limit, float factor);

// x[i] <- factor x[i].
void recollect_scale(float *x, float factor, long count);

// Columns of a weight for rowCount outputs: column c begins at c * rowCount in each array below that has columns.
typedef struct {
  long rowCount;
  long columnCount;
  // In: the weights, corrected for the columns before these. Out: the values that take their place.
  float *weights;
  // (columnCount, columnCount): the upper triangle of U, by which a column's error is passed on to those behind it.
  const float *feedback;
  // The grids' largest code; 0 where weights are not quantized, -1 for the three values zero, 0 and scale.
  int largestCode;
  // (grids, rowCount)
  const float *scales;
  const float *zeros;
  // The grid of each column.
  const int32_t *grids;
  // Out: the code of each weight, where they are quantized.
  uint8_t *codes;
  // 1 for the weights to be removed; a null pointer where none are. Out, where groupWidth is not 0: those that were.
  uint8_t *removed;
  // Of each row's groupWidth weights in a row, the removedPerGroup that matter least are removed, chosen when the first of
  // them is reached; 0 where `removed` says which.
  int groupWidth;
  int removedPerGroup;
  // (rowCount): the sum of a row's squared errors is added to it.
  double *losses;
} RecollectColumns;

// Compresses column after column: with w its weights, q the values that take their place and d = U[c][c], the error
// e = (w - q) / d, of which U[c][j] times is subtracted from each column j behind it. Of up to 256 rows.
void recollect_compress_columns(const RecollectColumns *columns);

// The sum of |q - w|^2.4 over weights w, with q = scale (code - zero) and code = round(w / scale) + zero from 0 to largest.
double recollect_grid_error(const float *values, long count, float scale, float zero, float largest);

#endif
