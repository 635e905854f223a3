#include "CKernels.h"
#include "processors.h"

#include <stdint.h>
#include <string.h>

// Adding and subtracting 1.5 * 2^23 rounds to an integer, half to even. What is too large for it stays too large for any
// grid.
INLINE float roundedToEven(float x) {
  const float shift = 12582912.0f;
  return (x + shift) - shift;
}

// round(w / scale) + zero within 0 ... largest; a NaN becomes 0.
INLINE float codeOf(float w, float scale, float zero, float largest) {
  float code = roundedToEven(w / scale) + zero;
  code = code > 0.0f ? code : 0.0f;
  return code < largest ? code : largest;
}

// Marks the weights of a group with the smallest (w / d)^2, in each row; the first of equal ones.
INLINE void chooseGroup(const RecollectColumns *c, long first) {
  long rows = c->rowCount, left = c->columnCount - first;
  long width = c->groupWidth < left ? c->groupWidth : left;
  for (long row = 0; row < rows; row++) {
    float scores[256];
    for (long j = 0; j < width; j++) {
      float w = c->weights[(first + j) * rows + row], d = c->feedback[(first + j) * c->columnCount + first + j];
      scores[j] = w * w / (d * d);
      c->removed[(first + j) * rows + row] = 0;
    }
    for (long n = 0; n < c->removedPerGroup && n < width; n++) {
      long least = -1;
      for (long j = 0; j < width; j++) {
        if (c->removed[(first + j) * rows + row]) continue;
        if (least < 0 || scores[j] < scores[least]) least = j;
      }
      c->removed[(first + least) * rows + row] = 1;
    }
  }
}

INLINE void quantize(const RecollectColumns *c, long column, const float *restrict kept, float *restrict q) {
  long rows = c->rowCount;
  const float *restrict scale = c->scales + c->grids[column] * rows;
  const float *restrict zero = c->zeros + c->grids[column] * rows;
  uint8_t *restrict codes = c->codes + column * rows;
  if (c->largestCode < 0) {
    for (long row = 0; row < rows; row++) {
      float above = kept[row] > scale[row] / 2 ? 1.0f : 0.0f, below = kept[row] < zero[row] / 2 ? 1.0f : 0.0f;
      q[row] = above * scale[row] + below * zero[row];
      codes[row] = (uint8_t)(int32_t)(1.0f + above - below);
    }
    return;
  }
  float largest = (float)c->largestCode;
  for (long row = 0; row < rows; row++) {
    float code = codeOf(kept[row], scale[row], zero[row], largest);
    q[row] = scale[row] * (code - zero[row]);
    codes[row] = (uint8_t)(int32_t)code;
  }
}

enum { MOST_ROWS = 256, COLUMNS_TOGETHER = 8, LANES = 8 };

// Takes e U[c][j] of the columns c of a stretch from each column j from `first` on. The order is that of the columns for
// each weight, as if each had been taken away at once; but a weight is loaded and stored once for all of them.
INLINE void passOn(const RecollectColumns *c, long start, long count, long first, const float *restrict errors) {
  long rows = c->rowCount, whole = rows / LANES * LANES;
  for (long later = first; later < c->columnCount; later++) {
    float *restrict behind = c->weights + later * rows;
    const float *restrict u = c->feedback + start * c->columnCount + later;
    for (long row = 0; row < whole; row += LANES) {
      float w[LANES];
      for (int lane = 0; lane < LANES; lane++) w[lane] = behind[row + lane];
      for (long column = 0; column < count; column++) {
        float factor = u[column * c->columnCount];
        for (int lane = 0; lane < LANES; lane++) w[lane] -= errors[column * MOST_ROWS + row + lane] * factor;
      }
      for (int lane = 0; lane < LANES; lane++) behind[row + lane] = w[lane];
    }
    for (long row = whole; row < rows; row++) {
      for (long column = 0; column < count; column++) {
        behind[row] -= errors[column * MOST_ROWS + row] * u[column * c->columnCount];
      }
    }
  }
}

