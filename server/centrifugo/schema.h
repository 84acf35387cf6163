#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::centrifugo {

/// What an option holds.
enum class Kind : std::uint8_t {
    Bool,
    Integer,
    /// 0 to 2^32-1.
    Unsigned,
    Text,
    /// A text such as "25s", or a number of nanoseconds.
    Duration,
    TextList,
    TextMap,
    /// A certificate or key: PEM text, the same in base64, or the path of a file.
    Pem,
    Object,
    ObjectList,
    /// A list of objects with a `name`, by which environment variables reach them.
    NamedList,
};

std::string_view toString(Kind kind);

struct ObjectSpec;

/// One option of a configuration file of Centrifugo v6.9.1.
struct OptionSpec {
    std::string_view name;
    Kind kind = Kind::Text;
    /// The default as a text of this kind; empty: the kind's zero. A zero in a file means the default too.
    std::string_view fallback = {};
    /// What Object, ObjectList and NamedList hold.
    const ObjectSpec* object = nullptr;
};

/// The options of one object.
struct ObjectSpec {
    std::string_view name;
    std::span<const OptionSpec> options;

    /// Null where there is none; `option` in lower case.
    const OptionSpec* find(std::string_view option) const;
};

/// The whole file.
const ObjectSpec& rootSchema();

/// An option that isn't an object, with its whole path: `client.token.hmac_secret_key`,
/// `channel.namespaces[].presence`.
struct OptionPath {
    std::string path;
    const OptionSpec* option = nullptr;
};

/// All of them, in the order of Centrifugo's documentation. Lists of objects are among them, before their elements'
/// options.
std::vector<OptionPath> allOptions();

/// The option at a path in that form, where indices may stand in the brackets (`proxies[2].endpoint`). Null where there
/// is none.
const OptionSpec* findOption(std::string_view path);

}  // namespace xshathra::centrifugo
