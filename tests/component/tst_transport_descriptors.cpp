#include "tests/component/raw_client.h"
#include "tests/component/server_fixture.h"

#include <QTest>

#include <netinet/in.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <vector>

using namespace xshathra;
using namespace xshathra::test;

namespace {

double cpuSeconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

/// Lowers the descriptor limit of the whole process, hence a program of its own.
class TestTransportDescriptors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void turnsAwayWithoutSpinningAndRecovers() {
#ifdef __SANITIZE_ADDRESS__
        QSKIP(
            "UBSan opens a pipe to check the target of a virtual call, and takes having no descriptor for bad memory.");
#endif
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient old(port);
        QTRY_COMPARE(fixture.server.counters().openSockets, 1U);

        std::vector<int> clients;
        for (int i = 0; i < 5; ++i)
            clients.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
        rlimit low = before;
        low.rlim_cur = 200;
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &low), 0);
        std::vector<int> filling;
        for (int descriptor = ::dup(clients[0]); descriptor >= 0; descriptor = ::dup(clients[0]))
            filling.push_back(descriptor);

        const auto cpu = cpuSeconds();
        sockaddr_in peer{};
        peer.sin_family = AF_INET;
        peer.sin_port = htons(port);
        peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (const int client : clients)
            QCOMPARE(::connect(client, reinterpret_cast<const sockaddr*>(&peer), sizeof peer), 0);
        QTRY_VERIFY(fixture.server.counters().of(transport::Refused::Resources) >= 3);
        const auto used = cpuSeconds() - cpu;
        // Who is connected is still served.
        const auto health = "GET /health HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\n\r\n";
        QVERIFY(old.send(health));
        QCOMPARE(old.readStatus(), 200);

        for (const int descriptor : filling)
            ::close(descriptor);
        for (const int client : clients)
            ::close(client);
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
        RawClient fresh(port);
        QVERIFY(fresh.send(health));
        QCOMPARE(fresh.readStatus(), 200);
        QVERIFY2(used < 0.2, "accepting was tried again and again");
    }
};

QTEST_GUILESS_MAIN(TestTransportDescriptors)
#include "tst_transport_descriptors.moc"
