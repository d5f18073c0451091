#include "workbook/xml.h"

#include <expat.h>

#include <cstring>
#include <memory>

namespace vigia::workbook {

namespace {

std::string_view LocalName(const char* name) {
  const char* colon = std::strrchr(name, ':');
  return colon == nullptr ? name : colon + 1;
}

struct Session {
  XML_Parser parser;
  XmlHandler& handler;
  const Limits& limits;
  size_t depth = 0;
  Status status;

  void Keep(Status outcome) {
    if (outcome.ok() || !status.ok()) return;
    status = std::move(outcome);
    XML_StopParser(parser, XML_FALSE);
  }

  static void XMLCALL OnStart(void* user, const char* name, const char** attributes) {
    auto& session = *static_cast<Session*>(user);
    if (!session.status.ok()) return;
    if (++session.depth > session.limits.depth) {
      session.Keep(Error(Code::kResourceExhausted, "its XML is nested too deeply"));
      return;
    }
    session.Keep(session.handler.Start(LocalName(name), Attributes(attributes)));
  }
  static void XMLCALL OnEnd(void* user, const char* name) {
    auto& session = *static_cast<Session*>(user);
    if (!session.status.ok()) return;
    --session.depth;
    session.Keep(session.handler.End(LocalName(name)));
  }
  static void XMLCALL OnText(void* user, const char* text, int length) {
    auto& session = *static_cast<Session*>(user);
    if (!session.status.ok()) return;
    session.Keep(session.handler.Text(std::string_view(text, static_cast<size_t>(length))));
  }
  static void XMLCALL OnDoctype(void* user, const char*, const char*, const char*, int) {
    static_cast<Session*>(user)->Keep(Error(Code::kInvalidArgument, "it declares a DOCTYPE, which no workbook has"));
  }
};

Status Feed(Session& session, std::string_view piece, bool last) {
  const XML_Status parsed = XML_Parse(session.parser, piece.data(), static_cast<int>(piece.size()), last ? 1 : 0);
  TRY(session.status);
  if (parsed == XML_STATUS_OK) return {};
  return Error(Code::kInvalidArgument,
               "it is not well-formed XML (line " + std::to_string(XML_GetCurrentLineNumber(session.parser)) + ")");
}

}  // namespace

std::optional<std::string_view> Attributes::Find(std::string_view local_name) const {
  for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
    if (LocalName(pair[0]) == local_name) return std::string_view(pair[1]);
  }
  return std::nullopt;
}

Status ParsePart(const Archive& archive, const std::string& part, const Limits& limits, XmlHandler& handler) {
  const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate(nullptr), XML_ParserFree);
  if (!parser) return Error(Code::kResourceExhausted, "no memory for an XML parser");
  Session session{parser.get(), handler, limits, 0, {}};
  XML_SetUserData(parser.get(), &session);
  XML_SetElementHandler(parser.get(), Session::OnStart, Session::OnEnd);
  XML_SetCharacterDataHandler(parser.get(), Session::OnText);
  XML_SetStartDoctypeDeclHandler(parser.get(), Session::OnDoctype);
  // One name or attribute that goes on and on would be buffered whole.
  size_t unparsed = 0;
  const Status streamed = archive.Stream(part, [&](std::string_view piece) -> Status {
    const long long before = XML_GetCurrentByteIndex(parser.get());
    TRY_CONTEXT(Feed(session, piece, false), "part '" + part + "'");
    unparsed = XML_GetCurrentByteIndex(parser.get()) == before ? unparsed + piece.size() : 0;
    if (unparsed > limits.cell_bytes + (1 << 20)) {
      return Error(Code::kResourceExhausted, "part '" + part + "' holds an endless XML tag");
    }
    return {};
  });
  TRY(streamed);
  return Feed(session, {}, true).Prefixed("part '" + part + "'");
}

}  // namespace vigia::workbook
