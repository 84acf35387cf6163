#pragma once

#include "server/services/config.h"

#include <QObject>

#include <atomic>
#include <memory>

namespace xshathra::engine {
class NodeRegistry;
}

namespace xshathra::services {

/// Where the snapshot in force is read, and from where its change is announced. current() may be called on any thread.
class ConfigStore final : public QObject {
    Q_OBJECT

public:
    /// Null registry: nothing but this program's own readers follow the snapshot. Must outlive the store.
    explicit ConfigStore(engine::NodeRegistry* registry = nullptr, QObject* parent = nullptr);

    /// The snapshot in force. Never null.
    ConfigPtr current() const { return current_.load(std::memory_order_acquire); }

    /// Puts a snapshot in force, in the engine too. Only ConfigWriter calls it, on the storage thread.
    void publish(ConfigPtr config);

Q_SIGNALS:
    /// current() has changed. Emitted on the storage thread: connect with a context object, so that it arrives on that
    /// object's thread.
    void changed();

private:
    engine::NodeRegistry* registry_;
    std::atomic<ConfigPtr> current_;
};

}  // namespace xshathra::services
