#include "ui/models/display_text.h"
#include "ui/models/live_model.h"

// How an event reads: the texts of LiveModel's cells.

namespace xshathra::models {

namespace {

using capture::Direction;
using capture::Kind;
using capture::StoredEvent;

/// The `data` of a publication or publish command, which is what people look for, without the envelope that says again
/// what the other columns say. Everything, if there is no `data` near the start.
std::string_view dataOf(std::string_view payload) {
    constexpr std::string_view kKey = "\"data\":";
    constexpr std::size_t kNear = 1024;
    const std::size_t key = payload.substr(0, kNear).find(kKey);
    if (key == std::string_view::npos) {
        return payload;
    }
    const std::string_view rest = payload.substr(key + kKey.size());
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < rest.size() && i < kNear; ++i) {
        const char c = rest[i];
        if (inString) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                inString = false;
            }
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']' || c == ',') {
            if (depth == 0) {
                return rest.substr(0, i);
            }
            depth -= c == ',' ? 0 : 1;
            if (depth == 0 && c != ',') {
                return rest.substr(0, i + 1);
            }
        }
    }
    return rest;
}

}  // namespace

QString LiveModel::channelText(const StoredEvent& event) const {
    QString text = displayText(store_.text(event.channel), kPreviewChars);
    if (text.isEmpty()) {
        return noValue();
    }
    if (!scope_.empty()) {
        // The colons around the id stay, so that the name keeps its parts.
        const QString id = QString::fromStdString(scope_);
        const qsizetype at = text.indexOf(id);
        if (at >= 0) {
            text.replace(at, id.size(), QChar(0x2026));
        }
    }
    return text;
}

QString LiveModel::projectName(std::string_view id) const {
    const auto named = projectNames_.find(id);
    return named != projectNames_.end() ? named->second : displayText(id, kPreviewChars);
}

QString LiveModel::fromTo(const StoredEvent& event) const {
    const QString arrow = QStringLiteral(" %1 ").arg(QChar(0x2192));
    QString peer = displayText(store_.text(event.user), 64);
    if (peer.isEmpty()) {
        peer = shortId(store_.text(event.client));
    }
    if (peer.isEmpty()) {
        peer = event.kind == Kind::Http ? QStringLiteral("api") : noValue();
    }
    if (event.dir == Direction::In) {
        return peer + arrow + QLatin1StringView("srv");
    }
    const bool fanOut = event.recipients > 0 && event.client == capture::StringTable::kEmpty;
    return QLatin1StringView("srv") + arrow + (fanOut ? grouped(event.recipients) : peer);
}

QString LiveModel::previewText(const StoredEvent& event, std::string_view payload) const {
    const QString note = displayText(store_.text(event.note), kPreviewChars);
    if (payload.empty()) {
        if (!note.isEmpty()) {
            return event.code != 0 ? QStringLiteral("%1 %2").arg(event.code).arg(note) : note;
        }
        return event.code != 0 ? QString::number(event.code) : noValue();
    }
    if (event.kind == Kind::Http && !note.isEmpty()) {
        const QString start = event.code != 0 ? QStringLiteral("%1 %2").arg(event.code).arg(note) : note;
        return start + QStringLiteral("  ") + displayText(payload, kPreviewChars - start.size());
    }
    const bool publication = event.kind == Kind::Push || event.kind == Kind::Publish;
    return displayText(publication && !event.binary ? dataOf(payload) : payload, kPreviewChars);
}

QString LiveModel::sentence(int row) const {
    const StoredEvent* event = eventAt(row);
    if (event == nullptr) {
        return {};
    }
    QString text = QStringLiteral("%1, %2 %3")
                       .arg(QString::number(event->seq), QString::fromLatin1(capture::name(event->kind)),
                            event->dir == Direction::In ? tr("in") : tr("out"));
    if (scope_.empty() && event->project != capture::StringTable::kEmpty) {
        text += tr(", project %1").arg(projectName(store_.text(event->project)));
    }
    if (event->channel != capture::StringTable::kEmpty) {
        text += tr(", channel %1").arg(displayText(store_.text(event->channel), kPreviewChars));
    }
    if (event->user != capture::StringTable::kEmpty) {
        text += (event->dir == Direction::In ? tr(", from %1") : tr(", to %1"))
                    .arg(displayText(store_.text(event->user), 64));
    } else if (event->recipients > 0) {
        text += tr(", to %n client(s)", nullptr, static_cast<int>(event->recipients));
    }
    if (event->code != 0) {
        text += QStringLiteral(", %1 %2").arg(event->code).arg(displayText(store_.text(event->note), kPreviewChars));
    }
    return text.trimmed();
}

}  // namespace xshathra::models