// Compresses one column, and leaves its errors.
INLINE void compressColumn(const RecollectColumns *c, long column, float *restrict error) {
  long rows = c->rowCount;
  float kept[MOST_ROWS], q[MOST_ROWS];
  float *restrict w = c->weights + column * rows;
  float d = c->feedback[column * c->columnCount + column];
  for (long row = 0; row < rows; row++) kept[row] = w[row];
  if (c->removed) {
    const uint8_t *restrict removed = c->removed + column * rows;
    for (long row = 0; row < rows; row++) kept[row] = removed[row] ? 0.0f : kept[row];
  }
  if (c->largestCode != 0) {
    quantize(c, column, kept, q);
  } else {
    for (long row = 0; row < rows; row++) q[row] = kept[row];
  }
  for (long row = 0; row < rows; row++) error[row] = (w[row] - q[row]) / d;
  double *restrict losses = c->losses;
  for (long row = 0; row < rows; row++) losses[row] += (double)error[row] * (double)error[row];
  for (long row = 0; row < rows; row++) w[row] = q[row];
}

FOR_EVERY_PROCESSOR
void recollect_compress_columns(const RecollectColumns *c) {
  float errors[COLUMNS_TOGETHER * MOST_ROWS];
  // A group of which some are to be removed begins with a stretch or inside it, never across its end.
  long together = COLUMNS_TOGETHER, width = c->groupWidth;
  if (width > 0) together = width > together ? 1 : together / width * width;
  for (long start = 0; start < c->columnCount; start += together) {
    long count = c->columnCount - start < together ? c->columnCount - start : together;
    for (long column = 0; column < count; column++) {
      if (width > 0 && (start + column) % width == 0) chooseGroup(c, start + column);
      float *error = errors + column * MOST_ROWS;
      compressColumn(c, start + column, error);
      // At once to the columns of the stretch.
      for (long later = column + 1; later < count; later++) {
        float *restrict behind = c->weights + (start + later) * c->rowCount;
        float factor = c->feedback[(start + column) * c->columnCount + start + later];
        for (long row = 0; row < c->rowCount; row++) behind[row] -= error[row] * factor;
      }
    }
    passOn(c, start, count, start + count, errors);
  }
}

// x^2.4 = x^2 (x^(1/5))^2, for x >= 0 whose square is a normal number, else 0. The fifth root by Newton's steps, from a
// first guess with a fifth of the exponent: right to a few units in the last place.
INLINE float powerOf2_4(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = (int32_t)((float)bits * 0.2f) + 852282573;  // 4/5 of the bits of 1
  float y;
  memcpy(&y, &bits, sizeof y);
  for (int step = 0; step < 4; step++) {
    float square = y * y;
    y = y - 0.2f * (y - x / (square * square));
  }
  float result = x * x * (y * y);
  return x < 1e-18f ? 0.0f : result;
}

FOR_EVERY_PROCESSOR
double recollect_grid_error(const float *values, long count, float scale, float zero, float largest) {
  double sums[LANES] = {0, 0, 0, 0, 0, 0, 0, 0};
  long whole = count / LANES * LANES;
  for (long i = 0; i < whole; i += LANES) {
    float powers[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      float value = values[i + lane], q = scale * (codeOf(value, scale, zero, largest) - zero);
      powers[lane] = powerOf2_4(__builtin_fabsf(q - value));
    }
    for (int lane = 0; lane < LANES; lane++) sums[lane] += (double)powers[lane];
  }
  for (long i = whole; i < count; i++) {
    float value = values[i], q = scale * (codeOf(value, scale, zero, largest) - zero);
    sums[i - whole] += (double)powerOf2_4(__builtin_fabsf(q - value));
  }
  double sum = 0;
  for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
  return sum;
}
