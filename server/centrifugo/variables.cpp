#include "server/centrifugo/document.h"

#include <string_view>

namespace xshathra::centrifugo {

namespace {

constexpr std::string_view kStart = "${CENTRIFUGO_VAR_";

class Expander {
public:
    Expander(const Environment& variables, std::vector<Fault>& faults) : variables_(variables), faults_(faults) {}

    void object(Value& value, const ObjectSpec& spec, const std::string& path) {
        if (value.object() == nullptr)
            return;
        for (auto& one : *value.object()) {
            const auto* option = spec.find(one.name);
            if (option == nullptr)
                continue;
            const auto onePath = path.empty() ? one.name : path + "." + one.name;
            if (option->kind == Kind::Object) {
                object(one.value, *option->object, onePath);
            } else if (option->object != nullptr && one.value.list() != nullptr) {
                for (std::size_t i = 0; i < one.value.list()->size(); ++i)
                    object((*one.value.list())[i], *option->object, onePath + "[" + std::to_string(i) + "]");
            } else if (option->kind == Kind::TextMap && one.value.object() != nullptr) {
                for (auto& entry : *one.value.object())
                    text(entry.value, onePath + "." + entry.name, one.value);
            }
        }
    }

private:
    void text(Value& value, const std::string& path, const Value& holder) {
        auto made = *value.text();
        for (auto start = made.find(kStart); start != std::string::npos; start = made.find(kStart, start)) {
            const auto end = made.find('}', start);
            if (end == std::string::npos)
                break;
            const auto name = made.substr(start + 2, end - start - 2);
            const auto variable = variables_.find(name);
            if (variable == variables_.end()) {
                faults_.push_back(
                    {path, holder.line(), holder.origin(), "there is no environment variable " + name + "."});
                return;
            }
            made.replace(start, end - start + 1, variable->second);
            start += variable->second.size();
        }
        value = Value(std::move(made));
    }

    const Environment& variables_;
    std::vector<Fault>& faults_;
};

}  // namespace

void expandVariables(Value& options, const Environment& variables, std::vector<Fault>& faults) {
    Expander(variables, faults).object(options, rootSchema(), {});
}

}  // namespace xshathra::centrifugo
