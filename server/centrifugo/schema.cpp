#include "server/centrifugo/schema.h"

#include "server/centrifugo/schema_parts.h"

#include <algorithm>

namespace xshathra::centrifugo {

namespace {

void collect(const ObjectSpec& object, const std::string& prefix, std::vector<OptionPath>& all) {
    for (const auto& option : object.options) {
        const auto path = prefix + std::string(option.name);
        if (option.kind != Kind::Object)
            all.push_back({path, &option});
        if (option.object != nullptr)
            collect(*option.object, path + (option.kind == Kind::Object ? "." : "[]."), all);
    }
}

}  // namespace

std::string_view toString(Kind kind) {
    switch (kind) {
        case Kind::Bool: return "true or false";
        case Kind::Integer: return "whole number";
        case Kind::Unsigned: return "whole number from 0 to 4294967295";
        case Kind::Text: return "text";
        case Kind::Duration: return "duration";
        case Kind::TextList: return "list of texts";
        case Kind::TextMap: return "object of texts";
        case Kind::Pem: return "PEM text or file";
        case Kind::Object: return "object";
        case Kind::ObjectList:
        case Kind::NamedList: return "list of objects";
    }
    return {};
}

const OptionSpec* ObjectSpec::find(std::string_view option) const {
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const auto& one) { return one.name == option; });
    return found == options.end() ? nullptr : &*found;
}

const ObjectSpec& rootSchema() { return schema::kRoot; }

std::vector<OptionPath> allOptions() {
    std::vector<OptionPath> all;
    collect(rootSchema(), {}, all);
    return all;
}

const OptionSpec* findOption(std::string_view path) {
    const auto* object = &rootSchema();
    const OptionSpec* option = nullptr;
    while (object != nullptr && !path.empty()) {
        const auto end = std::min(path.find('.'), path.size());
        auto name = path.substr(0, end);
        name = name.substr(0, std::min(name.find('['), name.size()));
        path.remove_prefix(std::min(end + 1, path.size()));
        option = object->find(name);
        if (option == nullptr)
            return nullptr;
        object = option->object;
    }
    return path.empty() ? option : nullptr;
}

}  // namespace xshathra::centrifugo
