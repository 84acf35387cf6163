#include "ui/shell/project_switcher.h"

#include "ui/overview/server_status.h"
#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/badge.h"

#include <QActionGroup>
#include <QFontMetrics>
#include <QMenu>
#include <QPainter>

namespace xshathra::ui {

namespace {

constexpr int kWidth = 212;
constexpr int kIconLeft = 10;
constexpr int kTextLeft = 32;
constexpr int kChevron = 30;

}  // namespace

ProjectSwitcher::ProjectSwitcher(ServerStatus& status, QWidget* parent)
    : MenuButton(QStringLiteral("toolbar.project"), kWidth, parent), status_(status), menu_(std::make_unique<QMenu>()) {
    menu_->setObjectName(QStringLiteral("toolbar.project.menu"));
    setMenu(menu_.get());
    connect(&status_, &ServerStatus::projectsChanged, this, &ProjectSwitcher::refresh);
    connect(&status_, &ServerStatus::currentProjectChanged, this, &ProjectSwitcher::refresh);
    auto* choices = new QActionGroup(menu_.get());
    connect(menu_.get(), &QMenu::aboutToShow, this, [this, choices] {
        menu_->clear();
        const auto add = [this, choices](const QString& text, const QString& id) {
            auto* action = menu_->addAction(text, this, [this, id] { status_.setCurrentProject(id); });
            action->setCheckable(true);
            action->setActionGroup(choices);
            action->setChecked(status_.currentProject() == id);
        };
        for (const auto& project : status_.projects()) {
            // An ampersand in a name is not an accelerator.
            auto name = project.name;
            name.replace(QLatin1Char('&'), QStringLiteral("&&"));
            add(QStringLiteral("%1   %2").arg(name, environmentShort(project.environment)), project.id);
        }
        if (!status_.projects().isEmpty())
            menu_->addSeparator();
        add(QStringLiteral("All projects"), {});
        menu_->addSeparator();
        menu_->addAction(menuIcon(QStringLiteral("plus")), QStringLiteral("New project..."), this,
                         &ProjectSwitcher::newProjectRequested);
    });
    refresh();
}

ProjectSwitcher::~ProjectSwitcher() = default;

void ProjectSwitcher::refresh() {
    const auto entry = status_.currentEntry();
    const auto name = entry                          ? entry->name
                      : status_.projects().isEmpty() ? QStringLiteral("No project")
                                                     : QStringLiteral("All projects");
    setText(name);
    setAccessibleName(entry ? QStringLiteral("Project: %1, %2").arg(name, entry->environment)
                            : QStringLiteral("Project: %1").arg(name));
    setToolTip(QStringLiteral("Which project the views are about"));
    update();
}

void ProjectSwitcher::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintFrame(painter, metrics::kRadiusControl);
    paintIcon(painter, QRect(kIconLeft, 0, metrics::kIcon, height()), QStringLiteral("projects"), Token::Text2);
    const auto entry = status_.currentEntry();
    const auto badge = entry ? environmentShort(entry->environment) : QString();
    const auto badgeWidth = badge.isEmpty() ? 0 : badgeSize(badge).width() + metrics::kSpace8;
    const auto f = ui::font(TextStyle::BodyStrong);
    const QFontMetrics fonts(f);
    const auto room = width() - kTextLeft - kChevron - badgeWidth;
    const auto name = fonts.elidedText(text(), Qt::ElideMiddle, room);
    painter.setFont(f);
    painter.setPen(Theme::current().c(Token::Text));
    painter.drawText(QRect(kTextLeft, 0, room, height()), Qt::AlignVCenter | Qt::TextSingleLine, name);
    if (!badge.isEmpty()) {
        const auto x = kTextLeft + fonts.horizontalAdvance(name) + metrics::kSpace8;
        paintBadge(painter, QRect(x, 0, badgeWidth, height()), badge, environmentTone(entry->environment));
    }
    paintChevron(painter);
}

}  // namespace xshathra::ui
