#include "risk/api_docs.h"

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "base/text.h"
#include "risk/test_model.h"

namespace vigia::risk {
namespace {

// Every {"$ref": …} in a document.
void CollectReferences(const Json& value, std::vector<std::string>& found) {
  if (value.is_object() && value.contains("$ref")) found.push_back(value["$ref"]);
  if (!value.is_structured()) return;
  for (const auto& [key, part] : value.items()) CollectReferences(part, found);
}

class ApiDocsTest : public testing::Test {
 protected:
  const std::shared_ptr<const ServedModel> model_ = TestServed();
  const Json document_ = ParseJson(OpenApiJson(model_.get())).value();
};

TEST_F(ApiDocsTest, EveryReferenceLeadsSomewhere) {
  std::vector<std::string> references;
  CollectReferences(document_, references);
  ASSERT_GT(references.size(), 20U);
  for (const std::string& reference : references) {
    ASSERT_TRUE(reference.starts_with("#/components/")) << reference;
    EXPECT_TRUE(document_.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
}

TEST_F(ApiDocsTest, OperationsAreWhole) {
  std::set<std::string> ids;
  for (const auto& [path, methods] : document_["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << path;
      EXPECT_FALSE(operation["summary"].get<std::string>().empty());
      EXPECT_FALSE(operation["x-summary-pt"].get<std::string>().empty());
      EXPECT_TRUE(operation["responses"].contains("200")) << path;
      for (const auto& [status, response] : operation["responses"].items()) {
        EXPECT_TRUE(response.contains("description") || response.contains("$ref")) << path << " " << status;
      }
      std::set<std::string> in_path, declared;
      for (const std::string_view segment : Split(path, '/')) {
        if (segment.starts_with('{')) in_path.insert(std::string(segment.substr(1, segment.size() - 2)));
      }
      for (const Json& parameter : operation.value("parameters", Json::array())) {
        const Json& whole = parameter.contains("$ref")
                                ? document_.at(Json::json_pointer(parameter["$ref"].get<std::string>().substr(1)))
                                : parameter;
        if (whole["in"] == "path") {
          declared.insert(whole["name"]);
          EXPECT_EQ(whole["required"], true);
        }
      }
      EXPECT_EQ(in_path, declared) << path;
      const bool keyed = !operation["security"].empty();
      EXPECT_EQ(keyed, operation["responses"].contains("401")) << path;
    }
  }
}

TEST_F(ApiDocsTest, InstancesAreTheModels) {
  EXPECT_EQ(document_["openapi"], "3.1.0");
  EXPECT_EQ(document_["info"]["version"], "v1.0.0");
  const Json& properties = document_["components"]["schemas"]["Instance"]["properties"];
  EXPECT_EQ(properties["iaa"]["maximum"], 10);
  EXPECT_EQ(properties["genero"]["examples"], (std::vector<std::string>{"Feminino", "Masculino"}));
  EXPECT_EQ(ParseJson(OpenApiJson(nullptr)).value()["info"]["version"], "no model");
}

TEST_F(ApiDocsTest, ThePageListsTheSameOperations) {
  const std::string page = DocsHtml(model_.get());
  for (const auto& [path, methods] : document_["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      EXPECT_NE(page.find("<code>" + ToUpperAscii(method) + " " + path + "</code>"), std::string::npos) << path;
    }
  }
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace vigia::risk
