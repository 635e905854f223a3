#ifndef RECOLLECT_CZLIB_H
#define RECOLLECT_CZLIB_H
#include <zlib.h>

// A deflate stream without zlib's header and checksum, as zip archives have it. inflateInit2 is a macro.
static inline int inflateInitWithoutHeader(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }

#endif
