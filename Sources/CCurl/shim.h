#ifndef RECOLLECT_CCURL_H
#define RECOLLECT_CCURL_H
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo take an argument of any type, which Swift cannot pass: one wrapper a type.

// What CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION call.
typedef size_t (*CurlBytesFunction)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode curlSetLong(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curlSetString(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curlSetPointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curlSetList(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curlSetBytesFunction(CURL *handle, CURLoption option, CurlBytesFunction value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curlGetLong(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode curlGetOffset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode curlGetString(CURL *handle, CURLINFO info, char **value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode curlGetPointer(CURL *handle, CURLINFO info, void **value) {
  return curl_easy_getinfo(handle, info, value);
}

// The option that takes names came with libcurl 7.85, and the one that takes bits is deprecated since.
static inline CURLcode curlAllowOnlyHTTP(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  return curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

#endif
