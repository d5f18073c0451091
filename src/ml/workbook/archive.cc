#include "workbook/archive.h"

#include <zip.h>

#include <vector>

namespace vigia::workbook {

namespace {
constexpr uint64_t kRatioFrom = 16ULL << 20;
constexpr zip_int64_t kMostEntries = 10000;

Error Broken(const std::string& what) { return Error(Code::kInvalidArgument, what); }
}  // namespace

Result<std::unique_ptr<Archive>> Archive::Open(std::string_view bytes, const Limits& limits) {
  if (bytes.empty()) return Broken("the file is empty");
  if (!bytes.starts_with("PK")) return Broken("not an .xlsx workbook (not a zip file)");
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    zip_error_fini(&error);
    return Broken("not a whole .xlsx workbook (the zip file is truncated or damaged)");
  }
  zip_error_fini(&error);
  if (zip_get_num_entries(archive, 0) > kMostEntries) {
    zip_discard(archive);
    return Error(Code::kResourceExhausted, "the zip file has more than " + std::to_string(kMostEntries) + " parts");
  }
  return std::unique_ptr<Archive>(new Archive(archive, limits));
}

Archive::~Archive() { zip_discard(archive_); }

bool Archive::Has(const std::string& part) const { return zip_name_locate(archive_, part.c_str(), ZIP_FL_NOCASE) >= 0; }

Status Archive::Stream(const std::string& part, const std::function<Status(std::string_view)>& consume) const {
  zip_stat_t info;
  zip_stat_init(&info);
  if (zip_stat(archive_, part.c_str(), ZIP_FL_NOCASE, &info) != 0) return Broken("part '" + part + "' is missing");
  if ((info.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && info.encryption_method != ZIP_EM_NONE) {
    return Broken("part '" + part + "' is encrypted");
  }
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(archive_, info.index, 0), zip_fclose);
  if (!file) return Broken("part '" + part + "' cannot be read");
  const uint64_t stored = (info.valid & ZIP_STAT_COMP_SIZE) != 0 ? info.comp_size : 0;
  std::vector<char> buffer(64 << 10);
  uint64_t total = 0;
  while (true) {
    const zip_int64_t got = zip_fread(file.get(), buffer.data(), buffer.size());
    if (got < 0) return Broken("part '" + part + "' is truncated or damaged");
    if (got == 0) return {};
    total += static_cast<uint64_t>(got);
    if (total > limits_.part_bytes || (total > kRatioFrom && total / (stored + 1) > limits_.ratio)) {
      return Error(Code::kResourceExhausted, "part '" + part + "' inflates to too many bytes (a zip bomb?)");
    }
    TRY(consume(std::string_view(buffer.data(), static_cast<size_t>(got))));
  }
}

}  // namespace vigia::workbook
