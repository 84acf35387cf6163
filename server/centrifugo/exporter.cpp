#include "server/centrifugo/exporter.h"

#include "server/centrifugo/configuration.h"

namespace xshathra::centrifugo {

Result<Value> exported(std::string_view document, const services::Project& project) {
    auto stored = document.empty() ? Result<Value>(Value(Value::Object())) : parseJson(document);
    if (!stored)
        return stored;
    Configuration configuration;
    configuration.client.allowAnonymousConnectWithoutToken = project.options.allowAnonymous;
    configuration.channels.withoutNamespace = project.withoutNamespace;
    configuration.channels.namespaces = project.namespaces;
    const auto own = configuration.write();
    for (const auto* path :
         {"client.allow_anonymous_connect_without_token", "channel.without_namespace", "channel.namespaces"}) {
        if (const auto* value = own.at(path))
            stored->set(path, *value);
        else
            stored->remove(path);
    }
    return stored;
}

}  // namespace xshathra::centrifugo
