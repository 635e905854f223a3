#ifndef RECOLLECT_CCRYPTO_H
#define RECOLLECT_CCRYPTO_H
#include <openssl/evp.h>
#endif
