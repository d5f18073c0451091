// For tests: a store on disk, its writer, and what is in its parquet files.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "archive/compactor.h"
#include "archive/inference_scan.h"
#include "base/temp_folder.h"
#include "inference/inference_store.h"

namespace vigia::archive {

inline const WallTime kNoon = WallTime(std::chrono::seconds(1'795'176'000));  // 2026-11-20T12:00:00Z

inline inference::RecordSchema PlainSchema(const std::string& version = "v1.0.0") {
  using inference::ValueType;
  return {version,
          inference::ValueDetail::kExact,
          {{"idade", ValueType::kNumber, {}, {}}, {"instituicao", ValueType::kCategory, {"Publica", "Privada"}, {}}}};
}

using Ids = std::map<std::string, int64_t>;  // request id → how often

class StoreFixture : public testing::Test {
 protected:
  StoreFixture() {
    inference::StoreSettings settings;
    settings.maintenance_every = Duration::zero();
    store_ = std::make_unique<inference::InferenceStore>(
        settings, std::make_unique<inference::SystemSegmentFolder>(inference::WalFolder(store_folder())), clock_,
        entropy_);
    writer_ = store_->NewWriter();
    settings_.store_folder = store_folder();
  }

  std::string store_folder() const { return StoreFolder(folder_.path()); }

  void Add(const std::string& id, double idade = 10, double instituicao = 0) {
    const double features[] = {idade, instituicao};
    inference::Record record;
    record.schema = *writer_->UseSchema(PlainSchema());
    record.request_id = id;
    record.time = clock_.Now();
    record.features = features;
    record.score = 0.25;
    record.latency = std::chrono::microseconds(1500);
    AddRecord(record);
  }
  void AddRecord(const inference::Record& record) {
    writer_->Add(record);
    ASSERT_EQ(writer_->Commit(clock_.Mono()).stored, 1U);
  }
  void Rotate() {
    writer_->RequestRotation();
    writer_->Maintain(clock_.Mono());
  }
  CompactReport CompactAll() {
    Rotate();
    return CompactClosed();
  }
  CompactReport CompactClosed() {
    auto report = Compact(settings_, database_, files_, entropy_, clock_.Now());
    EXPECT_TRUE(report.ok()) << report.error().message();
    return report.ok() ? *report : CompactReport{};
  }

  std::vector<std::string> Parquet() const {
    std::vector<std::string> names;
    const std::vector<FileInfo> listing = *files_.List(store_folder());
    for (const ArchiveFile& file : ArchiveFilesOf(listing)) names.push_back(file.Name());
    return names;
  }
  columnar::Frame Query(const std::string& sql, const std::vector<columnar::Value>& values = {}) const {
    auto rows = database_.Query(sql, values);
    if (!rows.ok()) {
      ADD_FAILURE() << rows.error().message();
      return {};
    }
    return *rows->ReadAll();
  }
  Ids InParquet() const {
    if (Parquet().empty()) return {};
    return Counts("read_parquet('" + store_folder() + "/*.parquet', union_by_name = true)");
  }
  Ids Counts(const std::string& relation) const {
    const columnar::Frame frame = Query("SELECT request_id, count(*) AS n FROM " + relation + " GROUP BY 1");
    Ids counts;
    for (size_t row = 0; row < frame.rows(); ++row) {
      counts[frame.columns[0].texts[row]] = frame.columns[1].integers[row];
    }
    return counts;
  }
  std::unique_ptr<InferenceScan> Scan(ScanRequest request = {}) const {
    request.store_folder = store_folder();
    auto scan = ScanInferences(database_, files_, request);
    if (!scan.ok()) {
      ADD_FAILURE() << scan.error().message();
      return nullptr;
    }
    return std::move(scan).value();
  }

  TempFolder folder_;
  SystemFiles files_;
  FakeClock clock_{kNoon};
  SystemEntropy entropy_;
  columnar::Database database_ = *columnar::Database::Open({});
  CompactSettings settings_;
  std::unique_ptr<inference::InferenceStore> store_;
  inference::InferenceStore::WriterPtr writer_;
};

}  // namespace vigia::archive
