#include "ui/projects/snippets_card.h"

#include "server/auth/api_key.h"
#include "server/auth/secret.h"
#include "server/services/project_service.h"
#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"
#include "ui/widgets/tab_bar.h"

#include <QHBoxLayout>
#include <QScrollBar>
#include <QVBoxLayout>

namespace xshathra::ui {

namespace {

using namespace Qt::StringLiterals;

/// The prefix, a short run of dots and the last characters: in code, long dots would only push the line out of sight.
QString shownKey(const services::KeyInfo* key) {
    if (key == nullptr)
        return {};
    const auto masked = QString::fromStdString(key->masked);
    return masked.left(static_cast<qsizetype>(auth::kApiKeyPrefixLength)) + QString(6, QChar(0x2022)) + masked.right(2);
}

}  // namespace

SnippetsCard::SnippetsCard(services::ProjectService& projects, QWidget* parent) : Card(parent), service_(projects) {
    setFlush(true);
    body()->setContentsMargins(0, 0, 0, 0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(metrics::kSpace4, metrics::kSpace4, metrics::kSpace12, 0);
    tabs_ = new TabBar(u"snippets.tabs"_s, u"Snippets"_s);
    tabs_->setUsesScrollButtons(true);
    tabs_->setExpanding(false);
    for (const auto& snippet : makeSnippets({}))
        tabs_->addTab(snippet.name);
    copy_ = new CopyButton(u"the snippet"_s, u"snippets.copy"_s, nullptr, Button::Kind::Primary);
    head->addWidget(tabs_, 1);
    head->addWidget(copy_);
    body()->addLayout(head);

    code_ = new CodeView(u"snippets.code"_s, u"Snippet"_s);
    code_->setEmbedded(true);
    code_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    body()->addWidget(code_);

    warning_ = new QWidget;
    auto* warningRow = new QHBoxLayout(warning_);
    warningRow->setContentsMargins(metrics::kSpace16, metrics::kSpace4, metrics::kSpace16, metrics::kSpace8);
    warningRow->setSpacing(metrics::kSpace6);
    warningRow->addWidget(new IconLabel(u"lock"_s, Token::Err, metrics::kIconSmall));
    warningRow->addWidget(new Label(u"Holds the server key: for your backend and your shell, never for a browser"_s,
                                    TextStyle::Small, Token::Err));
    warningRow->addStretch();
    body()->addWidget(warning_);

    news_ = new StateCard;
    news_->setObjectName(u"snippets.news"_s);
    showTraffic_ =
        new Button(u"Show in Live"_s, u"snippets.news.show"_s, nullptr, Button::Kind::Standard, Button::Size::Small);
    showTraffic_->setIconName(u"live"_s);
    news_->actions()->addWidget(showTraffic_);
    news_->setFlush(true);
    body()->addWidget(news_);
    setNews({});

    connect(tabs_, &QTabBar::currentChanged, this, &SnippetsCard::showCurrent);
    connect(showTraffic_, &QPushButton::clicked, this, &SnippetsCard::trafficRequested);
    // The whole key is fetched at the click and copied as a secret; the button itself has nothing to copy.
    connect(copy_, &QPushButton::clicked, this, &SnippetsCard::copyCurrent);
}

void SnippetsCard::setProject(services::ProjectPtr project) {
    if (project == project_)
        return;
    project_ = std::move(project);
    showCurrent();
}

void SnippetsCard::setAddresses(const SnippetAddresses& addresses) {
    if (addresses == addresses_)
        return;
    addresses_ = addresses;
    showCurrent();
}

void SnippetsCard::setNews(const ConnectionNews& news) {
    switch (news.kind) {
        case ConnectionNews::Kind::Waiting:
            news_->setState(Tone::Neutral, u"Waiting for the first connection with this project"_s);
            break;
        case ConnectionNews::Kind::Connected: news_->setState(Tone::Ok, news.text, news.when); break;
        case ConnectionNews::Kind::Refused: news_->setState(Tone::Err, news.text, news.when); break;
    }
    showTraffic_->setVisible(news.kind != ConnectionNews::Kind::Waiting);
}

SnippetFacts SnippetsCard::facts(const QString& serverKey, const QString& clientKey) const {
    return {project_ ? QString::fromStdString(project_->id) : QString(),
            serverKey,
            clientKey,
            addresses_.webSocket,
            addresses_.token,
            addresses_.publish,
            addresses_.origin};
}

void SnippetsCard::showCurrent() {
    if (!project_ || tabs_->currentIndex() < 0)
        return;
    const auto snippet = makeSnippets(facts(shownKey(project_->currentKey(auth::KeyKind::Server)),
                                            shownKey(project_->currentKey(auth::KeyKind::Client))))
                             .at(tabs_->currentIndex());
    // Without the line break at the end, which would be an empty numbered line.
    code_->setCode(snippet.code.trimmed(), snippet.language);
    code_->setFixedHeight(code_->contentHeight() + code_->horizontalScrollBar()->sizeHint().height());
    warning_->setVisible(snippet.holdsServerKey);
}

void SnippetsCard::copyCurrent() {
    if (!project_)
        return;
    const auto tab = tabs_->currentIndex();
    const auto clientKey = shownKey(project_->currentKey(auth::KeyKind::Client));
    if (!makeSnippets({}).at(tab).holdsServerKey) {
        copyToClipboard(makeSnippets(facts({}, clientKey)).at(tab).code);
        copy_->showCopied();
        return;
    }
    service_.revealKey(project_->id, auth::KeyKind::Server)
        .then(this, [this, tab, clientKey, id = project_->id](const Result<auth::Secret>& key) {
            if (!key) {
                Q_EMIT failed(QString::fromStdString(key.error().message));
                return;
            }
            if (!project_ || project_->id != id)
                return;
            copyToClipboard(
                makeSnippets(facts(QString::fromStdString(std::string(key->expose())), clientKey)).at(tab).code, true);
            copy_->showCopied();
        });
}

}  // namespace xshathra::ui
