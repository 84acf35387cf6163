#pragma once

#include "tests/support/manual_clock.h"
#include "tests/ui/live_sample.h"
#include "ui/live/live_list.h"
#include "ui/live/live_view.h"

#include <QScrollBar>
#include <QtTest>

namespace xshathra::test {

/// The view on a recorder, shown in the size of the design's pictures without the frame around it.
struct LiveFixture {
    LiveFixture() : model(recorder), view(model) {
        view.setListening(QStringLiteral("127.0.0.1:3001"));
        view.resize(1170, 751);
        view.show();
        (void)QTest::qWaitForWindowExposed(&view);
        view.activateWindow();
    }
    void add(int count, std::string_view channel = "chat:lobby", std::string_view project = {}) {
        for (int i = 0; i < count; ++i) {
            capture::Event event;
            event.project = SharedBytes::copyOf(project);
            event.kind = capture::Kind::Push;
            event.dir = capture::Direction::Out;
            event.channel = SharedBytes::copyOf(channel);
            event.payload = SharedBytes("{\"n\":" + std::to_string(i) + "}");
            recorder.record(std::move(event));
        }
        model.takeArrived();
    }
    void sample() {
        model.setProjectNames({{QStringLiteral("proj_01J9Z3T8QH"), QStringLiteral("Arena-dev")}});
        recordSampleTraffic(recorder);
        model.takeArrived();
        model.setProjectScope(QStringLiteral("proj_01J9Z3T8QH"));
    }
    template <typename T>
    T* child(const QString& name) {
        T* found = view.findChild<T*>(name);
        Q_ASSERT(found != nullptr);
        return found;
    }
    bool atEnd() const { return bar()->value() == bar()->maximum(); }
    QScrollBar* bar() const { return const_cast<ui::LiveView&>(view).list()->verticalScrollBar(); }
    int seqAtTop() { return static_cast<int>(model.eventAt(view.list()->visibleRows().first)->seq); }

    ManualClock clock;
    capture::Recorder recorder{clock};
    models::LiveModel model;
    ui::LiveView view;
};

}  // namespace xshathra::test
