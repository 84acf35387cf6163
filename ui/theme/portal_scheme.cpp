#include "ui/theme/portal_scheme.h"

#include <QDBusConnection>
#include <QDBusMessage>

namespace xshathra::ui {

void PortalScheme::ask() {
    // Without a session bus, connecting would try to start one.
    if (!qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS"))
        return;
    auto bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    const auto service = QStringLiteral("org.freedesktop.portal.Desktop");
    const auto path = QStringLiteral("/org/freedesktop/portal/desktop");
    const auto interface = QStringLiteral("org.freedesktop.portal.Settings");
    const auto group = QStringLiteral("org.freedesktop.appearance");
    const auto key = QStringLiteral("color-scheme");
    auto question = QDBusMessage::createMethodCall(service, path, interface, QStringLiteral("Read"));
    question << group << key;
    constexpr int kLimitMs = 200;
    const auto answer = bus.call(question, QDBus::Block, kLimitMs);
    if (answer.type() == QDBusMessage::ReplyMessage && !answer.arguments().isEmpty()) {
        // The portal wraps the value twice.
        auto value = answer.arguments().constFirst().value<QDBusVariant>().variant();
        if (value.canConvert<QDBusVariant>())
            value = value.value<QDBusVariant>().variant();
        settingChanged(group, key, QDBusVariant(value));
    }
    bus.connect(service, path, interface, QStringLiteral("SettingChanged"), this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
}

void PortalScheme::settingChanged(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group != QLatin1String("org.freedesktop.appearance") || key != QLatin1String("color-scheme"))
        return;
    constexpr uint kDark = 1;
    constexpr uint kLight = 2;
    const auto scheme = value.variant().toUInt();
    if (scheme == kDark || scheme == kLight)
        Q_EMIT heard(scheme == kDark);
}

}  // namespace xshathra::ui
