// What handlers of the operations API are written against: a call with its parts read and checked, and a
// Result that becomes JSON or an error.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "control/access.h"
#include "http/stage.h"

namespace vigia::control {

struct Call {
  http::Exchange& exchange;
  Actor actor;
  std::vector<std::string> path;             // the {…} segments, decoded
  std::map<std::string, std::string> query;  // only names that the route allows
  Json body;                                 // of POST and PUT: an object, empty when nothing was sent

  // Parameters with a default. Errors: kInvalidArgument.
  Result<int64_t> Integer(const std::string& name, int64_t fallback, int64_t least, int64_t most) const;
  std::string Text(const std::string& name, std::string fallback = "") const;
  // Of the body: a text, empty when missing. Errors: kInvalidArgument for another type.
  Result<std::string> Field(const std::string& name) const;
  Result<std::string> RequiredField(const std::string& name) const;
};

// 200 and the document, or the error.
using Handler = std::function<Result<Json>(Call&)>;
// Fills the response itself: text, streams, files.
using RawHandler = std::function<Status(Call&)>;

// Collects routes; `access` outlives them. Handlers run in the server's loop and must not wait.
class Router {
 public:
  explicit Router(const Access& access) : access_(access) {}

  // `query`: the parameters that it knows; another one is refused with 400.
  void Get(std::string path, std::vector<std::string> query, Handler handler);
  // `fields`: the keys of the body that it knows; another one is refused with 400.
  void Post(std::string path, Role role, std::vector<std::string> fields, Handler handler);
  void Put(std::string path, Role role, std::vector<std::string> fields, Handler handler);
  void Delete(std::string path, Role role, Handler handler);
  // Anybody, without a question who. One with a body reads it by ReadBody.
  void Open(http::Method method, std::string path, RawHandler handler);
  void Raw(http::Method method, std::string path, Role role, std::vector<std::string> query, RawHandler handler);

  // Files that everybody may have.
  void AddPublic(std::vector<http::Route> routes);

  std::vector<http::Route> TakeRoutes() { return std::move(routes_); }

 private:
  struct Known {
    std::vector<std::string> query, fields;
  };
  void Add(http::Method method, std::string path, Role role, Known known, Handler handler);
  void AddRaw(http::Method method, std::string path, Role role, Known known, RawHandler handler);

  const Access& access_;
  std::vector<http::Route> routes_;
};

// The body, a JSON object without other keys than these; empty when nothing was sent. Errors: kInvalidArgument.
Result<Json> ReadBody(const http::Request& request, const std::vector<std::string>& fields);

// {"items": […], "next": cursor or null}
Json ListOf(Json items, Json next = nullptr);

}  // namespace vigia::control
