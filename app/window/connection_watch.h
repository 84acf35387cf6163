#pragma once

#include "server/capture/store.h"
#include "ui/projects/snippets_card.h"

#include <QHash>
#include <QString>

#include <cstdint>
#include <functional>

namespace xshathra::app {

/// What became of the newest connection of each project, read from the capture: for the line under the snippets. The
/// console's own client is not news. GUI thread.
class ConnectionWatch final {
public:
    /// Where a connection comes from, as its browser says ("http://localhost:5173"); empty when that isn't known (any
    /// more).
    using Origin = std::function<QString(const QString& projectId, const QString& user, const QString& client)>;

    /// Most events that one read() looks at, so that a turn of the event loop stays short.
    static constexpr capture::CaptureStore::Position kEventsPerRead = 2048;

    explicit ConnectionWatch(Origin origin) : origin_(std::move(origin)) {}

    /// Looks at the next events that were kept, kEventsPerRead at most.
    void read(const capture::CaptureStore& store);
    /// Whether read() has looked at all that is kept.
    bool hasRead(const capture::CaptureStore& store) const { return next_ >= store.end(); }
    /// The newest of the project, or of those that were refused before their project was known. `now` since 1970.
    ui::ConnectionNews newsOf(const QString& projectId, Nanoseconds now) const;

private:
    struct Seen {
        ui::ConnectionNews::Kind kind = ui::ConnectionNews::Kind::Waiting;
        QString text;
        std::uint64_t seq = 0;
        Nanoseconds wall{};
    };

    Origin origin_;
    capture::CaptureStore::Position next_ = 0;
    QHash<QString, Seen> newest_;
    Seen unplaced_;
};

/// "centrifuge-js 5.8.1" for the name and version of a connect command ("js 5.8.1"): SDKs leave out the part they all
/// share.
[[nodiscard]] QString sdkName(const QString& note);

}  // namespace xshathra::app
