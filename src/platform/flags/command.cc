#include "flags/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

namespace vigia::flags {

namespace {

// The first line only: one error, one line.
std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

std::vector<const CLI::App*> CommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::App*> ShownOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

// The command that was typed where the program has none of this name; empty: there is none such.
std::string UnknownCommand(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  if (CommandsOf(*at).empty()) return "";
  const std::vector<std::string> unknown = app.remaining(true);
  return unknown.empty() || unknown.front().starts_with('-') ? "" : unknown.front();
}

Parsed UsageError(const CLI::App& app, const CLI::ParseError& error) {
  Parsed parsed{Parsed::Outcome::kUsage, FirstLine(error.what()), app.get_name()};
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    parsed.where += " " + at->get_name();
  }
  const std::string unknown = UnknownCommand(app);
  const bool is_command = !unknown.empty() && (error.get_name() == "RequiredError" || error.get_exit_code() == 0);
  if (is_command) parsed.text = "unknown command '" + unknown + "'";
  return parsed;
}

void AppendPlaces(const CLI::App& app, const std::string& path, std::vector<Program::Place>& places) {
  Program::Place place{path, {}};
  for (const CLI::App* command : ShownOf(app)) place.words.push_back(command->get_name());
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        const bool own = at == &app || (name != "version" && name != "help");
        if (own) place.words.push_back("--" + name);
      }
    }
  }
  places.push_back(std::move(place));
  for (const CLI::App* command : ShownOf(app)) {
    AppendPlaces(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), places);
  }
}

}  // namespace

Flag Flag::Required() {
  option_->required();
  return *this;
}

Flag Flag::OneOf(std::vector<std::string> choices) {
  option_->check(CLI::IsMember(std::move(choices)));
  return *this;
}

Flag Flag::Between(int64_t least, int64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Flag Flag::BetweenReal(double least, double most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Flag Flag::NotNegative() {
  option_->check(CLI::NonNegativeNumber);
  return *this;
}

Flag Flag::SplitAt(char delimiter) {
  option_->delimiter(delimiter);
  return *this;
}

Flag Flag::ShowDefault() {
  option_->capture_default_str();
  return *this;
}

Flag Flag::ShowDefault(std::string text) {
  option_->default_str(std::move(text));
  return *this;
}

Flag Flag::Excludes(Flag other) {
  option_->excludes(other.option_);
  return *this;
}

template <typename T>
Flag Command::Option(const std::string& names, T& value, const std::string& help) {
  return Flag(*app_->add_option(names, value, help));
}

template Flag Command::Option(const std::string&, std::string&, const std::string&);
template Flag Command::Option(const std::string&, bool&, const std::string&);
template Flag Command::Option(const std::string&, int&, const std::string&);
template Flag Command::Option(const std::string&, unsigned&, const std::string&);
template Flag Command::Option(const std::string&, int64_t&, const std::string&);
template Flag Command::Option(const std::string&, uint16_t&, const std::string&);
template Flag Command::Option(const std::string&, uint64_t&, const std::string&);
template Flag Command::Option(const std::string&, double&, const std::string&);
template Flag Command::Option(const std::string&, std::optional<std::string>&, const std::string&);
template Flag Command::Option(const std::string&, std::optional<int>&, const std::string&);
template Flag Command::Option(const std::string&, std::optional<unsigned>&, const std::string&);
template Flag Command::Option(const std::string&, std::optional<int64_t>&, const std::string&);
template Flag Command::Option(const std::string&, std::optional<uint64_t>&, const std::string&);
template Flag Command::Option(const std::string&, std::optional<double>&, const std::string&);
template Flag Command::Option(const std::string&, std::vector<std::string>&, const std::string&);
template Flag Command::Option(const std::string&, std::vector<int>&, const std::string&);
template Flag Command::Option(const std::string&, std::vector<unsigned>&, const std::string&);

Flag Command::Switch(const std::string& names, bool& value, const std::string& help) {
  return Flag(*app_->add_flag(names, value, help));
}

Flag Command::Each(const std::string& names, std::function<void(const std::string&)> take, const std::string& help) {
  return Flag(*app_->add_option_function<std::string>(names, take, help));
}

Command Command::Footer(const std::string& text) {
  app_->footer(text);
  return *this;
}

Command Command::Describe(const std::string& description) {
  app_->description(description);
  return *this;
}

Command Command::Hide() {
  app_->group("");
  return *this;
}

Command Command::Add(const std::string& name, const std::string& description) {
  CLI::App* command = app_->add_subcommand(name, description);
  command->fallthrough();
  command->footer("");  // CLI11 would repeat the program's
  return Command(*command);
}

Command Command::Group(const std::string& name) {
  const auto existing = app_->get_subcommands([&](CLI::App* app) { return app->get_name() == name; });
  if (!existing.empty()) return Command(*existing.front());
  const Command group = Add(name, "");
  group.app_->require_subcommand(1);
  return group;
}

void Command::OnChosen(std::function<void()> run) { app_->final_callback(std::move(run)); }

void Command::TakeRest() {
  app_->prefix_command();
  app_->fallthrough(false);
  app_->set_help_flag();
}

std::vector<std::string> Command::Rest() const { return app_->remaining(); }

Program::Program(const std::string& name, const std::string& description)
    : app_(std::make_unique<CLI::App>(description, name)) {}
Program::~Program() = default;

Command Program::Root() { return Command(*app_); }
void Program::Version(const std::string& text) { app_->set_version_flag("--version", text); }
void Program::RequireCommand() { app_->require_subcommand(1); }

Parsed Program::Parse(std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::Success& success) {  // --help, --version
    if (!UnknownCommand(*app_).empty()) return UsageError(*app_, success);
    std::ostringstream out, err;
    app_->exit(success, out, err);
    return {Parsed::Outcome::kHelp, out.str(), ""};
  } catch (const CLI::ParseError& error) {
    return UsageError(*app_, error);
  }
  return {};
}

std::vector<Program::Place> Program::Places() const {
  std::vector<Place> places;
  AppendPlaces(*app_, "", places);
  return places;
}

}  // namespace vigia::flags
