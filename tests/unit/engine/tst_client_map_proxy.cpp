#include "map_test.h"
#include "proxy_test.h"

using namespace xshathra;
using namespace xshathra::test;

namespace {

/// Proxied namespaces "asked" (persistent) and "brief" (ephemeral), in which clients may do nothing by themselves.
struct MapProxied : Proxied {
    explicit MapProxied(const Change& change = {})
        : Proxied([change](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
              for (auto* one : {&project.proxies.channel.mapPublish, &project.proxies.channel.mapRemove})
                  one->endpoint = "http://127.0.0.1:1/map";
              for (const auto& [name, mode] :
                   {std::pair{"asked", engine::MapMode::Persistent}, std::pair{"brief", engine::MapMode::Ephemeral}}) {
                  layout.namespaces.push_back(mapNamespace(name, mode));
                  auto& map = layout.namespaces.back().options.map;
                  map.publishProxyEnabled = map.removeProxyEnabled = true;
                  map.allowPublishForClient = map.allowRemoveForClient = false;
              }
              if (change)
                  change(project, layout);
          }) {}

    engine::MapStatePage state(const std::string& channel = "asked:a") {
        return *engine.node().mapReadState(channel, {{}, -1, {}, {}});
    }
    std::string keys(const std::string& channel = "asked:a") {
        std::vector<protocol::Publication> publications;
        const auto page = state(channel);
        for (const auto& entry : page.entries)
            publications.push_back(entry.publication);
        return keysOf(publications);
    }
    void put(const std::string& key, const std::string& data, const engine::MapPublishOptions& options = {}) {
        QVERIFY(engine.node().mapPublish("asked:a", key, SharedBytes(data), options).has_value());
    }
};

engine::MapPublishProxyResult data(std::string_view text) {
    engine::MapPublishProxyResult result;
    result.data = bytes(text);
    return result;
}

bool succeeded(const std::vector<protocol::Reply>& replies) {
    return resultOf<protocol::PublishResult>(replies) != nullptr;
}

}  // namespace

/// Changes of maps that a backend decides.
class ClientMapProxyTest : public QObject {
    Q_OBJECT

    static void bothKinds() {
        QTest::addColumn<bool>("remove");
        QTest::newRow("publish") << false;
        QTest::newRow("remove") << true;
    }
    static protocol::PublishRequest change(bool remove, const std::string& key = "x") {
        return remove ? removeKey("asked:a", key) : setKey("asked:a", key, "1");
    }

private Q_SLOTS:
    void publishAsksTheBackend_data() { bothEncodings(); }
    void publishAsksTheBackend() {
        QFETCH(bool, binary);
        MapProxied p;
        auto peer = connectAs(p.engine, "42", binary);
        QVERIFY(ask(*peer, setKey("asked:a", "x", "{\"n\": 1.0}")).empty());
        const auto& asked = p.proxy.request<engine::MapPublishProxyRequest>();
        QCOMPARE(asked.channel, std::string("asked:a"));
        QCOMPARE(asked.key, std::string("x"));
        QCOMPARE(asked.data.view(), std::string_view("{\"n\": 1.0}"));
        const auto& call = p.proxy.last();
        QVERIFY(engine::kindOf(call.request) == ProxyKind::MapPublish);
        QCOMPARE(call.name, std::string("default"));
        QCOMPARE(call.options->endpoint, std::string("http://127.0.0.1:1/map"));
        QCOMPARE(call.caller.user, std::string("42"));
        QCOMPARE(call.caller.client, peer->client.id());
        QCOMPARE(call.caller.encoding == protocol::Encoding::Protobuf, binary);
        QCOMPARE(p.keys(), std::string());
        QVERIFY(succeeded(p.answer(*peer, ProxyNoResult{})));
        QCOMPARE(p.keys(), std::string("x={\"n\": 1.0}"));
        QCOMPARE(p.state().entries[0].publication.info->user, std::string("42"));
        QCOMPARE(p.state().entries[0].publication.info->client, peer->client.id());
    }

