#include "ui/projects/namespace_dialog.h"

#include "server/services/namespace_json.h"
#include "server/services/namespace_service.h"
#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/button.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QScreen>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace xshathra::ui {

namespace {

using namespace Qt::StringLiterals;

/// A switch of the form: Centrifugo's name, what it says in the form, and where it is kept.
struct Switch {
    const char* option;
    const char* label;
    bool engine::ChannelOptions::*member;
};

struct Group {
    const char* title;
    std::vector<Switch> switches;
};

const std::vector<Group>& groups() {
    using Options = engine::ChannelOptions;
    static const std::vector<Group> list{
        {"Subscribe",
         {{"allow_subscribe_for_client", "Users may subscribe without a token", &Options::allowSubscribeForClient},
          {"allow_subscribe_for_anonymous", "Anonymous users too", &Options::allowSubscribeForAnonymous},
          {"allow_user_limited_channels", "User-limited channels (name#user1,user2)",
           &Options::allowUserLimitedChannels}}},
        {"Publish from clients",
         {{"allow_publish_for_client", "Every user", &Options::allowPublishForClient},
          {"allow_publish_for_subscriber", "Subscribers of the channel", &Options::allowPublishForSubscriber},
          {"allow_publish_for_anonymous", "Anonymous users too", &Options::allowPublishForAnonymous}}},
        {"Presence",
         {{"presence", "Keep who is here", &Options::presence},
          {"join_leave", "Join and leave messages", &Options::joinLeave},
          {"force_push_join_leave", "Join and leave to all, asked or not", &Options::forcePushJoinLeave},
          {"allow_presence_for_client", "Every user may read it", &Options::allowPresenceForClient},
          {"allow_presence_for_subscriber", "Subscribers may read it", &Options::allowPresenceForSubscriber},
          {"allow_presence_for_anonymous", "Anonymous users may read it too", &Options::allowPresenceForAnonymous}}},
        {"History and recovery",
         {{"allow_history_for_client", "Every user may read it", &Options::allowHistoryForClient},
          {"allow_history_for_subscriber", "Subscribers may read it", &Options::allowHistoryForSubscriber},
          {"allow_history_for_anonymous", "Anonymous users may read it too", &Options::allowHistoryForAnonymous},
          {"force_recovery", "Recovery for everybody", &Options::forceRecovery},
          {"allow_recovery", "Recovery on request", &Options::allowRecovery},
          {"force_positioning", "Gap detection for everybody", &Options::forcePositioning},
          {"allow_positioning", "Gap detection on request", &Options::allowPositioning},
          {"auto_cache_recover", "Newest publication at each subscribe", &Options::autoCacheRecover}}},
    };
    return list;
}

/// A name in a row of the height and with the selection of the other lists.
class NameDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {0, scaledHeight(metrics::kRow)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const auto& theme = Theme::current();
        const bool focused = option.widget != nullptr && option.widget->hasFocus();
        if (option.state.testFlag(QStyle::State_Selected)) {
            constexpr int kBar = 2;
            painter->fillRect(option.rect, theme.c(focused ? Token::Sel : Token::SelOff));
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), kBar, option.rect.height()),
                              theme.c(focused ? Token::Accent : Token::Ctl));
        } else if (option.state.testFlag(QStyle::State_MouseOver)) {
            painter->fillRect(option.rect, theme.c(Token::Hover));
        }
        const auto rect = option.rect.adjusted(metrics::kSpace12, 0, -metrics::kCellPadding, 0);
        painter->setFont(ui::font(TextStyle::Mono));
        painter->setPen(theme.c(Token::Text));
        painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, rect.width()));
    }
};

constexpr int kListWidth = 190;
constexpr int kWidth = 900;
constexpr int kHeight = 770;
constexpr int kScreenSpare = 60;

}  // namespace

