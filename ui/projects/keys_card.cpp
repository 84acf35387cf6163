#include "ui/projects/keys_card.h"

#include "server/auth/secret.h"
#include "server/base/clock.h"
#include "server/services/project_service.h"
#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"
#include "ui/widgets/rule.h"
#include "ui/widgets/secret_row.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QMenu>

namespace xshathra::ui {

namespace {

using namespace Qt::StringLiterals;

constexpr int kLabelWidth = 90;

/// "41 min 12 s", "6 d 3 h".
QString remainingWord(Nanoseconds left) {
    const auto seconds = std::chrono::duration_cast<Seconds>(left).count();
    if (seconds >= 86400)
        return QStringLiteral("%1 d %2 h").arg(seconds / 86400).arg(seconds % 86400 / 3600);
    if (seconds >= 3600)
        return QStringLiteral("%1 h %2 min").arg(seconds / 3600).arg(seconds % 3600 / 60);
    return QStringLiteral("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
}

QString lastCharacters(const services::KeyInfo& key) { return QString::fromStdString(key.masked).right(2); }

QString prefixOf(const services::KeyInfo& key) {
    return QString::fromStdString(key.masked).left(static_cast<qsizetype>(auth::kApiKeyPrefixLength));
}

}  // namespace

KeysCard::KeysCard(services::ProjectService& projects, const Clock& clock, QWidget* parent)
    : Card(parent), service_(projects), clock_(clock) {
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(metrics::kSpace8);
    grid->setVerticalSpacing(metrics::kSpace8);
    grid->setColumnMinimumWidth(0, kLabelWidth);
    grid->setColumnStretch(1, 1);
    body()->addLayout(grid);

    auto* idRow = new QHBoxLayout;
    id_ = new Label({}, TextStyle::MonoBody);
    id_->setObjectName(u"keys.id"_s);
    id_->setElide(Qt::ElideMiddle);
    id_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    copyId_ = new CopyButton(u"the project id"_s, u"keys.id.copy"_s);
    idRow->addWidget(id_, 1);
    idRow->addWidget(copyId_);
    grid->addWidget(new Label(u"Project id"_s, TextStyle::Body, Token::Text2), 0, 0);
    grid->addLayout(idRow, 0, 1);
    grid->addWidget(new Rule, 1, 0, 1, 2);
    server_ = addKeyRow(grid, 2, auth::KeyKind::Server, u"Server key"_s, u"keys.server"_s);
    client_ = addKeyRow(grid, 4, auth::KeyKind::Client, u"Client key"_s, u"keys.client"_s);

    countdown_.setInterval(1000);
    connect(&countdown_, &QTimer::timeout, this, &KeysCard::showGrace);
}

KeysCard::Row KeysCard::addKeyRow(QGridLayout* grid, int line, auth::KeyKind kind, const QString& word,
                                  const QString& objectName) {
    Row row{kind, word};
    row.secret = new SecretRow(word, objectName);
    grid->addWidget(new Label(word, TextStyle::Body, Token::Text2), line, 0);
    grid->addWidget(row.secret, line, 1);

    auto* rotateButton =
        new Button(u"Rotate"_s, objectName + u".rotate"_s, nullptr, Button::Kind::Standard, Button::Size::Small);
    rotateButton->setIconName(u"rotate"_s);
    rotateButton->setAccessibleName(QStringLiteral("Rotate %1").arg(word.toLower()));
    auto* menu = new QMenu(rotateButton);
    const QList<std::pair<QString, Seconds>> graces{
        {u"New key; the old one works for 1 hour more"_s, services::kDefaultGrace},
        {u"New key; the old one works for 24 hours more"_s, Seconds(24 * 3600)},
        {u"New key; the old one works for 7 days more"_s, Seconds(7 * 24 * 3600)},
        {u"New key; the old one stops working now"_s, Seconds(0)},
    };
    for (const auto& [text, grace] : graces) {
        auto* action = menu->addAction(text);
        action->setObjectName(QStringLiteral("%1.rotate.%2").arg(objectName).arg(grace.count()));
        connect(action, &QAction::triggered, this, [this, kind, grace = grace] { rotate(kind, grace); });
    }
    connect(rotateButton, &QPushButton::clicked, this,
            [rotateButton, menu] { menu->popup(rotateButton->mapToGlobal(QPoint(0, rotateButton->height()))); });
    row.secret->actions()->addWidget(rotateButton);

    row.grace = new QWidget;
    auto* graceRow = new QHBoxLayout(row.grace);
    graceRow->setContentsMargins(0, 0, 0, metrics::kSpace4);
    graceRow->setSpacing(metrics::kSpace6);
    graceRow->addWidget(new IconLabel(u"clock"_s, Token::Warn, metrics::kIconSmall));
    row.graceText = new Label({}, TextStyle::Small, Token::Warn);
    row.graceText->setObjectName(objectName + u".grace"_s);
    graceRow->addWidget(row.graceText);
    auto* end = new Button(u"End now"_s, objectName + u".grace.end"_s, nullptr, Button::Kind::Link, Button::Size::Tiny);
    end->setAccessibleName(QStringLiteral("End the old %1 now").arg(word.toLower()));
    connect(end, &QPushButton::clicked, this, [this, kind] { endGrace(kind); });
    graceRow->addWidget(end);
    graceRow->addStretch();
    row.grace->hide();
    grid->addWidget(row.grace, line + 1, 1);

    connect(row.secret, &SecretRow::revealRequested, this,
            [this, row] { withKey(row, [row](const QString& key) { row.secret->reveal(key); }); });
    connect(row.secret, &SecretRow::copyRequested, this,
            [this, row] { withKey(row, [row](const QString& key) { row.secret->copy(key); }); });
    return row;
}

void KeysCard::setProject(services::ProjectPtr project) {
    if (project == project_)
        return;
    project_ = std::move(project);
    if (!project_)
        return;
    id_->setText(QString::fromStdString(project_->id));
    copyId_->setTextToCopy(QString::fromStdString(project_->id));
    for (const auto* row : {&server_, &client_}) {
        const auto* key = project_->currentKey(row->kind);
        row->secret->setMasked(prefixOf(*key), lastCharacters(*key));
    }
    showGrace();
}

void KeysCard::withKey(const Row& row, const std::function<void(const QString&)>& use) {
    if (!project_)
        return;
    service_.revealKey(project_->id, row.kind)
        .then(this, [this, id = project_->id, use](const Result<auth::Secret>& key) {
            if (!key)
                Q_EMIT failed(QString::fromStdString(key.error().message));
            else if (project_ && project_->id == id)
                use(QString::fromStdString(std::string(key->expose())));
        });
}

void KeysCard::rotate(auth::KeyKind kind, Seconds grace) {
    if (!project_)
        return;
    const auto word = kind == auth::KeyKind::Server ? u"server"_s : u"client"_s;
    service_.rotateKey(project_->id, kind, grace).then(this, [this, word](const Result<services::ProjectPtr>& result) {
        if (!result)
            Q_EMIT failed(QString::fromStdString(result.error().message));
        else
            Q_EMIT notice(QStringLiteral("The %1 key was rotated").arg(word));
    });
}

void KeysCard::endGrace(auth::KeyKind kind) {
    if (!project_)
        return;
    service_.endGrace(project_->id, kind).then(this, [this](const Result<services::ProjectPtr>& result) {
        if (!result)
            Q_EMIT failed(QString::fromStdString(result.error().message));
        else
            Q_EMIT notice(u"The old key no longer works"_s);
    });
}

void KeysCard::showGrace() {
    bool any = false;
    for (const auto* row : {&server_, &client_}) {
        const auto* old = project_ ? project_->previousKey(row->kind) : nullptr;
        const auto left = old != nullptr && old->expiresAt ? *old->expiresAt - clock_.wall() : Nanoseconds(0);
        row->grace->setVisible(left.count() > 0);
        if (left.count() <= 0)
            continue;
        any = true;
        row->graceText->setText(QStringLiteral("The old key %1%2 stays valid for %3")
                                    .arg(QChar(0x2026))
                                    .arg(lastCharacters(*old), remainingWord(left)));
    }
    if (any && isVisible())
        countdown_.start();
    else
        countdown_.stop();
}

void KeysCard::showEvent(QShowEvent* event) {
    Card::showEvent(event);
    showGrace();
}

void KeysCard::hideEvent(QHideEvent* event) {
    Card::hideEvent(event);
    countdown_.stop();
}

}  // namespace xshathra::ui
