#include "ui/theme/theme.h"

#include "ui/theme/icon.h"
#include "ui/theme/style.h"
#include "ui/theme/system_scheme.h"
#include "ui/theme/token_table.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QWidget>

#include <algorithm>

/// Pulls the resources into the program; must stand outside of any namespace.
static void initResources() { Q_INIT_RESOURCE(window); }

namespace xshathra::ui {

namespace {

Theme* installed = nullptr;

/// Longest names first, so that @text2 isn't taken for @text.
QList<Token> tokensByNameLength() {
    QList<Token> tokens;
    for (std::size_t i = 0; i < kTokenCount; ++i)
        tokens.append(static_cast<Token>(i));
    std::sort(tokens.begin(), tokens.end(), [](Token a, Token b) { return tokenName(a).size() > tokenName(b).size(); });
    return tokens;
}

}  // namespace

Theme::Theme(QApplication& app) : app_(app), system_(std::make_unique<SystemScheme>(app.palette())) {
    Q_ASSERT(installed == nullptr);
    installed = this;
    initResources();
    app_.setStyle(new XsStyle);
    app_.installEventFilter(this);
    connect(system_.get(), &SystemScheme::changed, this, &Theme::systemChanged);
    dark_ = system_->dark();
    apply();
}

Theme::~Theme() {
    app_.removeEventFilter(this);
    installed = nullptr;
}

Theme& Theme::current() {
    Q_ASSERT(installed != nullptr);
    return *installed;
}

bool Theme::exists() { return installed != nullptr; }

QColor Theme::color(Token token, bool dark) {
    const auto& row = kTokenTable[static_cast<std::size_t>(token)];
    return QColor(QRgb(0xff000000U | (dark ? row.dark : row.light)));
}

void Theme::setChoice(ThemeChoice choice) {
    choice_ = choice;
    const bool dark = choice == ThemeChoice::Dark || (choice == ThemeChoice::System && system_->dark());
    if (dark == dark_)
        return;
    dark_ = dark;
    apply();
}

void Theme::systemChanged() { setChoice(choice_); }

void Theme::apply() {
    applying_ = true;
    // Clearing before setting is three times cheaper than replacing one sheet by another.
    if (applied_)
        app_.setStyleSheet({});
    app_.setPalette(palette(dark_));
    app_.setStyleSheet(styleSheet(dark_));
    applied_ = true;
    clearIconCache();
    applying_ = false;
    Q_EMIT changed();
    const auto widgets = QApplication::topLevelWidgets();
    for (auto* widget : widgets) {
        if (widget->isVisible())
            widget->update();
    }
}

QPalette Theme::palette(bool dark) {
    const auto c = [dark](Token token) { return color(token, dark); };
    QPalette p;
    p.setColor(QPalette::Window, c(Token::Chrome));
    p.setColor(QPalette::WindowText, c(Token::Text));
    p.setColor(QPalette::Text, c(Token::Text));
    p.setColor(QPalette::ButtonText, c(Token::Text));
    p.setColor(QPalette::Base, c(Token::Base));
    p.setColor(QPalette::AlternateBase, c(Token::Sunken));
    p.setColor(QPalette::Button, c(Token::Raised));
    p.setColor(QPalette::Light, c(Token::Raised));
    p.setColor(QPalette::ToolTipBase, c(Token::Raised));
    p.setColor(QPalette::ToolTipText, c(Token::Text));
    p.setColor(QPalette::Highlight, c(Token::Accent));
    p.setColor(QPalette::HighlightedText, c(Token::OnAccent));
    p.setColor(QPalette::Link, c(Token::AccentText));
    p.setColor(QPalette::LinkVisited, c(Token::AccentText));
    p.setColor(QPalette::PlaceholderText, c(Token::Text3));
    p.setColor(QPalette::Mid, c(Token::Line));
    p.setColor(QPalette::Midlight, c(Token::Line));
    p.setColor(QPalette::Dark, c(Token::Line2));
    p.setColor(QPalette::Shadow, c(Token::Line2));
    p.setColor(QPalette::BrightText, c(Token::Err));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText,
                            QPalette::PlaceholderText, QPalette::ToolTipText, QPalette::Link})
        p.setColor(QPalette::Disabled, role, c(Token::TextOff));
    for (const auto role : {QPalette::Base, QPalette::Button})
        p.setColor(QPalette::Disabled, role, c(Token::Chrome));
    p.setColor(QPalette::Disabled, QPalette::Highlight, c(Token::SelOff));
    return p;
}

QString Theme::styleSheet(bool dark) {
    static const auto tokens = tokensByNameLength();
    QFile file(QStringLiteral(":/xshathra/qss/window.qss"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    auto sheet = QString::fromUtf8(file.readAll());
    sheet.replace(QLatin1String("@look"), dark ? QLatin1String("dark") : QLatin1String("light"));
    for (const auto token : tokens)
        sheet.replace(QLatin1Char('@') + tokenName(token), color(token, dark).name());
    return sheet;
}

bool Theme::eventFilter(QObject* watched, QEvent* event) {
    // A desktop that switches its look sends the application a new palette; ours must not be taken for it.
    if (watched == &app_ && !applying_ &&
        (event->type() == QEvent::ThemeChange || event->type() == QEvent::ApplicationPaletteChange) &&
        app_.palette() != palette(dark_)) {
        system_->paletteSeen(app_.palette());
        if (choice_ == ThemeChoice::System && system_->dark() != dark_)
            dark_ = system_->dark();
        apply();
    }
    return QObject::eventFilter(watched, event);
}

}  // namespace xshathra::ui
