#pragma once

#include <QObject>

#include <memory>

class QSocketNotifier;

namespace xshathra::app {

/// Turns the system's requests to end (SIGINT, SIGTERM, SIGHUP) into a Qt signal on the thread that made the object.
/// One at a time in a process; the former handlers come back with its destruction.
class StopSignals final : public QObject {
    Q_OBJECT

public:
    explicit StopSignals(QObject* parent = nullptr);
    ~StopSignals() override;

Q_SIGNALS:
    /// `times` counts the requests: a person who asks twice wants it now.
    void requested(int times);

private:
    void received();

    std::unique_ptr<QSocketNotifier> notifier_;
    int times_ = 0;
};

}  // namespace xshathra::app