    void removeAsksTheBackend_data() { bothEncodings(); }
    void removeAsksTheBackend() {
        QFETCH(bool, binary);
        MapProxied p;
        p.put("x", "1");
        p.put("y", "2");
        auto peer = connectAs(p.engine, "42", binary);
        QVERIFY(ask(*peer, removeKey("asked:a", "x")).empty());
        const auto& asked = p.proxy.request<engine::MapRemoveProxyRequest>();
        QCOMPARE(asked.channel, std::string("asked:a"));
        QCOMPARE(asked.key, std::string("x"));
        QVERIFY(engine::kindOf(p.proxy.last().request) == ProxyKind::MapRemove);
        QCOMPARE(p.keys(), std::string("x=1 y=2"));
        QVERIFY(succeeded(p.answer(*peer, ProxyNoResult{})));
        QCOMPARE(p.keys(), std::string("y=2"));
        // A key that isn't there is no error.
        ask(*peer, removeKey("asked:a", "x"));
        QVERIFY(succeeded(p.answer(*peer, ProxyNoResult{})));
    }

    void eachKindHasItsOwnSwitchAndName() {
        MapProxied p([](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            project.proxies.named["mine"].endpoint = "http://127.0.0.1:1/mine";
            auto& map = layout.namespaces[layout.namespaces.size() - 2].options.map;
            map.publishProxyName = "mine";
            map.removeProxyEnabled = false;
            map.allowRemoveForClient = true;
        });
        p.put("x", "1");
        auto peer = p.engine.connect("42");
        QVERIFY(succeeded(ask(*peer, removeKey("asked:a", "x"))));
        QVERIFY(p.proxy.calls.empty());
        ask(*peer, setKey("asked:a", "x"));
        QCOMPARE(p.proxy.last().name, std::string("mine"));
        QCOMPARE(p.proxy.last().options->endpoint, std::string("http://127.0.0.1:1/mine"));
    }

    void aProxyThatDoesNotExistIsNotAvailable_data() { bothKinds(); }
    void aProxyThatDoesNotExistIsNotAvailable() {
        QFETCH(bool, remove);
        for (const bool named : {false, true}) {
            MapProxied p([named](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
                auto& map = layout.namespaces[layout.namespaces.size() - 2].options.map;
                if (named)
                    map.publishProxyName = map.removeProxyName = "gone";
                else
                    project.proxies.channel.mapPublish.endpoint = project.proxies.channel.mapRemove.endpoint = "";
            });
            p.put("x", "0");
            auto peer = p.engine.connect("42");
            QCOMPARE(errorOf(ask(*peer, change(remove))), 108U);
            QVERIFY(p.proxy.calls.empty());
            QCOMPARE(p.keys(), std::string("x=0"));
        }
    }

