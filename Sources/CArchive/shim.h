#ifndef RECOLLECT_CARCHIVE_H
#define RECOLLECT_CARCHIVE_H
#include <archive.h>
#include <archive_entry.h>
#endif
