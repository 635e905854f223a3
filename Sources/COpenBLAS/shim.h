#ifndef RECOLLECT_COPENBLAS_H
#define RECOLLECT_COPENBLAS_H

// The part of OpenBLAS's C interface that recollect calls. Declared here rather than included: where several BLAS
// libraries are installed, <cblas.h> may be that of another one, without the openblas_ functions.

enum {
  RowMajor = 101, NoTranspose = 111, Transpose = 112, UpperTriangle = 121, LowerTriangle = 122, NonUnitDiagonal = 131,
  Right = 142
};

void cblas_sgemm(int order, int transposeA, int transposeB, int m, int n, int k, float alpha, const float *a, int lda,
                 const float *b, int ldb, float beta, float *c, int ldc);
void cblas_sgemv(int order, int transposeA, int m, int n, float alpha, const float *a, int lda, const float *x,
                 int incrementX, float beta, float *y, int incrementY);
void cblas_ssyrk(int order, int triangle, int transpose, int n, int k, float alpha, const float *a, int lda,
                 float beta, float *c, int ldc);
void cblas_strsm(int order, int side, int triangle, int transposeA, int diagonal, int m, int n, float alpha,
                 const float *a, int lda, float *b, int ldb);

// LAPACK, column-major, arguments by reference; the last arguments are the hidden lengths of the character arguments.
void spotrf_(const char *triangle, const int *n, float *a, const int *lda, int *info, unsigned long triangleLength);
void strtri_(const char *triangle, const char *diagonal, const int *n, float *a, const int *lda, int *info,
             unsigned long triangleLength, unsigned long diagonalLength);

void openblas_set_num_threads(int count);
char *openblas_get_corename(void);
char *openblas_get_config(void);

#endif
