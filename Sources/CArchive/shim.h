#ifndef RECOLLECT_CARCHIVE_H
#define RECOLLECT_CARCHIVE_H
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

// archive_set_error takes any number of arguments, which Swift cannot pass.
static inline void archiveSetError(struct archive *archive, const char *reason) {
  archive_set_error(archive, EIO, "%s", reason);
}

// <unistd.h> declares it to who asks for all of GNU's own calls, as Swift does not.
int syncfs(int descriptor);

#endif
