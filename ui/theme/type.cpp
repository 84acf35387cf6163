#include "ui/theme/type.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetrics>
#include <QStringList>

namespace xshathra::ui {

namespace {

QString& chosenFamily() {
    static QString family;
    return family;
}

/// Families that draw `->` and `!=` as one sign, which would hide what is on the wire.
bool fusesCharacters(const QString& family) {
    static const QStringList names{QStringLiteral("JetBrains Mono"), QStringLiteral("Fira Code"),
                                   QStringLiteral("Cascadia Code"),  QStringLiteral("Iosevka"),
                                   QStringLiteral("Hasklig"),        QStringLiteral("Victor Mono")};
    return names.contains(family);
}

QString findFamily() {
    const auto system = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    const auto actual = QFontInfo(system).family();
    if (QFontInfo(system).fixedPitch() && !fusesCharacters(actual) && actual != QLatin1String("Courier New"))
        return actual;
    const auto families = QFontDatabase::families();
    for (const auto& family :
         {QStringLiteral("Cascadia Mono"), QStringLiteral("JetBrains Mono NL"), QStringLiteral("SF Mono"),
          QStringLiteral("Menlo"), QStringLiteral("Consolas"), QStringLiteral("Noto Sans Mono"),
          QStringLiteral("DejaVu Sans Mono"), QStringLiteral("Liberation Mono")}) {
        if (families.contains(family))
            return family;
    }
    return QStringLiteral("monospace");
}

qreal systemSize() {
    const auto size = QApplication::font().pointSizeF();
    constexpr qreal kSmallest = 8;
    return size > 0 ? qMax(size, kSmallest) : QFontInfo(QApplication::font()).pointSizeF();
}

QFont uiFont(qreal delta, QFont::Weight weight = QFont::Normal) {
    auto f = QApplication::font();
    f.setPointSizeF(systemSize() + delta);
    f.setWeight(weight);
    return f;
}

QFont monoFont(qreal delta) {
    QFont f(monoFamily());
    f.setStyleHint(QFont::Monospace);
    f.setFixedPitch(true);
    f.setPointSizeF(systemSize() + delta);
    return f;
}

}  // namespace

QString monoFamily() {
    static const auto found = findFamily();
    return chosenFamily().isEmpty() ? found : chosenFamily();
}

void setMonoFamily(const QString& family) { chosenFamily() = family; }

QFont font(TextStyle style) {
    switch (style) {
        case TextStyle::Display: return uiFont(6, QFont::DemiBold);
        case TextStyle::Figure: return uiFont(7, QFont::DemiBold);
        case TextStyle::EmptyTitle: return uiFont(4, QFont::DemiBold);
        case TextStyle::ViewTitle: return uiFont(1.5, QFont::DemiBold);
        case TextStyle::Body: return uiFont(0);
        case TextStyle::BodyStrong: return uiFont(0, QFont::DemiBold);
        case TextStyle::List: return uiFont(-0.25);
        case TextStyle::Small: return uiFont(-1);
        case TextStyle::SmallMedium: return uiFont(-1, QFont::Medium);
        case TextStyle::Header: return uiFont(-1.25);
        case TextStyle::Badge: return uiFont(-1.5, QFont::Medium);
        case TextStyle::Mono: return monoFont(-0.75);
        case TextStyle::MonoBody: return monoFont(0);
        case TextStyle::MonoSmall: return monoFont(-1.5);
    }
    return uiFont(0);
}

int scaledHeight(int value) {
    constexpr int kPadding = 8;
    const auto grown = QFontMetrics(QApplication::font()).height() + kPadding;
    // Parts lower than a button keep their share of a grown font.
    constexpr qreal kDesignHeight = 28;
    return qMax(value, qRound(grown * value / kDesignHeight));
}

}  // namespace xshathra::ui