NamespaceDialog::NamespaceDialog(services::NamespaceService& service, services::ProjectPtr project, QWidget* parent)
    : QDialog(parent), service_(service), project_(std::move(project)) {
    setObjectName(u"namespaceDialog"_s);
    setWindowTitle(QStringLiteral("Namespaces of %1").arg(QString::fromStdString(project_->name)));
    resize(kWidth, std::min(kHeight, screen()->availableSize().height() - kScreenSpare));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::kPageMargin, metrics::kPageMargin, metrics::kPageMargin, metrics::kPageMargin);
    row->setSpacing(metrics::kSpace16);

    auto* left = new QVBoxLayout;
    left->setSpacing(metrics::kSpace8);
    list_ = named(new QListWidget, u"namespaceDialog.list"_s, u"Namespaces"_s);
    list_->setFixedWidth(kListWidth);
    list_->setItemDelegate(new NameDelegate(list_));
    auto* add = new Button(u"New namespace"_s, u"namespaceDialog.add"_s);
    add->setIconName(u"plus"_s);
    left->addWidget(list_, 1);
    left->addWidget(add);
    row->addLayout(left);

    auto* right = new QVBoxLayout;
    right->setSpacing(metrics::kSpace8);
    auto* scroll = new QScrollArea;
    scroll->setObjectName(u"namespaceDialog.scroll"_s);
    scroll->setAccessibleName(u"Options"_s);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    auto* form = new QWidget;
    auto* column = new QVBoxLayout(form);
    column->setContentsMargins(0, 0, metrics::kSpace12, 0);
    column->setSpacing(metrics::kSpace8);
    buildForm(column);
    scroll->setWidget(form);
    right->addWidget(scroll, 1);
    problem_ = new InlineError(u"namespaceDialog.problem"_s);
    right->addWidget(problem_);

    auto* buttons = new QHBoxLayout;
    remove_ = new Button(u"Remove"_s, u"namespaceDialog.remove"_s, nullptr, Button::Kind::Danger);
    auto* close = new Button(u"Close"_s, u"namespaceDialog.close"_s);
    save_ = new Button(u"Save"_s, u"namespaceDialog.save"_s, nullptr, Button::Kind::Primary);
    save_->setDefault(true);
    buttons->addWidget(remove_);
    buttons->addStretch();
    buttons->addWidget(close);
    buttons->addWidget(save_);
    right->addLayout(buttons);
    row->addLayout(right, 1);

    connect(add, &QPushButton::clicked, this, [this] { leave([this] { beginNew(); }); });
    connect(close, &QPushButton::clicked, this, &NamespaceDialog::reject);
    connect(problem_, &InlineError::remedyRequested, this, [this] {
        loaded_ = read();
        if (const auto next = std::exchange(next_, {}))
            next();
    });
    connect(save_, &QPushButton::clicked, this, &NamespaceDialog::save);
    connect(remove_, &QPushButton::clicked, this, &NamespaceDialog::removeCurrent);
    connect(list_, &QListWidget::currentRowChanged, this, &NamespaceDialog::chooseRow);
    loaded_ = read();
    setProject(project_);
}

void NamespaceDialog::buildForm(QVBoxLayout* column) {
    name_ = new FormField(u"Name: the part of a channel before the first colon"_s, u"namespaceDialog.name"_s);
    column->addWidget(name_);
    connect(name_->edit(), &QLineEdit::textEdited, this, &NamespaceDialog::validate);
    for (const auto& group : groups()) {
        column->addSpacing(metrics::kSpace4);
        column->addWidget(new Label(QString::fromLatin1(group.title), TextStyle::BodyStrong));
        auto* grid = new QGridLayout;
        grid->setHorizontalSpacing(metrics::kSpace16);
        grid->setVerticalSpacing(metrics::kSpace6);
        int at = 0;
        for (const auto& item : group.switches) {
            addCheck(grid, at / 2, at % 2, QString::fromLatin1(item.option), QString::fromLatin1(item.label));
            ++at;
        }
        column->addLayout(grid);
    }

    auto* fields = new QGridLayout;
    fields->setHorizontalSpacing(metrics::kSpace16);
    fields->setVerticalSpacing(metrics::kSpace4);
    const auto addField = [fields](int at, const QString& label, QWidget* field) {
        auto* cell = new QVBoxLayout;
        cell->setSpacing(metrics::kSpace4);
        cell->addWidget(new Label(label, TextStyle::Small, Token::Text2));
        cell->addWidget(field);
        cell->addStretch();
        fields->addLayout(cell, at / 2, at % 2);
    };
    historySize_ = named(new QSpinBox, u"namespaceDialog.history_size"_s, u"Publications kept"_s);
    historySize_->setMinimumHeight(scaledHeight(metrics::kControl));
    historySize_->setButtonSymbols(QAbstractSpinBox::NoButtons);
    historySize_->setRange(0, static_cast<int>(engine::ChannelOptions::kMaxHistorySize));
    addField(0, u"Publications kept (history_size)"_s, historySize_);
    historyTtl_ = new FormField(u"Kept for (history_ttl), as in 10m or 1h30m"_s, u"namespaceDialog.history_ttl"_s);
    fields->addWidget(historyTtl_, 0, 1);
    recoveryMode_ = named(new QComboBox, u"namespaceDialog.force_recovery_mode"_s, u"Recovery mode"_s);
    recoveryMode_->addItems({u"stream"_s, u"cache"_s});
    addField(2, u"Recovery mode (force_recovery_mode)"_s, recoveryMode_);
    dataFormat_ = named(new QComboBox, u"namespaceDialog.publication_data_format"_s, u"Format of data"_s);
    dataFormat_->addItem(u"any, not empty"_s, QString());
    for (const auto& word : {u"json"_s, u"json_object"_s, u"binary"_s})
        dataFormat_->addItem(word, word);
    addField(3, u"Format of data (publication_data_format)"_s, dataFormat_);
    fields->setColumnStretch(0, 1);
    fields->setColumnStretch(1, 1);
    column->addSpacing(metrics::kSpace4);
    column->addLayout(fields);

    regex_ = new FormField(u"Names after the colon match (channel_regex); empty: any ASCII"_s,
                           u"namespaceDialog.channel_regex"_s);
    column->addWidget(regex_);
    for (auto* field : {historyTtl_, regex_})
        connect(field->edit(), &QLineEdit::textEdited, this, &NamespaceDialog::validate);
    column->addStretch();
    connect(historySize_, &QSpinBox::valueChanged, this, &NamespaceDialog::validate);
    connect(recoveryMode_, &QComboBox::activated, this, &NamespaceDialog::validate);
    connect(dataFormat_, &QComboBox::activated, this, &NamespaceDialog::validate);
}

