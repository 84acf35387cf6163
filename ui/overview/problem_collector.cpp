#include "ui/overview/problem_collector.h"

#include <QDateTime>
#include <QTimeZone>

#include <algorithm>
#include <string_view>

namespace xshathra::ui {

namespace {

using capture::Kind;

constexpr std::uint32_t kFirstTerminalCode = 3500;
constexpr std::uint32_t kFirstReconnectFault = 3005;
constexpr std::uint32_t kFirstHttpError = 400;
constexpr std::uint32_t kLastHttpError = 599;

QString text(const SharedBytes& bytes) {
    const auto view = bytes.view();
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

/// Whether an event is a refusal or a fault that a person should look at. Codes 3000 to 3004 are ordinary ends.
bool isProblem(Kind kind, std::uint32_t code) {
    switch (kind) {
        case Kind::Error: return code != 0;
        case Kind::Disconnect: return code >= kFirstReconnectFault;
        case Kind::Http: return code >= kFirstHttpError;
        // A handshake that was refused has an HTTP status; a refused connect command has an error or a disconnect of
        // its own.
        case Kind::Connect: return code >= kFirstHttpError && code <= kLastHttpError;
        default: return false;
    }
}

QString what(const capture::Event& event) {
    const auto note = text(event.note);
    switch (event.kind) {
        case Kind::Http:
            return note.isEmpty() ? QStringLiteral("HTTP %1").arg(event.code)
                                  : QStringLiteral("HTTP %1 on %2").arg(event.code).arg(note);
        case Kind::Connect: return QStringLiteral("Handshake refused with %1").arg(event.code);
        case Kind::Disconnect:
            return note.isEmpty() ? QStringLiteral("Disconnected with %1").arg(event.code)
                                  : QStringLiteral("Disconnected with %1: %2").arg(event.code).arg(note);
        default:
            return note.isEmpty() ? QStringLiteral("Error %1").arg(event.code)
                                  : QStringLiteral("Error %1: %2").arg(event.code).arg(note);
    }
}

const capture::Check* firstFailure(const capture::Decision& decision) {
    const auto it = std::find_if(decision.checks.cbegin(), decision.checks.cend(),
                                 [](const capture::Check& check) { return check.outcome == capture::Outcome::Fail; });
    return it == decision.checks.cend() ? nullptr : &*it;
}

}  // namespace

bool ProblemCollector::read(const capture::CaptureStore& store) {
    bool changed = false;
    const auto first = std::max(next_, store.begin());
    next_ = store.forEach(
        first, first + kEventsPerRead,
        [&](capture::CaptureStore::Position position, const capture::StoredEvent& event, std::string_view) {
            if (isProblem(event.kind, event.code)) {
                add(store.event(position));
                changed = true;
            }
            return true;
        });
    return changed;
}

bool ProblemCollector::take(const std::vector<capture::Event>& events) {
    bool changed = false;
    for (const auto& event : events) {
        if (!isProblem(event.kind, event.code))
            continue;
        add(event);
        changed = true;
    }
    return changed;
}

void ProblemCollector::add(const capture::Event& event) {
    ++total_;
    const auto title = what(event);
    const auto* failure = event.decision ? firstFailure(*event.decision) : nullptr;
    const auto cause = failure != nullptr ? QStringLiteral("%1: %2").arg(QString::fromStdString(failure->name),
                                                                         QString::fromStdString(failure->found))
                       : event.decision   ? QString::fromStdString(event.decision->summary)
                                          : text(event.channel);
    const auto key =
        QStringLiteral("%1|%2|%3|%4")
            .arg(static_cast<int>(event.kind))
            .arg(event.code)
            .arg(failure != nullptr ? QString::fromStdString(failure->name) : QString(), text(event.project));
    auto& problem = groups_[key];
    problem.times = problem.key.isEmpty() ? 1 : problem.times + 1;
    problem.key = key;
    problem.what = title;
    problem.cause = cause;
    problem.who = event.user.view().empty() ? text(event.client) : text(event.user);
    problem.warning = event.kind == Kind::Disconnect && event.code < kFirstTerminalCode;
    problem.last =
        QDateTime::fromMSecsSinceEpoch(std::chrono::duration_cast<Milliseconds>(event.wall).count(), QTimeZone::utc());
    problem.seq = event.seq;
    problem.decision = event.decision;
    problem.advice = failure != nullptr && !failure->advice.empty() ? QString::fromStdString(failure->advice)
                     : advice_                                      ? advice_(event.kind, event.code)
                                                                    : QString();
    if (groups_.size() > kMaxGroups) {
        const auto oldest = std::min_element(groups_.cbegin(), groups_.cend(),
                                             [](const Problem& a, const Problem& b) { return a.last < b.last; });
        groups_.erase(oldest);
    }
}

bool ProblemCollector::forget(const QDateTime& now) {
    return groups_.removeIf(
               [&](const QHash<QString, Problem>::iterator& it) { return it->last.secsTo(now) > kForgetSeconds; }) > 0;
}

void ProblemCollector::clear() { groups_.clear(); }

QList<Problem> ProblemCollector::problems() const {
    auto list = groups_.values();
    std::sort(list.begin(), list.end(), [](const Problem& a, const Problem& b) { return a.seq > b.seq; });
    return list;
}

}  // namespace xshathra::ui
