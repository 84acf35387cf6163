#include "server/services/config_store.h"

#include "server/engine/node_registry.h"

#include <utility>

namespace xshathra::services {

ConfigStore::ConfigStore(engine::NodeRegistry* registry, QObject* parent)
    : QObject(parent), registry_(registry), current_(std::make_shared<const Config>()) {}

void ConfigStore::publish(ConfigPtr config) {
    auto forEngine = config->engine;
    current_.store(std::move(config), std::memory_order_release);
    if (registry_ != nullptr && forEngine)
        registry_->apply(std::move(forEngine));
    Q_EMIT changed();
}

}  // namespace xshathra::services
