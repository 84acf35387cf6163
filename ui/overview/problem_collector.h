#pragma once

#include "server/capture/event.h"
#include "server/capture/store.h"
#include "ui/overview/server_status.h"

#include <QHash>
#include <QList>

#include <cstdint>
#include <functional>
#include <vector>

namespace xshathra::ui {

/// Groups refusals and errors out of the captured events by cause. Bounded; costs nothing for other events.
class ProblemCollector {
public:
    /// Most groups kept; the one that was quiet for longest goes first.
    static constexpr qsizetype kMaxGroups = 12;
    /// Most events that one read() looks at, so that a turn of the event loop stays short.
    static constexpr capture::CaptureStore::Position kEventsPerRead = 2048;
    /// A group that was quiet for so long is forgotten.
    static constexpr int kForgetSeconds = 600;

    /// What a code means and what to do, for events without a decision. May be empty.
    using CodeAdvice = std::function<QString(capture::Kind kind, std::uint32_t code)>;
    explicit ProblemCollector(CodeAdvice advice = {}) : advice_(std::move(advice)) {}

    /// Looks at the next events of `store`, kEventsPerRead at most (a cleared or evicted one is gone). True if the list
    /// has changed.
    bool read(const capture::CaptureStore& store);
    /// Whether read() has looked at all that is kept.
    bool hasRead(const capture::CaptureStore& store) const { return next_ >= store.end(); }
    /// Takes a batch. True if the list has changed.
    bool take(const std::vector<capture::Event>& events);
    /// Drops what is too old. True if the list has changed.
    bool forget(const QDateTime& now);
    void clear();

    /// Newest first.
    QList<Problem> problems() const;
    /// Problems ever counted.
    std::uint64_t total() const { return total_; }

private:
    void add(const capture::Event& event);

    CodeAdvice advice_;
    QHash<QString, Problem> groups_;
    capture::CaptureStore::Position next_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace xshathra::ui
