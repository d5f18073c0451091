#include "risk/api_docs.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"

namespace vigia::risk {

namespace {

struct Operation {
  const char* method;
  const char* path;
  const char* summary_en;
  const char* summary_pt;
  bool needs_key;
};

constexpr Operation kOperations[] = {
    {"post", "/predict", "Score 1 to 1000 instances", "Pontua de 1 a 1000 instâncias", true},
    {"get", "/health", "Whether the process lives and what it serves", "Se o processo vive e o que serve", false},
    {"get", "/ready", "Whether it can predict", "Se pode prever", false},
    {"get", "/metadata", "The model and the threshold in force", "O modelo e o limiar em vigor", false},
    {"get", "/metrics", "Counters as JSON, Prometheus or OpenMetrics text", "Contadores", true},
    {"get", "/slo", "The objectives and whether they are met", "Os objetivos e se são cumpridos", true},
    {"post", "/invocations", "Score in MLflow's formats", "Pontua nos formatos do MLflow", true},
};

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

Json Schemas(const ServedModel* model) {
  Json schemas;
  schemas["Instance"] = InstanceSchema(model);
  schemas["PredictRequest"] = {
      {"type", "object"},
      {"required", {"instances"}},
      {"properties",
       {{"instances",
         {{"type", "array"},
          {"minItems", 1},
          {"maxItems", 1000},
          {"items", {{"$ref", "#/components/schemas/Instance"}}}}},
        {"explain", {{"type", "boolean"}, {"description", "Adds each feature's part of the score, in log-odds."}}}}}};
  schemas["PredictResponse"] = {{"type", "object"},
                                {"properties",
                                 {{"predictions",
                                   {{"type", "array"},
                                    {"items",
                                     {{"type", "object"},
                                      {"properties",
                                       {{"risk_score", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}},
                                        {"risk_label", {{"type", "integer"}, {"enum", {0, 1}}}},
                                        {"model_version", {{"type", "string"}}}}}}}}},
                                  {"request_id", {{"type", "string"}}},
                                  {"processing_time_ms", {{"type", "number"}}},
                                  {"imputed", {{"type", "array"}, {"items", {{"type", "string"}}}}},
                                  {"warnings", {{"type", "array"}, {"items", {{"type", "string"}}}}}}}};
  const Json text = {{"type", "string"}};
  schemas["Error"] = {
      {"type", "object"},
      {"properties",
       {{"detail", text},
        {"error", {{"type", "object"}, {"properties", {{"code", text}, {"message", text}, {"request_id", text}}}}}}}};
  return schemas;
}

Json Answer(const char* description, const char* schema) {
  Json answer = {{"description", description}};
  if (schema != nullptr) {
    answer["content"]["application/json"]["schema"]["$ref"] = std::string("#/components/schemas/") + schema;
  }
  return answer;
}

}  // namespace

std::string OpenApiJson(const ServedModel* model) {
  Json document;
  document["openapi"] = "3.1.0";
  document["info"] = {{"title", "School-lag risk service"},
                      {"version", model != nullptr ? model->version() : "no model"},
                      {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
  for (const Operation& operation : kOperations) {
    Json& item = document["paths"][operation.path][operation.method];
    item["summary"] = operation.summary_en;
    const bool predict = std::string_view(operation.path) == "/predict";
    if (predict) {
      item["requestBody"] = {
          {"required", true},
          {"content", {{"application/json", {{"schema", {{"$ref", "#/components/schemas/PredictRequest"}}}}}}}};
      item["responses"]["422"] = Answer("An instance is not valid; names the instance and the field", "Error");
      item["responses"]["413"] = Answer("The body is too large", "Error");
      item["responses"]["429"] = Answer("Too many requests; see Retry-After", "Error");
      item["responses"]["503"] = Answer("No model, or overloaded", "Error");
    }
    item["responses"]["200"] = Answer("Success", predict ? "PredictResponse" : nullptr);
    item["security"] = Json::array();
    if (operation.needs_key) {
      item["security"].push_back({{"key", Json::array()}});
      item["responses"]["401"] = Answer("A valid key is needed", "Error");
    }
  }
  document["components"]["schemas"] = Schemas(model);
  document["components"]["securitySchemes"]["key"] = {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}};
  return CompactJson(document);
}

std::string DocsHtml(const ServedModel* model) {
  std::string html =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>School-lag risk service</title>"
      "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
      "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3rem .6rem;text-align:left}"
      "pre{background:#f3f3f3;padding:1rem;overflow:auto}</style><h1>School-lag risk service</h1>"
      "<p>Serviço de risco de defasagem escolar. Machine-readable: <a href=\"/openapi.json\">/openapi.json</a>.</p>"
      "<table><tr><th>Request</th><th>English</th><th>Português</th><th>Key</th></tr>";
  for (const Operation& operation : kOperations) {
    html += fmt::format("<tr><td><code>{} {}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                        ToUpperAscii(operation.method), operation.path, operation.summary_en, operation.summary_pt,
                        operation.needs_key ? "X-API-Key" : "");
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
