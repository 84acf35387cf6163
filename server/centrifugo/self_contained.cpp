#include "server/centrifugo/self_contained.h"

#include "server/centrifugo/format.h"

#include <utility>
#include <vector>

namespace xshathra::centrifugo {

namespace {

void putPemTexts(Value& tls) {
    const auto* enabled = tls.find("enabled");
    if (enabled == nullptr || enabled->boolean() == nullptr || !*enabled->boolean())
        return;
    for (const auto* name : {"cert_pem", "key_pem", "server_ca_pem"}) {
        auto* value = tls.find(name);
        if (value == nullptr || value->text() == nullptr)
            continue;
        if (auto pem = loadPem(*value->text()))
            *value = Value(std::move(*pem));
    }
}

/// Every object with `http.tls` is a proxy.
void resolveProxies(Value& value) {
    if (auto* items = value.list()) {
        for (auto& item : *items)
            resolveProxies(item);
    } else if (auto* members = value.object()) {
        if (auto* http = value.find("http")) {
            if (auto* tls = http->find("tls"))
                putPemTexts(*tls);
        }
        for (auto& member : *members)
            resolveProxies(member.value);
    }
}

}  // namespace

Result<std::string> selfContained(const Loaded& loaded, const Environment& variables) {
    auto options = loaded.options;
    std::vector<Fault> faults;
    expandVariables(options, variables, faults);
    if (!faults.empty())
        return fail("invalid_config", faults.front().toString(), faults.front().path);
    resolveProxies(options);
    auto text = options.toJson();
    if (text.size() > kMaxFileBytes)
        return fail("invalid_config", "With all that it names written out, the configuration is longer than " +
                                          std::to_string(kMaxFileBytes) + " bytes.");
    return text;
}

}  // namespace xshathra::centrifugo
