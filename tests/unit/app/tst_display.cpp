#include "app/display.h"

#include <QLocalServer>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cstddef>
#include <string_view>

#ifdef Q_OS_LINUX
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#endif

using namespace Qt::StringLiterals;
using namespace xshathra;

class DisplayTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
#ifdef Q_OS_LINUX
    void saysWhatIsMissing_data() {
        QTest::addColumn<QString>("x");
        QTest::addColumn<QString>("wayland");
        QTest::addColumn<QString>("platform");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing set") << u""_s << u""_s << u""_s << u"DISPLAY and WAYLAND_DISPLAY are empty"_s;
        QTest::newRow("X without a server") << u":59473"_s << u""_s << u""_s << u"at DISPLAY=:59473"_s;
        QTest::newRow("X with a screen") << u":59473.0"_s << u""_s << u""_s << u"at DISPLAY=:59473.0"_s;
        QTest::newRow("X over the network, gone")
            << u"localhost:59529"_s << u""_s << u""_s << u"at DISPLAY=localhost:59529"_s;
        QTest::newRow("not a display") << u"screen"_s << u""_s << u""_s << u"at DISPLAY=screen"_s;
        QTest::newRow("number out of range") << u":70000"_s << u""_s << u""_s << u"at DISPLAY=:70000"_s;
        QTest::newRow("Wayland without a server") << u""_s << u"none-0"_s << u""_s << u"at WAYLAND_DISPLAY=none-0"_s;
        QTest::newRow("both") << u":59473"_s << u"none-0"_s << u""_s << u"DISPLAY=:59473 and WAYLAND_DISPLAY=none-0"_s;
        QTest::newRow("platform that needs one") << u":59473"_s << u""_s << u"xcb"_s << u"at DISPLAY=:59473"_s;
        QTest::newRow("platform of its own") << u""_s << u""_s << u"offscreen"_s << u""_s;
        QTest::newRow("another machine") << u"far.example.test:0"_s << u""_s << u""_s << u""_s;
    }
    void saysWhatIsMissing() {
        QFETCH(QString, x);
        QFETCH(QString, wayland);
        QFETCH(QString, platform);
        QFETCH(QString, says);
        const QTemporaryDir folder;
        QProcessEnvironment environment;
        environment.insert(u"DISPLAY"_s, x);
        environment.insert(u"WAYLAND_DISPLAY"_s, wayland);
        environment.insert(u"QT_QPA_PLATFORM"_s, platform);
        environment.insert(u"XDG_RUNTIME_DIR"_s, folder.path());
        const auto problem = app::whyNoDisplay(environment);
        QCOMPARE(problem.has_value(), !says.isEmpty());
        if (problem)
            QVERIFY2(QString::fromStdString(*problem).contains(says), problem->c_str());
    }

    void takesADisplayThatAnswers() {
        const QTemporaryDir folder;
        QLocalServer wayland;
        QVERIFY(wayland.listen(folder.filePath(u"wayland-7"_s)));
        QProcessEnvironment environment;
        environment.insert(u"WAYLAND_DISPLAY"_s, u"wayland-7"_s);
        environment.insert(u"XDG_RUNTIME_DIR"_s, folder.path());
        QVERIFY(!app::whyNoDisplay(environment));
        environment.insert(u"WAYLAND_DISPLAY"_s, wayland.fullServerName());
        QVERIFY(!app::whyNoDisplay(environment));
        environment.insert(u"DISPLAY"_s, u":59473"_s);
        QVERIFY(!app::whyNoDisplay(environment));

        QTcpServer x;
        QVERIFY(x.listen(QHostAddress::LocalHost));
        QProcessEnvironment forwarded;
        forwarded.insert(u"DISPLAY"_s, u"localhost:%1.0"_s.arg(x.serverPort() - 6000));
        QVERIFY(!app::whyNoDisplay(forwarded));

        // As X servers on Linux do: in the abstract name space.
        constexpr std::string_view kName = "/tmp/.X11-unix/X59474";
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(kName.begin(), kName.end(), address.sun_path + 1);
        const int local = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + kName.size());
        QCOMPARE(::bind(local, reinterpret_cast<const sockaddr*>(&address), size), 0);
        QCOMPARE(::listen(local, 1), 0);
        QProcessEnvironment own;
        own.insert(u"DISPLAY"_s, u":59474"_s);
        const auto problem = app::whyNoDisplay(own);
        ::close(local);
        QVERIFY2(!problem, problem.value_or("").c_str());
    }
#endif
};

QTEST_GUILESS_MAIN(DisplayTest)
#include "tst_display.moc"
