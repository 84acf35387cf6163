#pragma once

#include "app/window/console.h"
#include "server/runtime/server_runtime.h"
#include "server/services/project_service.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDir>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace xshathra::test {

inline void press(QWidget* widget) { QTest::mouseClick(widget, Qt::LeftButton); }

/// The real window over the real server, on a free port and a data folder of its own.
class ConsoleFixture {
public:
    /// `port` 0 takes a free one.
    explicit ConsoleFixture(std::uint16_t port = 0)
        : settings_(folder_.filePath(QStringLiteral("window.ini")), QSettings::IniFormat), server_(optionsFor(port)) {
        server_.claimCapture();
        open();
    }

    /// Closes the window and makes it anew over the same server, with the same settings.
    void reopen() {
        console_.reset();
        open();
    }

    /// Starts the server and waits until it listens.
    bool start() {
        server_.start();
        return QTest::qWaitFor([this] { return server_.state() == runtime::State::Running; }) &&
               QTest::qWaitForWindowActive(&window());
    }

    app::Console& console() { return *console_; }
    ui::MainWindow& window() { return console_->window(); }
    runtime::ServerRuntime& server() { return server_; }
    QSettings& settings() { return settings_; }
    QString firstProject() { return QString::fromStdString(server_.projects().list().front()->id); }

    /// The widget of this name; the test ends where there is none.
    template <class W = QWidget>
    W* find(const QString& name) {
        auto* widget = window().template findChild<W*>(name);
        if (widget == nullptr)
            qFatal("no widget %s", qPrintable(name));
        return widget;
    }

    /// Lets layouts and posted events settle.
    static void settle() {
        for (int i = 0; i < 3; ++i)
            QCoreApplication::processEvents();
    }

    /// Pictures of the window, or of a dialog over it, light and dark, into the folder that XSHATHRA_SCREENSHOTS names.
    void screenshots(const QString& name, QWidget* of = nullptr) {
        const auto folder = qEnvironmentVariable("XSHATHRA_SCREENSHOTS");
        if (folder.isEmpty() || !QDir().mkpath(folder))
            return;
        for (const bool dark : {true, false}) {
            window().setTheme(dark ? ui::ThemeChoice::Dark : ui::ThemeChoice::Light);
            settle();
            auto* shown = of == nullptr ? &window() : of;
            shown->grab().save(QStringLiteral("%1/console-%2-%3.png")
                                   .arg(folder, name, dark ? QStringLiteral("dark") : QStringLiteral("light")));
        }
    }

private:
    void open() {
        console_ = std::make_unique<app::Console>(server_, settings_);
        window().resize(1360, 850);
        console_->show();
    }

    runtime::RuntimeOptions optionsFor(std::uint16_t port) const {
        runtime::RuntimeOptions options;
        options.dataFolder = folder_.filePath(QStringLiteral("data"));
        options.flags.insert(QStringLiteral("server.port"), QString::number(port));
        options.flags.insert(QStringLiteral("server.ioThreads"), QStringLiteral("1"));
        options.capture = true;
        return options;
    }

    QTemporaryDir folder_;
    QSettings settings_;
    runtime::ServerRuntime server_;
    std::unique_ptr<app::Console> console_;
};

}  // namespace xshathra::test
