// Owners of libcurl's handles.
#pragma once

#include <curl/curl.h>

namespace vigia::net {

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace vigia::net
