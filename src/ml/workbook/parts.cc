#include "workbook/parts.h"

#include <map>

#include "base/text.h"
#include "workbook/xml.h"

namespace vigia::workbook {

namespace {

struct Relationship {
  std::string type;  // the last word of its address: "worksheet", "styles", …
  std::string target;
};

// "xl/worksheets/sheet1.xml" from the folder "xl" and "worksheets/sheet1.xml", "/xl/…" or "../…".
std::string ResolveTarget(std::string_view folder, std::string_view target) {
  std::vector<std::string> steps;
  const std::string joined =
      target.starts_with('/') ? std::string(target) : std::string(folder) + "/" + std::string(target);
  for (const std::string_view step : Split(joined, '/')) {
    if (step.empty() || step == ".") continue;
    if (step == "..") {
      if (!steps.empty()) steps.pop_back();
    } else {
      steps.emplace_back(step);
    }
  }
  return Join(steps, "/");
}

std::string FolderOf(std::string_view part) {
  const size_t slash = part.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(part.substr(0, slash));
}

std::string RelationshipsOf(std::string_view part) {
  const std::string folder = FolderOf(part);
  const std::string_view name = folder.empty() ? part : part.substr(folder.size() + 1);
  return (folder.empty() ? "" : folder + "/") + "_rels/" + std::string(name) + ".rels";
}

class RelationshipHandler final : public XmlHandler {
 public:
  explicit RelationshipHandler(std::string folder) : folder_(std::move(folder)) {}
  std::map<std::string, Relationship> by_id;

  Status Start(std::string_view name, const Attributes& attributes) override {
    if (name != "Relationship" || attributes.Get("TargetMode") == "External") return {};
    const std::string_view type = attributes.Get("Type");
    const size_t slash = type.rfind('/');
    by_id[std::string(attributes.Get("Id"))] =
        Relationship{std::string(slash == std::string_view::npos ? type : type.substr(slash + 1)),
                     ResolveTarget(folder_, attributes.Get("Target"))};
    if (by_id.size() > 10000) return Error(Code::kResourceExhausted, "it has too many relationships");
    return {};
  }
  Status End(std::string_view) override { return {}; }
  Status Text(std::string_view) override { return {}; }

 private:
  std::string folder_;
};

Result<std::map<std::string, Relationship>> ReadRelationships(const Archive& archive, const std::string& source,
                                                              const Limits& limits) {
  RelationshipHandler handler(FolderOf(source));
  TRY(ParsePart(archive, RelationshipsOf(source), limits, handler));
  return std::move(handler.by_id);
}

class WorkbookHandler final : public XmlHandler {
 public:
  explicit WorkbookHandler(const Limits& limits) : limits_(limits) {}
  struct Tab {
    std::string name, id;
  };
  std::vector<Tab> tabs;
  DateSystem date_system = DateSystem::k1900;

  Status Start(std::string_view name, const Attributes& attributes) override {
    if (name == "workbookPr") {
      const std::string_view flag = attributes.Get("date1904");
      if (flag == "1" || flag == "true") date_system = DateSystem::k1904;
    }
    if (name != "sheet") return {};
    if (tabs.size() == limits_.sheets) {
      return Error(Code::kResourceExhausted,
                   "the workbook has more than " + std::to_string(limits_.sheets) + " sheets");
    }
    tabs.push_back({std::string(attributes.Get("name")), std::string(attributes.Get("id"))});
    return {};
  }
  Status End(std::string_view) override { return {}; }
  Status Text(std::string_view) override { return {}; }

 private:
  const Limits& limits_;
};

}  // namespace

Result<Parts> FindParts(const Archive& archive, const Limits& limits) {
  std::string workbook;
  for (const auto& [id, relationship] : TRY(ReadRelationships(archive, "", limits))) {
    if (relationship.type == "officeDocument") workbook = relationship.target;
  }
  if (workbook.empty()) return Error(Code::kInvalidArgument, "not an .xlsx workbook (it names no main part)");
  WorkbookHandler handler(limits);
  TRY(ParsePart(archive, workbook, limits, handler));
  auto relationships = TRY(ReadRelationships(archive, workbook, limits));

  Parts parts;
  parts.date_system = handler.date_system;
  for (const auto& [id, relationship] : relationships) {
    if (relationship.type == "sharedStrings") parts.shared_strings = relationship.target;
    if (relationship.type == "styles") parts.styles = relationship.target;
  }
  for (const auto& tab : handler.tabs) {
    const auto found = relationships.find(tab.id);
    if (found == relationships.end()) {
      return Error(Code::kInvalidArgument, "sheet '" + tab.name + "' has no part in the file");
    }
    if (found->second.type == "worksheet") parts.sheets.push_back({tab.name, found->second.target});
  }
  return parts;
}

}  // namespace vigia::workbook
