#include "CKernels.h"
#include "processors.h"

// Sums are taken in eight lanes, of the indices that leave each when divided by eight; then these are added in order.
INLINE double sumOfLanes(const double *lanes) {
  double sum = 0;
  for (int j = 0; j < 8; j++) sum += lanes[j];
  return sum;
}

FOR_EVERY_PROCESSOR
void recollect_softmax_gradient(const float *restrict p, float *restrict gradient, long count) {
  double lanes[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  long whole = count / 8 * 8;
  for (long i = 0; i < whole; i += 8) {
    for (int j = 0; j < 8; j++) lanes[j] += (double)p[i + j] * (double)gradient[i + j];
  }
  for (long i = whole; i < count; i++) lanes[i - whole] += (double)p[i] * (double)gradient[i];
  float mean = (float)sumOfLanes(lanes);
  for (long i = 0; i < count; i++) gradient[i] = p[i] * (gradient[i] - mean);
}

FOR_EVERY_PROCESSOR
double recollect_weighted_sum(const float *restrict weight, const float *restrict x, const float *restrict y,
                              long count) {
  double lanes[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  long whole = count / 8 * 8;
  for (long i = 0; i < whole; i += 8) {
    for (int j = 0; j < 8; j++) lanes[j] += (double)weight[i + j] * (double)x[i + j] * (double)y[i + j];
  }
  for (long i = whole; i < count; i++) lanes[i - whole] += (double)weight[i] * (double)x[i] * (double)y[i];
  return sumOfLanes(lanes);
}

FOR_EVERY_PROCESSOR
void recollect_root_mean_square_gradient(const float *restrict weight, const float *restrict x,
                                         const float *restrict gradient, float factor, float common,
                                         float *restrict out, long count) {
  for (long i = 0; i < count; i++) out[i] = factor * weight[i] * gradient[i] - x[i] * common;
}

FOR_EVERY_PROCESSOR
void recollect_layer_norm_gradient(const float *restrict weight, const float *restrict x,
                                   const float *restrict gradient, float mean, float factor, float *restrict out,
                                   long count) {
  double plain[8] = {0, 0, 0, 0, 0, 0, 0, 0}, along[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  long whole = count / 8 * 8;
  for (long i = 0; i < whole; i += 8) {
    for (int j = 0; j < 8; j++) {
      double scaled = (double)weight[i + j] * (double)gradient[i + j];
      plain[j] += scaled;
      along[j] += scaled * (double)((x[i + j] - mean) * factor);
    }
  }
  for (long i = whole; i < count; i++) {
    double scaled = (double)weight[i] * (double)gradient[i];
    plain[i - whole] += scaled;
    along[i - whole] += scaled * (double)((x[i] - mean) * factor);
  }
  float commonPart = (float)(sumOfLanes(plain) / (double)count), alongPart = (float)(sumOfLanes(along) / (double)count);
  for (long i = 0; i < count; i++) {
    out[i] = factor * (weight[i] * gradient[i] - commonPart - (x[i] - mean) * factor * alongPart);
  }
}

FOR_EVERY_PROCESSOR
void recollect_scale(float *x, float factor, long count) {
  for (long i = 0; i < count; i++) x[i] *= factor;
}
