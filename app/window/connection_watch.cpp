#include "app/window/connection_watch.h"

#include "ui/models/display_text.h"
#include "ui/widgets/figures.h"

#include <algorithm>
#include <string_view>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

using capture::CaptureStore;
using capture::StoredEvent;

constexpr auto kOwnClient = "xshathra-console"_L1;
constexpr qsizetype kMaxChars = 160;

QString textOf(const CaptureStore& store, capture::StringTable::Id id) {
    return models::displayText(store.text(id), kMaxChars);
}

const capture::Check* firstFailure(const capture::Decision& decision) {
    const auto found = std::find_if(decision.checks.begin(), decision.checks.end(), [](const capture::Check& check) {
        return check.outcome == capture::Outcome::Fail;
    });
    return found == decision.checks.end() ? nullptr : &*found;
}

/// "Refused: Token expiry: 41 s ago".
QString reasonOf(const capture::Decision& decision) {
    const auto* failure = firstFailure(decision);
    const auto reason = failure == nullptr ? decision.summary : failure->name + ": " + failure->found;
    const auto words = models::displayText(reason, kMaxChars);
    return decision.verdict == capture::Verdict::Refused ? u"Refused: "_s + words : words;
}

}  // namespace

QString sdkName(const QString& note) {
    const auto name = note.section(u' ', 0, 0);
    for (const auto sdk : {"js"_L1, "dart"_L1, "go"_L1, "java"_L1, "python"_L1, "swift"_L1, "csharp"_L1}) {
        if (name == sdk)
            return u"centrifuge-"_s + note.trimmed();
    }
    return note.trimmed();
}

void ConnectionWatch::read(const CaptureStore& store) {
    using News = ui::ConnectionNews;
    const auto first = std::max(next_, store.begin());
    next_ = store.forEach(
        first, first + kEventsPerRead,
        [&](CaptureStore::Position position, const StoredEvent& event, std::string_view) {
            const bool connect = event.kind == capture::Kind::Connect;
            if (!event.hasDecision || (!connect && event.kind != capture::Kind::Disconnect))
                return true;
            const auto decision = store.decision(position);
            const auto note = textOf(store, event.note);
            const auto project = QString::fromUtf8(store.text(event.project).data(),
                                                   static_cast<qsizetype>(store.text(event.project).size()));
            Seen seen;
            seen.seq = event.seq;
            seen.wall = Nanoseconds(event.wallNs);
            if (decision->verdict == capture::Verdict::Refused || firstFailure(*decision) != nullptr) {
                // The disconnect that follows a refused command says the same again.
                if (!connect && event.project != capture::StringTable::kEmpty)
                    return true;
                seen.kind = News::Kind::Refused;
                seen.text = reasonOf(*decision);
            } else if (connect && event.commandId != 0 && !note.startsWith(kOwnClient)) {
                const auto user = textOf(store, event.user);
                const auto from = origin_ ? origin_(project, user, textOf(store, event.client)) : QString();
                seen.kind = News::Kind::Connected;
                seen.text = u"%1 connected%2%3"_s.arg(note.trimmed().isEmpty() ? u"A client"_s : sdkName(note),
                                                      user.isEmpty() ? u" without a user"_s : u" as "_s + user,
                                                      from.isEmpty() ? QString() : u" from "_s + from);
            } else {
                return true;
            }
            (project.isEmpty() ? unplaced_ : newest_[project]) = seen;
            return true;
        });
}

ui::ConnectionNews ConnectionWatch::newsOf(const QString& projectId, Nanoseconds now) const {
    auto seen = newest_.value(projectId);
    if (unplaced_.seq > seen.seq)
        seen = unplaced_;
    if (seen.kind == ui::ConnectionNews::Kind::Waiting)
        return {};
    const auto age = std::max<std::int64_t>(0, std::chrono::duration_cast<Seconds>(now - seen.wall).count());
    return {seen.kind, seen.text, age == 0 ? u"just now"_s : ui::formatAge(age) + u" ago"_s};
}

}  // namespace xshathra::app
