#include "base/redact.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/random.h"

namespace vigia {
namespace {

TEST(RedactTest, PersonalDataGoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"CPF 123.456.789-00", "CPF [REDACTED]"},
      {"12345678900", "[REDACTED]"},
      {"cpf:123456789-00.", "cpf:[REDACTED]."},
      {"aluna.x+1@escola.example.org wrote", "[REDACTED] wrote"},
      {"<a@b.co>, <c@d.co>", "<[REDACTED]>, <[REDACTED]>"},
      {"(11) 98765-4321", "[REDACTED]"},
      {"call 11 98765-4321 now", "call [REDACTED] now"},
      {"+55 (11) 3456-7890", "[REDACTED]"},
      {"+5511987654321", "[REDACTED]"},
      {"11987654321/1134567890", "[REDACTED]/[REDACTED]"},
      {"98765-4321", "[REDACTED]"},
      {"CEP 01310-100, SP", "CEP [REDACTED], SP"},
      {"RG 12.345.678-9 and 1.234.567-X", "RG [REDACTED] and [REDACTED]"},
      {"token=abc123, retry=2", "token=[REDACTED], retry=2"},
      {"DB_PASSWORD=a@b.co", "DB_PASSWORD=[REDACTED]"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(RedactText(text), want);
}

TEST(RedactTest, SafeTextStays) {
  for (const char* text : {"",
                           "serving",
                           "v1.1.0",
                           "2026-11-20T10:35:00.123456Z",
                           "20261120",
                           "203.0.113.9",
                           "192.168.100.12:8000",
                           "0123456789abcdef",
                           "a1b2c3d412345678",
                           "1234567890123456",
                           "12345678-1234-4321-8765-123456789012",
                           "550e8400-e29b-41d4-a716-446655440000",
                           "risk_score 0.12345678901",
                           "1800000000",
                           "user@host",
                           "@",
                           "=",
                           "a=b",
                           "inferences_2026-11-20_01.parquet",
                           "3 of 1000 instances in 12.500 ms",
                           "models/registry/v1.10.0/model.json"}) {
    EXPECT_EQ(RedactText(text), text);
  }
}

TEST(RedactTest, NamesOfPersonalAndSecretFields) {
  for (const char* name : {"nome",    "name",    "cpf",    "email",     "telefone",  "phone",        "endereco",
                           "address", "cep",     "rg",     "documento", "document",  "senha",        "password",
                           "token",   "api_key", "secret", "CPF",       "X-API-Key", "access_token", "Authorization"}) {
    EXPECT_TRUE(IsSensitiveName(name)) << name;
  }
  // What the model and the logs need must not be lost.
  for (const char* name :
       {"",           "fase",        "idade",       "genero",       "ano_ingresso", "inde",          "iaa",
        "ieg",        "ips",         "ipp",         "ida",          "ipv",          "ian",           "matematica",
        "portugues",  "ingles",      "fase_ideal",  "defasagem",    "request_id",   "model_version", "key_name",
        "latency_ms", "status_code", "n_instances", "timestamp",    "level",        "logger",        "message",
        "path",       "keys",        "tokens",      "username_hash"}) {
    EXPECT_FALSE(IsSensitiveName(name)) << name;
  }
}

TEST(RedactTest, LinesLoseOnlyWhatMustGo) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"message": "a@b.co said \"hi\"", "n": 3})", R"({"message": "[REDACTED] said \"hi\"", "n": 3})"},
      {R"({"nome": "Ana", "idade": 12})", R"({"nome": "[REDACTED]", "idade": 12})"},
      {R"({"cpf":12345678900,"rg": -5})", R"({"cpf":"[REDACTED]","rg": "[REDACTED]"})"},
      {R"({"pupil": {"cpf": "x", "fase": 3}, "token": null})",
       R"({"pupil": {"cpf": "[REDACTED]", "fase": 3}, "token": null})"},
      {R"({"timestamp": "2026-11-20T10:35:00.123456Z", "message": "12345678900"})",
       R"({"timestamp": "2026-11-20T10:35:00.123456Z", "message": "[REDACTED]"})"},
      {"{\"a\": \"x\"}\n{\"senha\": \"s\\\"x\"}\n{\"b\": 1}\n",
       "{\"a\": \"x\"}\n{\"senha\": \"[REDACTED]\"}\n{\"b\": 1}\n"},
  };
  for (const auto& [line, want] : cases) {
    std::string out = "old";
    EXPECT_TRUE(RedactLines(line, out)) << line;
    EXPECT_EQ(out, want);
  }
  for (const char* line :
       {"", "\n", "\"", "{\"cpf\": \"", R"({"request_id": "0123456789012345", "bytes": 12345678901})",
        R"({"message": "request", "latency_ms": 0.12345678})"}) {
    std::string out = "old";
    EXPECT_FALSE(RedactLines(line, out)) << line;
    EXPECT_EQ(out, "old");
  }
}

// The shortcuts of the scan leave nothing out: a string of a line becomes what its text alone becomes.
TEST(RedactTest, AStringInALineIsTreatedAsItsTextIs) {
  Rng rng(7);
  const std::vector<std::string_view> pieces = {
      "1", "9",     "11987654321", "123.456.789-00", "a@b.co", "token=x", "abc",       " ",
      "-", "(11) ", "98765-4321",  "\\\\",           "\\\"",   ":",       "01310-100", "_",
      "{", ",",     "é",           "12345678901"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (uint64_t left = rng.Below(6); left > 0; --left) text += pieces[rng.Below(pieces.size())];
    const std::string want = RedactText(text);
    const std::string line = "{\"level\": \"INFO\", \"detail\": \"" + text + "\", \"n\": 1}\n";
    std::string out = line;
    RedactLines(line, out);
    EXPECT_EQ(out, "{\"level\": \"INFO\", \"detail\": \"" + want + "\", \"n\": 1}\n");
  }
}

}  // namespace
}  // namespace vigia
