#include "client_test.h"
#include "server/engine/client_session.h"
#include "tests/support/fake_proxy.h"

using namespace xshathra;
using namespace xshathra::test;

namespace {

/// An engine whose project answers RPC through a proxy.
struct Proxied {
    Proxied() {
        engine.registry.setProxy(&proxy);
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.proxies.rpc.proxy.endpoint = "http://127.0.0.1:1/rpc";
            project.proxies.rpc.withoutNamespace.proxyEnabled = true;
        });
    }

    FakeProxy proxy;
    EngineFixture engine;
};

protocol::RpcRequest call(std::string method = "add") {
    protocol::RpcRequest request;
    request.method = std::move(method);
    request.data = SharedBytes::fromStatic("{}");
    return request;
}

engine::RpcProxyResult answerOf(std::string data) {
    engine::RpcProxyResult result;
    result.data = SharedBytes(std::move(data));
    return result;
}

/// Ids of the replies that came, in order.
std::vector<std::uint32_t> ids(EngineFixture::Peer& peer) {
    std::vector<std::uint32_t> found;
    for (const auto& reply : peer.transport.takeReplies()) {
        if (reply.id != 0)
            found.push_back(reply.id);
    }
    return found;
}

const std::string kRpc = "{\"id\":2,\"rpc\":{\"method\":\"add\",\"data\":{}}}";
const std::string kPresence = "{\"id\":3,\"presence_stats\":{\"channel\":\"public:a\"}}";

}  // namespace

class ClientSuspendTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void commandsBehindASuspendedOneWaitInTheirOrder() {
        Proxied p;
        auto peer = p.engine.connect("42");
        peer->send(kRpc + "\n" + kPresence + "\n{\"id\":4,\"unsubscribe\":{\"channel\":\"public:a\"}}");
        peer->send(std::string("{\"id\":5,\"unsubscribe\":{\"channel\":\"public:a\"}}"));
        QVERIFY(ids(*peer).empty());
        p.proxy.answer(answerOf("1"));
        p.engine.turn();
        QCOMPARE(ids(*peer), (std::vector<std::uint32_t>{2, 3, 4, 5}));
    }

    void severalSuspendedCommandsGoOneByOne() {
        Proxied p;
        auto peer = p.engine.connect("42");
        peer->send(command(2, call("a")));
        peer->send(command(3, call("b")));
        peer->send(kPresence);
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        p.proxy.answer(answerOf("1"));
        p.engine.turn();
        QCOMPARE(p.proxy.calls.size(), std::size_t(2));
        QCOMPARE(ids(*peer), (std::vector<std::uint32_t>{2}));
        p.proxy.answer(answerOf("2"));
        p.engine.turn();
        QCOMPARE(ids(*peer), (std::vector<std::uint32_t>{3, 3}));
    }

    void otherConnectionsDoNotWait() {
        Proxied p;
        auto slow = p.engine.connect("1");
        auto other = p.engine.connect("2");
        slow->send(command(2, call()));
        QVERIFY(resultOf<protocol::UnsubscribeResult>(ask(*other, protocol::UnsubscribeRequest{"public:a"})) !=
                nullptr);
    }

    void deliveriesGoOnMeanwhile() {
        Proxied p;
        auto peer = p.engine.connect("42");
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*peer, subscribeTo("public:a"))) != nullptr);
        peer->send(command(9, call()));
        peer->take();
        QVERIFY(p.engine.node().publish("public:a", bytes("{\"n\":1}")).has_value());
        p.engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("{\"n\":1}"));
    }

    void pingsAndPongsGoOnMeanwhile() {
        Proxied p;
        auto peer = p.engine.connect("42");
        peer->send(command(2, call()));
        std::vector<std::string> pings;
        for (int i = 0; i < 25 && pings.empty(); ++i) {
            p.engine.advance(Seconds(1));
            pings = peer->take();
        }
        QCOMPARE(pings, (std::vector<std::string>{"{}"}));
        peer->send(std::string("{}"));
        p.engine.advance(Seconds(9));
        QCOMPARE(peer->closeCode(), 0U);
        // A second pong for the one ping is a breach, also now.
        peer->send(std::string("{}"));
        QCOMPARE(peer->closeCode(), 3501U);
    }

    void aConnectionThatClosesCancelsItsCallAndIgnoresTheAnswer() {
        Proxied p;
        auto peer = p.engine.connect("42");
        peer->send(command(2, call()));
        peer->client.transportClosed("peer closed");
        QCOMPARE(p.proxy.cancelled, (std::vector<std::uint64_t>{1}));
        peer->take();
        p.proxy.answer(answerOf("1"));
        p.engine.turn();
        QVERIFY(peer->take().empty());
    }

    void anAnswerForAConnectionThatIsGoneReachesNobody() {
        Proxied p;
        auto peer = p.engine.connect("42");
        peer->send(command(2, call()));
        peer.reset();
        auto next = p.engine.connect("43");  // takes the slot of the first
        p.proxy.answer(answerOf("1"));
        p.engine.turn();
        QVERIFY(next->take().empty());
    }

    void disconnectByTheServerEndsTheWait() {
        Proxied p;
        auto peer = p.engine.connect("42");
        peer->send(command(2, call()));
        engine::UserTarget target;
        target.user = "42";
        QVERIFY(p.engine.node().disconnect(target).has_value());
        p.engine.turn();
        QCOMPARE(peer->closeCode(), 3503U);
        QCOMPARE(p.proxy.cancelled.size(), std::size_t(1));
    }

    void badFrameBehindASuspendedCommandEndsTheConnectionInItsTurn() {
        Proxied p;
        auto peer = p.engine.connect("42");
        peer->send(kRpc + "\nnonsense");
        QCOMPARE(peer->closeCode(), 0U);
        p.proxy.answer(answerOf("1"));
        p.engine.turn();
        QCOMPARE(ids(*peer), (std::vector<std::uint32_t>{2}));
        QCOMPARE(peer->closeCode(), 3501U);
    }

    void framesThatMayWait_data() {
        QTest::addColumn<int>("frames");
        QTest::addColumn<uint>("close");
        const int most = int(engine::ClientSession::kMaxWaitingFrames);
        QTest::newRow("n-1") << most - 1 << 0U;
        QTest::newRow("n") << most << 0U;
        QTest::newRow("n+1") << most + 1 << 3008U;
    }
    void framesThatMayWait() {
        QFETCH(int, frames);
        QFETCH(uint, close);
        Proxied p;
        auto peer = p.engine.connect("42");
        peer->send(command(2, call()));
        for (int i = 0; i < frames; ++i)
            peer->send(kPresence);
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        if (close != 0)
            return;
        p.proxy.answer(answerOf("1"));
        p.engine.turn();
        QCOMPARE(ids(*peer).size(), std::size_t(frames) + 1);
    }

    void bytesThatMayWait_data() {
        QTest::addColumn<int>("frameLimit");
        QTest::addColumn<int>("extra");
        QTest::addColumn<uint>("close");
        for (const int limit : {65'536, 1'000'000}) {
            QTest::addRow("frames of %d: n-1", limit) << limit << -1 << 0U;
            QTest::addRow("frames of %d: n", limit) << limit << 0 << 0U;
            QTest::addRow("frames of %d: n+1", limit) << limit << 1 << 3008U;
        }
    }
    /// 1 MiB, or four frames of the endpoint's size where that is more.
    void bytesThatMayWait() {
        QFETCH(int, frameLimit);
        QFETCH(int, extra);
        QFETCH(uint, close);
        Proxied p;
        engine::TransportInfo info;
        info.frameLimit = std::size_t(frameLimit);
        auto peer = p.engine.connect("42", {}, info);
        peer->send(kRpc);
        const auto total = std::max(engine::ClientSession::kMaxWaitingBytes,
                                    engine::ClientSession::kMaxWaitingLargeFrames * info.frameLimit) -
                           kRpc.size();
        const std::string head = "{\"id\":3,\"publish\":{\"channel\":\"public:a\",\"data\":\"";
        const std::string tail = "\"}}";
        const auto full = info.frameLimit - 5'536;
        std::size_t sent = 0;
        while (sent + 2 * full < total) {
            peer->send(head + std::string(full - head.size() - tail.size(), 'x') + tail);
            sent += full;
        }
        const auto first = (total - sent) / 2;
        peer->send(head + std::string(first - head.size() - tail.size(), 'x') + tail);
        sent += first;
        const auto last = total - sent + std::size_t(extra);
        peer->send(head + std::string(last - head.size() - tail.size(), 'x') + tail);
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
    }

    void withoutAProxyServiceTheCallFails() {
        Proxied p;
        p.engine.registry.setProxy(nullptr);
        auto peer = p.engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, call())), 100U);
        QVERIFY(resultOf<protocol::UnsubscribeResult>(ask(*peer, protocol::UnsubscribeRequest{"public:a"})) != nullptr);
    }
};

QTEST_APPLESS_MAIN(ClientSuspendTest)
#include "tst_client_suspend.moc"
