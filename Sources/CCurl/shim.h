#ifndef RECOLLECT_CCURL_H
#define RECOLLECT_CCURL_H
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo take an argument of any type, which Swift cannot pass: one wrapper a type.
static inline CURLcode curlSetLong(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

#endif
