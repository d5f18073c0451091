#include "risk/api_docs.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "risk/openapi_text.h"

namespace vigia::risk {

namespace {

Json SchemaOf(const features::RawFeature& raw) {
  Json schema;
  if (raw.type == features::FeatureType::kCategory) {
    schema["type"] = {"string", "null"};
    schema["examples"] = raw.levels;
    return schema;
  }
  schema["type"] = {raw.type == features::FeatureType::kInteger ? "integer" : "number", "null"};
  schema["minimum"] = raw.min;
  schema["maximum"] = raw.max;
  return schema;
}

Json InstanceSchema(const ServedModel* model) {
  Json schema = {{"type", "object"},
                 {"description", "Features by name, with or without a year such as _2023. Missing ones are imputed."}};
  if (model == nullptr) return schema;
  for (const features::RawFeature& raw : model->spec().raw) schema["properties"][raw.name] = SchemaOf(raw);
  return schema;
}

// One object into another: what both have is an object in both.
void Merge(Json& into, const Json& part) {
  for (const auto& [key, value] : part.items()) {
    if (into.contains(key)) {
      Merge(into[key], value);
    } else {
      into[key] = value;
    }
  }
}

Json Document(const ServedModel* model) {
  Json document = Json::object();
  for (const std::string_view text : OpenApiParts()) {
    const Result<Json> part = ParseJson(text);
    CHECK(part.ok(), "a part of the API's description is not JSON");
    Merge(document, *part);
  }
  if (model != nullptr) document["info"]["version"] = model->version();
  document["components"]["schemas"]["Instance"] = InstanceSchema(model);
  return document;
}

}  // namespace

std::string OpenApiJson(const ServedModel* model) { return CompactJson(Document(model)); }

std::string DocsHtml(const ServedModel* model) {
  std::string html =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>School-lag risk service</title>"
      "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
      "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3rem .6rem;text-align:left}"
      "pre{background:#f3f3f3;padding:1rem;overflow:auto}</style><h1>School-lag risk service</h1>"
      "<p>Serviço de risco de defasagem escolar. Machine-readable: <a href=\"/openapi.json\">/openapi.json</a>.</p>"
      "<table><tr><th>Request</th><th>English</th><th>Português</th><th>Key</th></tr>";
  const Json document = Document(model);
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      html += fmt::format("<tr><td><code>{} {}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>", ToUpperAscii(method),
                          EscapeHtml(path), EscapeHtml(operation["summary"].get<std::string>()),
                          EscapeHtml(operation["x-summary-pt"].get<std::string>()),
                          operation["security"].empty() ? "" : "X-API-Key");
    }
  }
  html +=
      "</table><h2>Example / Exemplo</h2><pre>curl -X POST http://localhost:8000/predict -d "
      "'{\"instances\":[{\"fase_2023\":3,\"idade_2023\":15,\"iaa_2023\":6.5}]}'</pre>";
  if (model == nullptr) return html + "<p>No model is loaded. Nenhum modelo carregado.</p></html>\n";
  html += fmt::format("<h2>Features of {}</h2><table><tr><th>Name</th><th>Type</th><th>Accepted</th></tr>",
                      EscapeHtml(model->version()));
  for (const features::RawFeature& raw : model->spec().raw) {
    const bool category = raw.type == features::FeatureType::kCategory;
    const bool whole = raw.type == features::FeatureType::kInteger;
    html += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>", EscapeHtml(raw.name),
                        category ? "text" : (whole ? "whole number" : "number"),
                        category ? EscapeHtml(Join(raw.levels, ", ")) : fmt::format("{} – {}", raw.min, raw.max));
  }
  return html + "</table></html>\n";
}

}  // namespace vigia::risk
