#include "CKernels.h"

#include <malloc.h>

void recollect_return_allocations(int size) { mallopt(M_MMAP_THRESHOLD, size); }
