#include "server/centrifugo/loader.h"

#include "server/centrifugo/format.h"
#include "server/centrifugo/support.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

extern char** environ;  // NOLINT: POSIX has no header for it

namespace xshathra::centrifugo {

namespace {

constexpr std::string_view kPrefix = "CENTRIFUGO_";

std::string place(const Value& value) {
    if (!value.origin().empty())
        return value.origin();
    return value.line() == 0 ? std::string() : "line " + std::to_string(value.line());
}

/// Why an option is not acted on, or null.
using Judgement = const NotActedOn* (*)(std::string_view path);

/// Notes for everything that is set and not acted on; one for each list that is passed over as a whole.
void noteUnacted(const Value& value, const ObjectSpec& spec, const std::string& path, const std::string& shown,
                 Judgement judge, std::vector<std::string>& notes) {
    for (const auto& one : *value.object()) {
        const auto* option = spec.find(one.name);
        const auto onePath = path.empty() ? one.name : path + "." + one.name;
        const auto oneShown = shown.empty() ? one.name : shown + "." + one.name;
        if (option == nullptr)
            continue;
        if (option->kind == Kind::Object) {
            noteUnacted(one.value, *option->object, onePath, oneShown, judge, notes);
        } else if (const auto* why = judge(onePath)) {
            notes.push_back(noteFor(oneShown, place(one.value), *why));
        } else if (option->object != nullptr) {
            for (std::size_t i = 0; i < one.value.list()->size(); ++i)
                noteUnacted((*one.value.list())[i], *option->object, onePath + "[]",
                            oneShown + "[" + std::to_string(i) + "]", judge, notes);
        }
    }
}

Unexpected<Error> refused(const std::string& name, const std::vector<Fault>& faults) {
    std::string message;
    for (std::size_t i = 0; i < std::min(faults.size(), kMaxShownFaults); ++i) {
        const auto& fault = faults[i];
        message += (message.empty() ? "" : "\n") +
                   (fault.origin.empty() && !name.empty() ? name + ": " + fault.toString() : fault.toString());
    }
    if (faults.size() > kMaxShownFaults)
        message += "\nand " + std::to_string(faults.size() - kMaxShownFaults) + " more";
    return fail("invalid_config", message, faults.front().path);
}

Result<Loaded> loadFrom(const std::optional<std::string_view>& text, const std::string& name, Format format,
                        const Source& source) {
    Document document;
    if (text) {
        const auto file = parse(*text, format);
        if (!file)
            return fail(file.error().code, name + ": " + file.error().message);
        document.addFile(*file);
    }
    if (source.readVariables)
        document.addEnvironment(source.environment);
    for (const auto& [path, value] : source.options)
        document.addOption(path, value, path);
    auto faults = document.faults();
    if (!faults.empty())
        return refused(name, faults);
    Loaded loaded;
    loaded.options = document.options();
    loaded.configuration = Configuration::read(loaded.options, source.environment, faults);
    if (faults.empty())
        loaded.configuration.validate(loaded.options, faults);
    if (!faults.empty())
        return refused(name, faults);
    for (const auto& option : document.unknown())
        loaded.notes.push_back("unknown option " + option);
    for (const auto& variable : document.unknownVariables())
        loaded.notes.push_back("unknown variable " + variable);
    noteUnacted(loaded.options, rootSchema(), {}, {}, source.forProject ? notActedOnInProjects : notActedOn,
                loaded.notes);
    return loaded;
}

}  // namespace

Result<Loaded> load(const Source& source) {
    if (source.file.empty())
        return loadFrom(std::nullopt, {}, Format::Json, source);
    errno = 0;
    std::ifstream file(source.file, std::ios::binary);
    std::string text;
    if (file) {
        text.resize(kMaxFileBytes + 1);
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
    }
    if (file.bad() || !file.is_open())
        return fail("invalid_config",
                    source.file + ": the file can't be read (" + std::generic_category().message(errno) + ").");
    return loadText(text, source.file, source);
}

Result<Loaded> loadText(std::string_view text, const std::string& name, const Source& source) {
    const auto format = formatOf(name);
    if (!format)
        return fail("invalid_config", name + ": the name must end in .json, .yaml, .yml or .toml");
    return loadFrom(text, name, *format, source);
}

services::NewProject projectFor(const Loaded& loaded, std::string name) {
    services::NewProject project;
    project.name = std::move(name);
    project.options.allowAnonymous = loaded.configuration.client.allowAnonymousConnectWithoutToken;
    project.namespaces = loaded.configuration.channels.namespaces;
    project.withoutNamespace = loaded.configuration.channels.withoutNamespace;
    auto document = loaded.options;
    document.remove("channel.namespaces");
    document.remove("channel.without_namespace");
    project.document = auth::Secret(document.toJson());
    return project;
}

std::string noteOnTokens(std::string_view projectId) {
    return "connections whose token has no projectId reach this project by ?client_api_key=KEY in the URL; `xshathra project show " +
           std::string(projectId) + " --keys` prints the client key";
}

Environment environmentOfProcess() {
    Environment variables;
    for (char** one = environ; one != nullptr && *one != nullptr; ++one) {
        const std::string_view text(*one);
        const auto equals = text.find('=');
        if (text.starts_with(kPrefix) && equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

}  // namespace xshathra::centrifugo
