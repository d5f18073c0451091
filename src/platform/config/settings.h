// Settings: each key described once, where it is used, and filled from defaults, vigia.yaml, the
// environment and flags, in that order. Unknown keys are refused; every value remembers its origin.
//
//   struct HttpSettings { int64_t port = 8000; };
//   void Describe(config::Section section, HttpSettings& settings) {
//     section.Integer("port", settings.port, {.environment = "PORT", .help = "TCP port", .min = 0, .max = 65535});
//   }
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/environment.h"
#include "config/yaml.h"

namespace vigia::config {

enum class Origin { kDefault, kFile, kEnvironment, kFlag, kLive };  // kLive: changed while running

struct KeyOptions {
  std::string environment = {};  // name of the variable; empty: none
  std::string older_name = {};   // of that variable, looked at second; empty: none
  std::string help = {};         // one sentence, with the unit
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  // text: the allowed values; empty: any
};

// What is in force, for `vigia config show` and the generated reference. Secrets are shown as ***.
struct KeyState {
  std::string name;  // "risk.port"
  std::string type;  // integer, number, text, boolean, list, secret
  std::string default_text;
  std::string value_text;
  Origin origin = Origin::kDefault;
  std::string origin_detail;  // "vigia.yaml:3", "PORT", ".env:3", "--port"; empty for a default
  KeyOptions options;
};

std::string_view OriginName(Origin origin);

class Settings;

// Adds keys below a name. The bound variables must outlive the Settings.
class Section {
 public:
  void Integer(std::string name, int64_t& target, KeyOptions options);
  void Number(std::string name, double& target, KeyOptions options);
  void Text(std::string name, std::string& target, KeyOptions options);
  void Flag(std::string name, bool& target, KeyOptions options);
  void List(std::string name, std::vector<std::string>& target, KeyOptions options);  // commas in the environment
  void SecretText(std::string name, Secret& target, KeyOptions options);
  void SecretList(std::string name, std::vector<Secret>& target, KeyOptions options);

 private:
  friend class Settings;
  Section(Settings& settings, std::string prefix) : settings_(settings), prefix_(std::move(prefix)) {}
  Settings& settings_;
  std::string prefix_;
};

// Not thread-safe: filled once at start, before threads.
class Settings {
 public:
  Section In(std::string section) { return Section(*this, std::move(section)); }

  // Values from the file, then the environment, then flags (full key name and text). On error nothing
  // is guaranteed about the bound variables; the message names the key and where it stands.
  Status Load(const YamlNode& file, std::string_view file_name, const Environment& environment,
              const std::vector<std::pair<std::string, std::string>>& flags);

  std::vector<KeyState> Describe() const;  // in the order in which keys were added

 private:
  friend class Section;
  using Target =
      std::variant<int64_t*, double*, std::string*, bool*, std::vector<std::string>*, Secret*, std::vector<Secret>*>;
  struct Key {
    std::string name;
    Target target;
    KeyOptions options;
    std::string default_text;
    Origin origin = Origin::kDefault;
    std::string origin_detail;
  };

  void Add(std::string name, Target target, KeyOptions options);
  Key* Find(std::string_view name);
  Status LoadMap(const YamlNode& node, const std::string& prefix, std::string_view file_name);
  static Status Set(Key& key, std::string_view text, Origin origin, std::string origin_detail);
  static Status SetList(Key& key, const YamlNode& sequence, const std::string& where);

  std::vector<Key> keys_;
};

}  // namespace vigia::config
