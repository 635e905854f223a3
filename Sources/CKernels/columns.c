#include "CKernels.h"
#include "processors.h"

#include <stdint.h>

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

enum { ROWS_AT_ONCE = 256 };

FOR_EVERY_PROCESSOR
void recollect_compress_columns(const RecollectColumns *c) {
  long rows = c->rowCount, count = c->columnCount;
  float kept[ROWS_AT_ONCE], q[ROWS_AT_ONCE], error[ROWS_AT_ONCE];
  for (long column = 0; column < count; column++) {
    if (c->groupWidth > 0 && column % c->groupWidth == 0) chooseGroup(c, column);
    float *restrict w = c->weights + column * rows;
    const float *restrict u = c->feedback + column * count;
    float d = u[column];
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
    for (long later = column + 1; later < count; later++) {
      float *restrict behind = c->weights + later * rows;
      float factor = u[later];
      for (long row = 0; row < rows; row++) behind[row] -= error[row] * factor;
    }
  }
}
