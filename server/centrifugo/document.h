#pragma once

#include "server/base/result.h"
#include "server/centrifugo/schema.h"
#include "server/centrifugo/value.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::centrifugo {

/// What is wrong with one option.
struct Fault {
    /// `client.ping_interval`, `channel.namespaces[2].history_ttl`.
    std::string path;
    /// Line of the file; 0: none.
    std::size_t line = 0;
    /// The variable or flag it comes from; empty: the file.
    std::string origin;
    /// What was found and what is allowed, one sentence.
    std::string message;

    /// "line 12: client.ping_interval: ..." or "CENTRIFUGO_CLIENT_PING_INTERVAL: ...".
    std::string toString() const;
};

/// Environment variables by name.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The options that a file, variables and flags set: known ones alone, each of its kind's type (durations as texts),
/// what says nothing but the default left out. How values are taken follows Centrifugo (internal/config: viper's weak
/// types, then envconfig): names in any case, "8000" for 8000, nanoseconds for a duration, one text for a list of one;
/// a zero in a file means the default, a zero in a variable is one.
class Document {
public:
    /// Takes what was read from a file. The lists `unknown()` and `faults()` grow.
    void addFile(const Value& file);
    /// Takes the `CENTRIFUGO_...` variables, which win over the file. Elements of lists with names are reached by them:
    /// `CENTRIFUGO_CHANNEL_NAMESPACES_CHAT_PRESENCE`.
    void addEnvironment(const Environment& environment);
    /// Takes one option by its path, as of the command line; `origin` is how errors name it.
    void addOption(std::string_view path, const std::string& value, const std::string& origin);

    const Value& options() const { return options_; }
    /// Names that Centrifugo doesn't know, in its form: `channel.namespaces.[2].presance`, with the line if there is
    /// one: "presance (line 12)".
    const std::vector<std::string>& unknown() const { return unknown_; }
    const std::vector<std::string>& unknownVariables() const { return unknownVariables_; }
    const std::vector<Fault>& faults() const { return faults_; }

private:
    Value object(const Value& from, const ObjectSpec& spec, const std::string& path, const std::string& shownPath);
    void member(const Value::Member& from, const OptionSpec& spec, const std::string& path,
                const std::string& shownPath, Value& into);
    void variables(const Environment& environment, const ObjectSpec& spec, const std::string& prefix, Value& into,
                   const std::string& path);
    void elements(const Environment& environment, const OptionSpec& option, const std::string& name, Value& into,
                  const std::string& path);
    Value fromText(const OptionSpec& spec, const std::string& text, const std::string& origin, const std::string& path);

    Value options_{Value::Object()};
    std::vector<std::string> unknown_;
    std::vector<std::string> unknownVariables_;
    std::vector<Fault> faults_;
    std::vector<std::string> knownVariables_;
};

/// Replaces `${CENTRIFUGO_VAR_...}` in the texts of objects of texts (`static_headers`), as Centrifugo does. A variable
/// that isn't set is a fault.
void expandVariables(Value& options, const Environment& variables, std::vector<Fault>& faults);

/// A value brought to an option's kind as Centrifugo does for files; lists and objects of options are not looked into.
/// The error says what is allowed.
Expected<Value, std::string> coerce(Kind kind, const Value& value);
/// The same for a text of a variable or flag: lists are separated by single spaces, an object of texts is JSON.
Expected<Value, std::string> coerceText(Kind kind, const std::string& text);

/// Whether a value is what the option means when it isn't set.
bool isDefault(const OptionSpec& option, const Value& value);
/// Whether it is the zero of its kind: false, 0, "0s", an empty text or list.
bool isZero(Kind kind, const Value& value);

}  // namespace xshathra::centrifugo
