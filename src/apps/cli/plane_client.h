// The running control plane as commands see it: its address and token are in the home.
#pragma once

#include <memory>
#include <string>

#include "base/secret.h"
#include "cli/command.h"
#include "net/http_client.h"

namespace vigia::cli {

class PlaneClient {
 public:
  // kUnavailable: no control plane runs in this home.
  static Result<PlaneClient> Connect(Context& context);

  // Errors: what the control plane says, as one line.
  Result<Json> Get(const std::string& path) const;
  Result<Json> Send(const std::string& method, const std::string& path, const Json& body) const;
  const std::string& url() const { return url_; }

 private:
  PlaneClient(std::string url, Secret token, std::string user);
  Result<Json> Ask(net::HttpRequest request) const;

  std::unique_ptr<net::HttpClient> http_;
  std::string url_;
  Secret token_;
  std::string user_;
};

// What an answer of the control plane says, for a table.
std::string TextOrDash(const Json& value);

// Of a query or a path's segment.
std::string PercentEncode(std::string_view text);

}  // namespace vigia::cli
