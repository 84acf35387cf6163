#include "ui/theme/system_scheme.h"

#ifdef XSHATHRA_HAVE_DBUS
#include "ui/theme/portal_scheme.h"
#endif

#include <QColor>
#include <QGuiApplication>
#include <QtGlobal>
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
#include <QStyleHints>
#endif

namespace xshathra::ui {

namespace {

bool isDark(const QPalette& palette) {
    return palette.color(QPalette::WindowText).lightness() > palette.color(QPalette::Window).lightness();
}

}  // namespace

SystemScheme::SystemScheme(const QPalette& before) : dark_(isDark(before)) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const auto apply = [this](Qt::ColorScheme scheme) {
        if (scheme != Qt::ColorScheme::Unknown)
            heard(scheme == Qt::ColorScheme::Dark);
    };
    apply(QGuiApplication::styleHints()->colorScheme());
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, apply);
#endif
#ifdef XSHATHRA_HAVE_DBUS
    const auto platform = QGuiApplication::platformName();
    if (!told_ && (platform == QLatin1String("xcb") || platform.startsWith(QLatin1String("wayland")))) {
        auto* portal = new PortalScheme(this);
        connect(portal, &PortalScheme::heard, this, &SystemScheme::heard);
        portal->ask();
    }
#endif
}

void SystemScheme::paletteSeen(const QPalette& palette) {
    if (!told_)
        dark_ = isDark(palette);
}

void SystemScheme::heard(bool dark) {
    told_ = true;
    if (dark == dark_)
        return;
    dark_ = dark;
    Q_EMIT changed();
}

}  // namespace xshathra::ui
