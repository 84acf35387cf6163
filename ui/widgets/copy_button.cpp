#include "ui/widgets/copy_button.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QTimer>

namespace xshathra::ui {

namespace {

constexpr int kCopiedMs = 1'200;
constexpr int kSecretMs = 60'000;

}  // namespace

void copyToClipboard(const QString& text, bool secret) {
    auto* clipboard = QGuiApplication::clipboard();
    clipboard->setText(text);
    if (!secret)
        return;
    QTimer::singleShot(kSecretMs, clipboard, [clipboard, text] {
        if (clipboard->text() == text)
            clipboard->clear();
    });
}

CopyButton::CopyButton(const QString& what, const QString& objectName, QWidget* parent, Kind kind, Size size)
    : Button(kind == Kind::Icon ? QString() : QStringLiteral("Copy"), objectName, parent, kind, size) {
    setIconName(QStringLiteral("copy"));
    const auto name = QStringLiteral("Copy %1").arg(what);
    setAccessibleName(name);
    setToolTip(name);
    connect(this, &QPushButton::clicked, this, [this] {
        if (!source_)
            return;
        copyToClipboard(source_(), secret_);
        showCopied();
        Q_EMIT copied();
    });
}

void CopyButton::setSource(std::function<QString()> source) { source_ = std::move(source); }

void CopyButton::setTextToCopy(const QString& text) {
    source_ = [text] { return text; };
}

void CopyButton::showCopied() {
    if (kind() == Kind::Primary)
        setIconName(QStringLiteral("check"));
    else
        setIconName(QStringLiteral("check"), Token::Ok);
    QTimer::singleShot(kCopiedMs, this, [this] { setIconName(QStringLiteral("copy")); });
}

}  // namespace xshathra::ui