    void refusedWithoutAsking() {
        MapProxied p;
        auto peer = p.engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, setKey("nowhere:a", "x"))), 102U);
        QCOMPARE(errorOf(ask(*peer, removeKey("nowhere:a", "x"))), 102U);
        QVERIFY(p.proxy.calls.empty());
    }

    void theBackendReplacesKeyAndData() {
        MapProxied p;
        auto watcher = p.engine.connect("1");
        subscribeMap(*watcher, mapRequest("asked:a"));
        auto peer = p.engine.connect("42");
        ask(*peer, setKey("asked:a", "x", "1"));
        auto result = data("{\"other\":1}");
        result.key = "y";
        result.tags = {{"team", "a"}};
        QVERIFY(succeeded(p.answer(*peer, result)));
        QCOMPARE(p.keys(), std::string("y={\"other\":1}"));
        QCOMPARE(p.state().entries[0].publication.tags, result.tags);
        QCOMPARE(p.state().entries[0].publication.info->user, std::string("42"));
        QCOMPARE(changesOf(*watcher), std::string("y={\"other\":1}"));
        // What the answer leaves out stays the client's.
        ask(*peer, setKey("asked:a", "x", "1"));
        p.answer(*peer, engine::MapPublishProxyResult{});
        QCOMPARE(p.keys(), std::string("x=1 y={\"other\":1}"));
        // Data that is there but empty is the backend's wish.
        ask(*peer, setKey("asked:a", "x", "1"));
        p.answer(*peer, data(""));
        QCOMPARE(p.keys(), std::string("x= y={\"other\":1}"));
    }

    void theBackendReplacesTheRemovedKey() {
        MapProxied p;
        engine::MapPublishOptions tagged;
        tagged.tags = {{"team", "a"}};
        p.put("x", "1", tagged);
        p.put("y", "2", tagged);
        auto peer = p.engine.connect("42");
        ask(*peer, removeKey("asked:a", "x"));
        engine::MapRemoveProxyResult result;
        result.key = "y";
        QVERIFY(succeeded(p.answer(*peer, result)));
        QCOMPARE(p.keys(), std::string("x=1"));
        ask(*peer, removeKey("asked:a", "x"));
        result.key.clear();
        result.tags = {{"team", "b"}};
        result.idempotencyKey = "once";
        p.answer(*peer, result);
        QCOMPARE(p.keys(), std::string());
        const auto stream = p.engine.node().mapReadStream("asked:a", {{}, -1, false})->entries;
        QCOMPARE(stream.size(), std::size_t(4));
        QVERIFY(stream[2].publication.removed);
        QCOMPARE(stream[2].publication.tags, tagged.tags);
        QVERIFY(stream[3].publication.removed);
        QCOMPARE(stream[3].publication.tags, result.tags);
        // The same idempotency key removes nothing again.
        p.put("x", "3");
        ask(*peer, removeKey("asked:a", "x"));
        QVERIFY(succeeded(p.answer(*peer, result)));
        QCOMPARE(p.keys(), std::string("x=3"));
    }

    void theBackendDecidesHowTheKeyIsSet_data() {
        QTest::addColumn<QString>("keyMode");
        QTest::addColumn<QString>("idempotencyKey");
        QTest::addColumn<uint>("version");
        QTest::addColumn<QString>("versionEpoch");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("state");
        // clang-format off
        QTest::newRow("replace") << "" << "" << 0U << "" << "x" << "x=1";
        QTest::newRow("if new, there") << "if_new" << "" << 0U << "" << "x" << "x=0";
        QTest::newRow("if new, not there") << "if_new" << "" << 0U << "" << "y" << "x=0 y=1";
        QTest::newRow("if exists, there") << "if_exists" << "" << 0U << "" << "x" << "x=1";
        QTest::newRow("if exists, not there") << "if_exists" << "" << 0U << "" << "y" << "x=0";
        QTest::newRow("unknown word replaces") << "sometimes" << "" << 0U << "" << "x" << "x=1";
        QTest::newRow("repeated idempotency key") << "" << "once" << 0U << "" << "x" << "x=0";
        QTest::newRow("another idempotency key") << "" << "twice" << 0U << "" << "x" << "x=1";
        QTest::newRow("older version") << "" << "" << 4U << "e" << "x" << "x=0";
        QTest::newRow("same version") << "" << "" << 5U << "e" << "x" << "x=0";
        QTest::newRow("newer version") << "" << "" << 6U << "e" << "x" << "x=1";
        QTest::newRow("older version of another epoch") << "" << "" << 4U << "f" << "x" << "x=1";
        // clang-format on
    }
    void theBackendDecidesHowTheKeyIsSet() {
        QFETCH(QString, keyMode);
        QFETCH(QString, idempotencyKey);
        QFETCH(uint, version);
        QFETCH(QString, versionEpoch);
        QFETCH(QString, key);
        QFETCH(QString, state);
        MapProxied p;
        engine::MapPublishOptions before;
        before.idempotencyKey = "once";
        before.version = 5;
        before.versionEpoch = "e";
        p.put("x", "0", before);
        auto peer = p.engine.connect("42");
        ask(*peer, setKey("asked:a", key.toStdString(), "1"));
        engine::MapPublishProxyResult result;
        result.keyMode = keyMode.toStdString();
        result.idempotencyKey = idempotencyKey.toStdString();
        result.version = version;
        result.versionEpoch = versionEpoch.toStdString();
        // What is left out as a repeat is a success for the client.
        QVERIFY(succeeded(p.answer(*peer, result)));
        QCOMPARE(p.keys(), state.toStdString());
    }

    void deltasAreTheAnswersChoice() {
        for (const bool delta : {false, true}) {
            MapProxied p([](engine::ProjectConfig&, engine::ChannelLayout& layout) {
                auto& options = layout.namespaces[layout.namespaces.size() - 2].options;
                options.allowedDeltaTypes = {engine::DeltaType::Fossil};
                options.deltaPublish = true;
            });
            p.put("x", std::string(100, 'a'));
            auto watcher = p.engine.connectProtobuf("1");
            auto request = mapRequest("asked:a");
            request.delta = "fossil";
            QVERIFY(subscribeMap(*watcher, request).delta);
            watcher->take();
            auto peer = p.engine.connectProtobuf("42");
            ask(*peer, setKey("asked:a", "x", std::string(100, 'a') + "1"));
            engine::MapPublishProxyResult result;
            result.delta = delta;
            p.answer(*peer, result);
            const auto pushes = pushesOf<protocol::Publication>(*watcher);
            QCOMPARE(pushes.size(), std::size_t(1));
            QCOMPARE(pushes[0].second.delta, delta);
        }
    }

    void dataThatIsNotJsonDoesNotGoToJsonClients() {
        MapProxied p;
        auto json = p.engine.connect("1");
        subscribeMap(*json, mapRequest("asked:a"));
        auto binary = p.engine.connectProtobuf("2");
        subscribeMap(*binary, mapRequest("asked:a"));
        auto peer = p.engine.connect("42");
        ask(*peer, setKey("asked:a", "x"));
        QVERIFY(succeeded(p.answer(*peer, data("\x01\xff"))));
        QCOMPARE(json->closeCode(), 3506U);
        QCOMPARE(binary->closeCode(), 0U);
        QCOMPARE(changesOf(*binary), std::string("x=\x01\xff"));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void refusalsChangeNothing_data() {
        QTest::addColumn<bool>("remove");
        QTest::addColumn<QString>("answer");
        QTest::addColumn<uint>("error");
        QTest::addColumn<uint>("close");
        for (const bool remove : {false, true}) {
            const auto row = [remove](const char* name) -> QTestData& {
                return QTest::newRow((std::string(remove ? "remove, " : "publish, ") + name).c_str()) << remove;
            };
            row("no answer in time") << "late" << 100U << 0U;
            row("error") << "error" << 1500U << 0U;
            row("disconnect") << "disconnect" << 0U << 4200U;
            row("no key at all") << "no key" << 107U << 0U;
            row("key too long") << "long key" << 107U << 0U;
        }
    }
    void refusalsChangeNothing() {
        QFETCH(bool, remove);
        QFETCH(QString, answer);
        QFETCH(uint, error);
        QFETCH(uint, close);
        MapProxied p;
        p.put("x", "0");
        auto watcher = p.engine.connect("1");
        subscribeMap(*watcher, mapRequest("asked:a"));
        watcher->take();
        auto peer = p.engine.connect("42");
        QVERIFY(ask(*peer, change(remove, answer == QLatin1String("no key") ? "" : "x")).empty());
        std::vector<protocol::Reply> replies;
        if (answer == QLatin1String("late"))
            replies = p.answer(*peer, ProxyFailure{"no answer in time"});
        else if (answer == QLatin1String("error"))
            replies = p.answer(*peer, protocol::ClientError(1500, "no way", true));
        else if (answer == QLatin1String("disconnect"))
            replies = p.answer(*peer, protocol::Disconnect(4200, "bye"));
        else if (answer == QLatin1String("no key"))
            replies = p.answer(*peer, ProxyNoResult{});
        else if (remove) {
            engine::MapRemoveProxyResult result;
            result.key = std::string(1025, 'k');
            replies = p.answer(*peer, result);
        } else {
            engine::MapPublishProxyResult result;
            result.key = std::string(1025, 'k');
            replies = p.answer(*peer, result);
        }
        QCOMPARE(errorOf(replies), std::uint32_t(error));
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QVERIFY(!succeeded(replies));
        if (error == 1500U) {
            QCOMPARE(replies[0].error->message, std::string("no way"));
            QVERIFY(replies[0].error->temporary);
        }
        if (close != 0)
            QCOMPARE(peer->transport.closed->reason, std::string("bye"));
        QCOMPARE(p.keys(), std::string("x=0"));
        QCOMPARE(p.engine.node().mapReadStream("asked:a", {})->offset, std::uint64_t(1));
        QCOMPARE(changesOf(*watcher), std::string());
    }

    void ephemeralMapsTakeNoVersions() {
        MapProxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, setKey("brief:a", "x", "1"));
        engine::MapPublishProxyResult result;
        result.version = 1;
        QCOMPARE(errorOf(p.answer(*peer, result)), 100U);
        QCOMPARE(p.keys("brief:a"), std::string());
        ask(*peer, setKey("brief:a", "x", "1"));
        QVERIFY(succeeded(p.answer(*peer, ProxyNoResult{})));
        QCOMPARE(p.keys("brief:a"), std::string("x=1"));
    }

    void aClientThatHasLeftChangesNothing_data() { bothKinds(); }
    void aClientThatHasLeftChangesNothing() {
        QFETCH(bool, remove);
        for (const bool destroyed : {false, true}) {
            MapProxied p;
            p.put("x", "0");
            auto peer = p.engine.connect("42");
            ask(*peer, change(remove));
            if (destroyed)
                peer.reset();
            else
                peer->client.transportClosed("gone");
            p.engine.turn();
            QCOMPARE(p.proxy.cancelled.size(), std::size_t(1));
            // The answer may have been on its way already.
            p.proxy.answer(ProxyNoResult{});
            p.engine.turn();
            QCOMPARE(p.keys(), std::string("x=0"));
        }
    }

    void aClientThatLeavesBeforeItsLoopTakesTheAnswerChangesNothing() {
        MapProxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, setKey("asked:a", "x"));
        p.proxy.answer(ProxyNoResult{});
        peer->client.transportClosed("gone");
        p.engine.turn();
        QCOMPARE(p.keys(), std::string());
    }

    void changesOfOneClientKeepTheirOrder() {
        MapProxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, setKey("asked:a", "x", "1"), 2);
        peer->send(command(3, removeKey("asked:a", "x")));
        peer->send(command(4, setKey("asked:a", "x", "2")));
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        for (const std::uint32_t id : {2U, 3U, 4U}) {
            const auto replies = p.answer(*peer, ProxyNoResult{});
            QCOMPARE(replies.size(), std::size_t(1));
            QCOMPARE(replies[0].id, id);
            QVERIFY(succeeded(replies));
        }
        QCOMPARE(p.proxy.calls.size(), std::size_t(3));
        std::vector<protocol::Publication> changes;
        const auto stream = *p.engine.node().mapReadStream("asked:a", {{}, -1, false});
        for (const auto& entry : stream.entries)
            changes.push_back(entry.publication);
        QCOMPARE(keysOf(changes), std::string("x=1 -x x=2"));
    }

    void whatTheConfigurationBecameMeanwhileHolds() {
        for (const bool gone : {false, true}) {
            MapProxied p;
            auto peer = p.engine.connect("42");
            ask(*peer, setKey("asked:a", "x"));
            p.set([gone](engine::ProjectConfig&, engine::ChannelLayout& layout) {
                if (!gone)
                    layout.namespaces.push_back(mapNamespace("asked", engine::MapMode::Unset));
            });
            QCOMPARE(errorOf(p.answer(*peer, ProxyNoResult{})), gone ? 102U : 100U);
            QCOMPARE(p.engine.node().maps().mapCount(), std::size_t(0));
        }
    }
};

QTEST_GUILESS_MAIN(ClientMapProxyTest)
#include "tst_client_map_proxy.moc"