QCheckBox* NamespaceDialog::addCheck(QGridLayout* grid, int row, int column, const QString& option,
                                     const QString& label) {
    auto* check = named(new QCheckBox(label), QStringLiteral("namespaceDialog.%1").arg(option), label);
    check->setToolTip(option);
    grid->addWidget(check, row, column);
    checks_.insert(option, check);
    connect(check, &QCheckBox::clicked, this, &NamespaceDialog::validate);
    return check;
}

void NamespaceDialog::chooseRow(int row) {
    const auto all = service_.list(project_->id);
    if (row < 0 || row >= static_cast<int>(all.size()))
        return;
    const auto& chosen = all[static_cast<std::size_t>(row)];
    if (changed() && QString::fromStdString(chosen.name) != editing_) {
        // After the click that is going on, which would choose the row again.
        QMetaObject::invokeMethod(this, &NamespaceDialog::selectEdited, Qt::QueuedConnection);
        leave([this, name = QString::fromStdString(chosen.name)] { showNamespace(name); });
        return;
    }
    editing_ = QString::fromStdString(chosen.name);
    load(chosen);
}

/// The row of the namespace that the form shows; none for a new one.
void NamespaceDialog::selectEdited() {
    const QSignalBlocker blocker(list_);
    const auto found = list_->findItems(editing_, Qt::MatchExactly);
    list_->setCurrentRow(editing_.isEmpty() || found.isEmpty() ? -1 : list_->row(found.first()));
}

void NamespaceDialog::leave(std::function<void()> next) {
    if (!changed()) {
        next();
        return;
    }
    next_ = std::move(next);
    const auto name = name_->edit()->text().trimmed();
    problem_->setError(name.isEmpty() ? u"The new namespace is not saved."_s
                                      : QStringLiteral("The changes of \"%1\" are not saved.").arg(name),
                       u"Discard them"_s);
}

void NamespaceDialog::reject() {
    leave([this] { QDialog::reject(); });
}

QString NamespaceDialog::currentName() const {
    return list_->currentItem() != nullptr ? list_->currentItem()->text() : QString();
}

void NamespaceDialog::showNamespace(const QString& name) {
    const auto found = list_->findItems(name, Qt::MatchExactly);
    list_->setCurrentRow(found.isEmpty() ? 0 : list_->row(found.first()));
}

void NamespaceDialog::setProject(services::ProjectPtr project) {
    if (!project)
        return;
    project_ = std::move(project);
    const auto keep = editing_.isEmpty() ? currentName() : editing_;
    {
        const QSignalBlocker blocker(list_);
        list_->clear();
        for (const auto& ns : project_->namespaces)
            list_->addItem(QString::fromStdString(ns.name));
        list_->setCurrentRow(-1);
    }
    if (changed())
        selectEdited();
    else if (list_->count() == 0)
        beginNew();
    else
        showNamespace(keep);
}

