#ifndef RECOLLECT_CARCHIVE_H
#define RECOLLECT_CARCHIVE_H
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

// archive_set_error takes any number of arguments, which Swift cannot pass.
static inline void archiveSetError(struct archive *archive, const char *reason) {
  archive_set_error(archive, EIO, "%s", reason);
}

// <unistd.h> and <fcntl.h> declare these to who asks for all of GNU's own calls, as Swift does not.
int syncfs(int descriptor);
int sync_file_range(int descriptor, long long offset, long long count, unsigned int flags);

// Begins to write what a file has in memory to the disk, and does not wait: with SYNC_FILE_RANGE_WRITE.
static inline int syncFileRangeWrite(int descriptor) { return sync_file_range(descriptor, 0, 0, 2); }

#endif
