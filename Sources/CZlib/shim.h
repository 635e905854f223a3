#ifndef RECOLLECT_CZLIB_H
#define RECOLLECT_CZLIB_H
#include <zlib.h>

// A deflate stream without zlib's header and checksum, as zip archives have it. inflateInit2 is a macro.
static inline int inflateInitWithoutHeader(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }

// A member of a gzip file: zlib reads its header, and compares its checksum and its size.
static inline int inflateInitWithGzipHeader(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }

#endif