void NamespaceDialog::load(const engine::NamespaceOptions& options) {
    shown_ = options;
    name_->edit()->setText(QString::fromStdString(options.name));
    for (const auto& group : groups()) {
        for (const auto& item : group.switches)
            checks_.value(QString::fromLatin1(item.option))->setChecked(options.options.*item.member);
    }
    historySize_->setValue(static_cast<int>(options.options.historySize));
    historyTtl_->edit()->setText(options.options.historyTtl.count() == 0
                                     ? QString()
                                     : QString::fromStdString(services::formatDuration(options.options.historyTtl)));
    regex_->edit()->setText(QString::fromStdString(options.options.channelRegex));
    recoveryMode_->setCurrentIndex(options.options.forceRecoveryMode == engine::RecoveryMode::Cache ? 1 : 0);
    const auto format = engine::toString(options.options.publicationDataFormat);
    dataFormat_->setCurrentIndex(
        dataFormat_->findData(QString::fromUtf8(format.data(), static_cast<qsizetype>(format.size()))));
    loaded_ = read();
    next_ = {};
    remove_->setEnabled(!editing_.isEmpty());
    save_->setText(editing_.isEmpty() ? u"Create"_s : u"Save"_s);
    validate();
}

engine::NamespaceOptions NamespaceDialog::read() const {
    auto result = shown_;
    result.name = name_->edit()->text().trimmed().toStdString();
    for (const auto& group : groups()) {
        for (const auto& item : group.switches)
            result.options.*item.member = checks_.value(QString::fromLatin1(item.option))->isChecked();
    }
    result.options.historySize = historySize_->value();
    result.options.historyTtl = Milliseconds(0);
    services::parseDuration(historyTtl_->edit()->text().trimmed().toStdString(), result.options.historyTtl);
    result.options.channelRegex = regex_->edit()->text().toStdString();
    result.options.forceRecoveryMode =
        recoveryMode_->currentIndex() == 1 ? engine::RecoveryMode::Cache : engine::RecoveryMode::Stream;
    engine::fromString(dataFormat_->currentData().toString().toStdString(), result.options.publicationDataFormat);
    return result;
}

void NamespaceDialog::validate() {
    name_->setError({});
    historyTtl_->setError({});
    regex_->setError({});
    problem_->setError({});
    const auto ttl = historyTtl_->edit()->text().trimmed();
    Milliseconds parsed{0};
    bool sound = true;
    if (!ttl.isEmpty() && !services::parseDuration(ttl.toStdString(), parsed)) {
        historyTtl_->setError(QStringLiteral("\"%1\" is not a duration; write one as 300s, 10m or 1h30m").arg(ttl));
        sound = false;
    }
    for (const auto& error : service_.validate(project_->id, read(), editing_.toStdString())) {
        showError(error);
        sound = false;
    }
    save_->setEnabled(sound);
}

void NamespaceDialog::showError(const Error& error) {
    const auto message = QString::fromStdString(error.message);
    if (error.field == "name")
        name_->setError(message);
    else if (error.field == "history_ttl" && historyTtl_->errorLine()->error().isEmpty())
        historyTtl_->setError(message);
    else if (error.field == "channel_regex")
        regex_->setError(message);
    else
        problem_->setError(message);
}

void NamespaceDialog::beginNew() {
    editing_.clear();
    list_->setCurrentRow(-1);
    engine::NamespaceOptions fresh;
    fresh.options.allowSubscribeForClient = true;
    load(fresh);
    name_->setError({});
    name_->edit()->setFocus(Qt::OtherFocusReason);
}

void NamespaceDialog::save() {
    const auto options = read();
    const auto name = QString::fromStdString(options.name);
    save_->setEnabled(false);
    auto future = editing_.isEmpty() ? service_.add(project_->id, options)
                                     : service_.update(project_->id, editing_.toStdString(), options);
    future.then(this, [this, name, options](const Result<services::ProjectPtr>& result) {
        save_->setEnabled(true);
        if (!result) {
            showError(result.error());
            return;
        }
        loaded_ = options;
        editing_ = name;
        setProject(*result);
    });
}

void NamespaceDialog::removeCurrent() {
    if (editing_.isEmpty())
        return;
    service_.remove(project_->id, editing_.toStdString())
        .then(this, [this](const Result<services::ProjectPtr>& result) {
            if (!result) {
                showError(result.error());
                return;
            }
            editing_.clear();
            loaded_ = read();
            setProject(*result);
        });
}

}  // namespace xshathra::ui
