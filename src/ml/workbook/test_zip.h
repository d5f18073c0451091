// For tests: makes .xlsx files part by part, broken ones included.
#pragma once

#include <zip.h>

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vigia::workbook {

using ZipParts = std::vector<std::pair<std::string, std::string>>;

inline std::string MakeZip(const ZipParts& parts) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  CHECK(archive != nullptr, "a test's zip can be made");
  for (const auto& [name, bytes] : parts) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    CHECK(zip_file_add(archive, name.c_str(), source, 0) >= 0, "a test's part can be added");
  }
  CHECK(zip_close(archive) == 0, "a test's zip can be written");
  zip_stat_t info;
  zip_source_stat(target, &info);
  std::string bytes(info.size, '\0');
  zip_source_open(target);
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  zip_error_fini(&error);
  return bytes;
}

struct TestSheet {
  std::string name;
  std::string rows;  // what stands inside <sheetData>
};

struct TestBook {
  std::vector<TestSheet> sheets;
  std::string shared_strings;    // what stands inside <sst>
  std::string styles;            // what stands inside <styleSheet>
  std::string workbook_options;  // before <sheets>
};

inline ZipParts PartsOf(const TestBook& book) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
  const std::string types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  std::string tabs, relationships;
  ZipParts parts;
  for (size_t i = 0; i < book.sheets.size(); ++i) {
    const std::string id = "r" + std::to_string(i);
    tabs +=
        "<sheet name=\"" + book.sheets[i].name + "\" sheetId=\"" + std::to_string(i + 1) + "\" r:id=\"" + id + "\"/>";
    relationships +=
        "<Relationship Id=\"" + id + "\" Type=\"" + types + "worksheet\" Target=\"odd/place" + id + ".xml\"/>";
    parts.emplace_back("book/odd/place" + id + ".xml",
                       head + "<worksheet><sheetData>" + book.sheets[i].rows + "</sheetData></worksheet>");
  }
  relationships += "<Relationship Id=\"s\" Type=\"" + types + "sharedStrings\" Target=\"/book/strings.xml\"/>" +
                   "<Relationship Id=\"t\" Type=\"" + types + "styles\" Target=\"../book/look.xml\"/>";
  parts.emplace_back("book/strings.xml", head + "<sst>" + book.shared_strings + "</sst>");
  parts.emplace_back("book/look.xml", head + "<styleSheet>" + book.styles + "</styleSheet>");
  parts.emplace_back("book/main.xml", head + "<workbook xmlns:r=\"r\">" + book.workbook_options + "<sheets>" + tabs +
                                          "</sheets></workbook>");
  parts.emplace_back("book/_rels/main.xml.rels", head + "<Relationships>" + relationships + "</Relationships>");
  parts.emplace_back("_rels/.rels", head + "<Relationships><Relationship Id=\"x\" Type=\"" + types +
                                        "officeDocument\" Target=\"book/main.xml\"/></Relationships>");
  return parts;
}

inline std::string MakeBook(const TestBook& book) { return MakeZip(PartsOf(book)); }

}  // namespace vigia::workbook
