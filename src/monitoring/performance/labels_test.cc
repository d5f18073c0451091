#include "performance/labels.h"

#include <gtest/gtest.h>

#include "base/mem_files.h"
#include "columnar/frame_io.h"

namespace vigia::performance {
namespace {

struct LabelsTest : testing::Test {
  FakeClock clock{*ParseTime("2026-11-20T10:00:00Z")};
  MemFiles files{clock};
  const std::string path = LabelsPath("home");
};

Label Make(const std::string& id, std::optional<uint32_t> instance, bool positive) {
  return {id, instance, std::nullopt, positive};
}

TEST_F(LabelsTest, LinesThatPeopleWrite) {
  struct Case {
    const char* line;
    bool positive;
    std::optional<uint32_t> instance;
  };
  for (const Case& c :
       {Case{R"({"request_id": "a", "label": 1})", true, {}}, Case{R"({"request_id":"a","label":0})", false, {}},
        Case{R"({"request_id":"a","instance_index":3,"label":true})", true, 3},
        Case{R"({"request_id":"a","label":"1","timestamp":"2026-08-01T10:00:00Z"})", true, {}},
        Case{R"({"request_id":"a","label":1.0,"timestamp":"2026-08-01T10:00:00.123456"})", true, {}},
        Case{R"({"request_id":"a","label":1,"timestamp":"2026-08-01","instance_index":null})", true, {}}}) {
    const auto label = LabelFromLine(c.line);
    ASSERT_TRUE(label.ok()) << c.line << label.error().message();
    EXPECT_EQ(label->positive, c.positive);
    EXPECT_EQ(label->instance, c.instance);
  }
}

TEST_F(LabelsTest, LinesThatAreNoLabels) {
  for (const char* line :
       {"", "{", "[]", R"({"label":1})", R"({"request_id":"","label":1})", R"({"request_id":7,"label":1})",
        R"({"request_id":"a"})", R"({"request_id":"a","label":2})", R"({"request_id":"a","label":"yes"})",
        R"({"request_id":"a","label":null})", R"({"request_id":"a","label":1,"instance_index":-1})",
        R"({"request_id":"a","label":1,"instance_index":1.5})",
        R"({"request_id":"a","label":1,"timestamp":"yesterday"})"}) {
    const auto label = LabelFromLine(line);
    ASSERT_FALSE(label.ok()) << line;
    EXPECT_EQ(label.error().message().find("yesterday"), std::string::npos);
  }
}

// The published tool crashed on a blank line.
TEST_F(LabelsTest, BlankAndTornLinesAreTolerated) {
  const LabelFile file = ParseLabelFile("\n{\"request_id\":\"a\",\"label\":1}\r\n   \n\n{\"request_id\":\"b\",\"lab");
  EXPECT_EQ(file.labels.size(), 1u);
  EXPECT_EQ(file.bad_lines, std::vector<size_t>{5});
}

TEST_F(LabelsTest, TheLastOfRepeatedLabelsStands) {
  const LabelFile file = ParseLabelFile(LabelLine(Make("a", 0, true)) + LabelLine(Make("a", 1, true)) +
                                        LabelLine(Make("a", 0, false)) + LabelLine(Make("a", 1, true)));
  ASSERT_EQ(file.labels.size(), 2u);
  EXPECT_FALSE(file.labels[0].positive);
  EXPECT_EQ(file.corrected, 1u);
}

TEST_F(LabelsTest, AddingTwiceChangesNothing) {
  const std::vector<Label> labels = {Make("a", {}, true), Make("b", 0, false), Make("b", 0, false)};
  const AddedLabels first = *AddLabels(files, path, labels);
  EXPECT_EQ(first.added, 2u);
  EXPECT_EQ(first.unchanged, 1u);
  const std::string before = *files.Read(path);
  const AddedLabels second = *AddLabels(files, path, labels);
  EXPECT_EQ(second.added, 0u);
  EXPECT_EQ(second.unchanged, 3u);
  EXPECT_EQ(*files.Read(path), before);
  const AddedLabels third = *AddLabels(files, path, {Make("a", {}, false)});
  EXPECT_EQ(third.corrected, 1u);
  EXPECT_FALSE(ReadLabelFile(files, path)->labels[0].positive);
}

TEST_F(LabelsTest, HandAppendedLinesStay) {
  ASSERT_TRUE(files.MakeFolders("home/monitoring").ok());
  ASSERT_TRUE(files.Append(path, R"({"request_id": "hand", "label": 1})", Files::Sync::kNo).ok());  // echo -n
  ASSERT_TRUE(AddLabels(files, path, {Make("a", {}, true)}).ok());
  const LabelFile file = *ReadLabelFile(files, path);
  EXPECT_EQ(file.labels.size(), 2u);
  EXPECT_TRUE(file.bad_lines.empty());
}

TEST_F(LabelsTest, WhatReadersWouldSkipIsNotWritten) {
  for (const std::string& id : {std::string(), std::string("  "), std::string(256, 'x')}) {
    const auto added = AddLabels(files, path, {Make("a", {}, true), Make(id.c_str(), {}, true)});
    ASSERT_FALSE(added.ok()) << id;
    EXPECT_NE(added.error().message().find("request_id"), std::string::npos);
  }
  EXPECT_FALSE(files.Exists(path));
}

TEST_F(LabelsTest, AFullDiskLeavesTheStoreAsItWas) {
  ASSERT_TRUE(AddLabels(files, path, {Make("a", {}, true)}).ok());
  files.FailWritesAfter(0);
  EXPECT_FALSE(AddLabels(files, path, {Make("b", {}, true)}).ok());
  EXPECT_EQ(ReadLabelFile(files, path)->labels.size(), 1u);
}

TEST_F(LabelsTest, OneWriterAtATime) {
  ASSERT_TRUE(files.MakeFolders("home/monitoring").ok());
  const auto lock = files.Lock(path + ".lock");
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(AddLabels(files, path, {Make("a", {}, true)}).error().code(), Code::kUnavailable);
}

TEST_F(LabelsTest, NoStoreHoldsNoLabels) { EXPECT_TRUE(ReadLabelFile(files, path)->labels.empty()); }

TEST_F(LabelsTest, ImportsThreeFormats) {
  ASSERT_TRUE(files.Write("l.jsonl", LabelLine(Make("a", 2, true)) + "\n" + LabelLine(Make("b", {}, false))).ok());
  ASSERT_TRUE(
      files.Write("l.csv", "request_id,instance_index,label,timestamp\n007,2,1,2026-08-01T00:00:00Z\nb,,0,\n").ok());
  columnar::Frame frame;
  frame.Add("request_id", columnar::Type::kText).AppendText("a");
  frame.columns[0].AppendText("b");
  frame.Add("label", columnar::Type::kBool).AppendBool(true);
  frame.columns[1].AppendBool(false);
  frame.Add("instance_index", columnar::Type::kInt64).AppendInteger(2);
  frame.columns[2].AppendNull();
  ASSERT_TRUE(files.Write("l.parquet", *columnar::EncodeParquet(frame)).ok());
  for (const char* file : {"l.jsonl", "l.csv", "l.parquet"}) {
    const auto labels = ReadLabelsToImport(files, file);
    ASSERT_TRUE(labels.ok()) << file << labels.error().message();
    ASSERT_EQ(labels->size(), 2u) << file;
    EXPECT_EQ((*labels)[0].instance, 2u) << file;
    EXPECT_TRUE((*labels)[0].positive) << file;
    EXPECT_EQ((*labels)[1].instance, std::nullopt) << file;
  }
  EXPECT_EQ((*ReadLabelsToImport(files, "l.csv"))[0].request_id, "007");
}

TEST_F(LabelsTest, ImportsAreRefusedWholeAndSayWhere) {
  ASSERT_TRUE(files.Write("l.jsonl", LabelLine(Make("a", 2, true)) + "nonsense secret\n").ok());
  ASSERT_TRUE(files.Write("l.csv", "request_id,label\na,1\nb,maybe\n").ok());
  ASSERT_TRUE(files.Write("l.xlsx", "").ok());
  ASSERT_TRUE(files.Write("half.jsonl", LabelLine(Make("a", 2, true)) + R"({"request_id": "b"})").ok());
  ASSERT_TRUE(files.Write("empty.csv", "").ok());
  EXPECT_NE(ReadLabelsToImport(files, "l.jsonl").error().message().find("line 2"), std::string::npos);
  EXPECT_EQ(ReadLabelsToImport(files, "l.jsonl").error().message().find("secret"), std::string::npos);
  EXPECT_NE(ReadLabelsToImport(files, "l.csv").error().message().find("row 2"), std::string::npos);
  EXPECT_EQ(ReadLabelsToImport(files, "half.jsonl").error().message(), "half.jsonl: line 2: 'label' is missing");
  EXPECT_NE(ReadLabelsToImport(files, "empty.csv").error().message().find("empty.csv: "), std::string::npos);
  EXPECT_FALSE(ReadLabelsToImport(files, "l.xlsx").ok());
  EXPECT_EQ(ReadLabelsToImport(files, "none.csv").error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace vigia::performance
