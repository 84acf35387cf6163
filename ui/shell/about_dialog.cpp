#include "ui/shell/about_dialog.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QSysInfo>
#include <QVBoxLayout>

namespace xshathra::ui {

namespace {

class Emblem final : public QWidget {
public:
    Emblem() { setFixedSize(64, 64); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        applicationIcon().paint(&painter, rect());
    }
};

QString versions() {
    return QStringLiteral("Xshathra Console %1\nQt %2 (built with %3)\n%4, %5")
        .arg(QStringLiteral(XSHATHRA_VERSION), QString::fromLatin1(qVersion()), QStringLiteral(QT_VERSION_STR),
             QSysInfo::prettyProductName(), QSysInfo::currentCpuArchitecture());
}

}  // namespace

AboutDialog::AboutDialog(QWidget* parent) : QDialog(parent) {
    setObjectName(QStringLiteral("about"));
    setWindowTitle(QStringLiteral("About Xshathra Console"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::kSpace28, metrics::kSpace28, metrics::kSpace28, metrics::kSpace16);
    column->setSpacing(metrics::kSpace12);
    auto* head = new QHBoxLayout;
    head->setSpacing(metrics::kSpace16);
    head->addWidget(new Emblem);
    auto* words = new QVBoxLayout;
    words->setSpacing(metrics::kSpace2);
    words->addWidget(new Label(QStringLiteral("Xshathra Console"), TextStyle::Display));
    words->addWidget(
        new Label(QStringLiteral("Version %1").arg(QStringLiteral(XSHATHRA_VERSION)), TextStyle::Body, Token::Text2));
    head->addLayout(words, 1);
    column->addLayout(head);
    auto* what =
        new Label(QStringLiteral("A realtime server and its console, on this computer. Speaks the Centrifuge "
                                 "protocol; works with every Centrifuge client."));
    what->setWordWrap(true);
    column->addWidget(what);
    auto* license = new Label(QStringLiteral("Free software under the GNU General Public License, version 3 or later. "
                                             "It comes without any warranty."),
                              TextStyle::Small, Token::Text2);
    license->setWordWrap(true);
    column->addWidget(license);
    column->addWidget(new Label(versions(), TextStyle::Mono, Token::Text2));
    auto* foot = new QHBoxLayout;
    foot->setSpacing(metrics::kSpace8);
    auto* copy = new CopyButton(QStringLiteral("versions"), QStringLiteral("about.copy"), nullptr,
                                Button::Kind::Standard, Button::Size::Normal);
    copy->setSource(&versions);
    auto* close = new Button(QStringLiteral("Close"), QStringLiteral("about.close"), nullptr, Button::Kind::Primary);
    close->setDefault(true);
    foot->addStretch();
    foot->addWidget(copy);
    foot->addWidget(close);
    column->addLayout(foot);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    close->setFocus(Qt::OtherFocusReason);
    constexpr int kWidth = 460;
    setFixedWidth(kWidth);
}

}  // namespace xshathra::ui
