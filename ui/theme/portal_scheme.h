#pragma once

#include <QDBusVariant>
#include <QObject>

namespace xshathra::ui {

/// The wish for a dark look from the desktop portal (org.freedesktop.portal.Settings), which most Linux desktops
/// answer.
class PortalScheme final : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    /// Asks once (waits at most 200 ms) and listens for changes from then on. Silent without a session bus.
    void ask();

Q_SIGNALS:
    void heard(bool dark);

private Q_SLOTS:
    void settingChanged(const QString& group, const QString& key, const QDBusVariant& value);
};

}  // namespace xshathra::ui
