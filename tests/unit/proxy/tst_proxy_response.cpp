#include "server/proxy/proxy_response.h"

#include <QtTest>

#include <algorithm>

using namespace xshathra;
using namespace xshathra::proxy;
using engine::ProxyKind;

namespace {

/// JSON written with single quotes.
SharedBytes json(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    return SharedBytes(std::move(text));
}

template <typename T>
T read(ProxyKind kind, const std::string& text) {
    const auto outcome = parseAnswer(kind, json(text));
    if (const auto* value = std::get_if<T>(&outcome))
        return *value;
    if (const auto* failure = std::get_if<engine::ProxyFailure>(&outcome))
        qWarning("failure: %s", failure->text.c_str());
    QTest::qFail("another outcome", __FILE__, __LINE__);
    return {};
}

bool fails(ProxyKind kind, const std::string& text) {
    return std::holds_alternative<engine::ProxyFailure>(parseAnswer(kind, json(text)));
}

constexpr ProxyKind kKinds[] = {ProxyKind::Connect,    ProxyKind::Refresh,   ProxyKind::Subscribe,
                                ProxyKind::SubRefresh, ProxyKind::Publish,   ProxyKind::Rpc,
                                ProxyKind::MapPublish, ProxyKind::MapRemove, ProxyKind::SharedPollRefresh};

}  // namespace

class ProxyResponseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void connectResult() {
        const auto r = read<engine::ConnectProxyResult>(
            ProxyKind::Connect,
            "{'result':{'user':'42','expire_at':1700000000,'info':{'n': 1},'data':[1,\n2],'meta':{'m':1},"
            "'channels':['a','b'],'subs':{'b':{'data':{'x':1},'override':{'presence':{'value':true},"
            "'join_leave':{'value':false},'force_recovery':null},'cache_recover':true},'c':{}},'unknown':1}}");
        QCOMPARE(r.user, std::string("42"));
        QCOMPARE(r.expireAt, std::int64_t(1700000000));
        QCOMPARE(r.info->view(), json("{'n': 1}").view());
        QCOMPARE(r.data->view(), std::string_view("[1,2]"));
        QCOMPARE(r.meta->view(), json("{'m':1}").view());
        QCOMPARE(r.subscriptions.size(), std::size_t(3));
        QCOMPARE(r.subscriptions[0].channel, std::string("a"));
        QCOMPARE(r.subscriptions[1].channel, std::string("b"));
        QCOMPARE(r.subscriptions[1].data->view(), json("{'x':1}").view());
        QVERIFY(r.subscriptions[1].overrides.presence == true);
        QVERIFY(r.subscriptions[1].overrides.joinLeave == false);
        QVERIFY(!r.subscriptions[1].overrides.forceRecovery.has_value());
        QVERIFY(r.subscriptions[1].cacheRecover);
        QCOMPARE(r.subscriptions[2].channel, std::string("c"));
    }

    void otherResults() {
        const auto refresh = read<engine::RefreshProxyResult>(
            ProxyKind::Refresh, "{'result':{'expired':true,'expire_at':5,'info':1,'meta':2}}");
        QVERIFY(refresh.expired);
        QCOMPARE(refresh.expireAt, std::int64_t(5));
        QCOMPARE(refresh.meta->view(), std::string_view("2"));
        const auto subscribe = read<engine::SubscribeProxyResult>(
            ProxyKind::Subscribe,
            "{'result':{'expire_at':6,'info':{},'data':'d','override':{'force_positioning':{'value':true},"
            "'force_push_join_leave':{}}}}");
        QCOMPARE(subscribe.expireAt, std::int64_t(6));
        QVERIFY(subscribe.overrides.forcePositioning == true);
        QVERIFY(subscribe.overrides.forcePushJoinLeave == false);
        const auto sub = read<engine::SubRefreshProxyResult>(ProxyKind::SubRefresh, "{'result':{'expire_at':7}}");
        QCOMPARE(sub.expireAt, std::int64_t(7));
        QVERIFY(!sub.expired);
        const auto publish = read<engine::PublishProxyResult>(
            ProxyKind::Publish,
            "{'result':{'data':{'r':1},'skip_history':true,'tags':{'a':'b'},'idempotency_key':'i','delta':true,"
            "'version':18446744073709551615,'version_epoch':'e'}}");
        QCOMPARE(publish.data->view(), json("{'r':1}").view());
        QVERIFY(publish.skipHistory && publish.delta);
        QCOMPARE(publish.tags.at("a"), std::string("b"));
        QCOMPARE(publish.idempotencyKey, std::string("i"));
        QCOMPARE(publish.version, UINT64_MAX);
        QCOMPARE(publish.versionEpoch, std::string("e"));
        const auto rpc = read<engine::RpcProxyResult>(ProxyKind::Rpc, "{'result':{'data':{'year':2026}}}");
        QCOMPARE(rpc.data.view(), json("{'year':2026}").view());
        const auto map = read<engine::MapPublishProxyResult>(
            ProxyKind::MapPublish,
            "{'result':{'key':'k','data':1,'score':-3,'key_mode':'if_new','stream_data':2,'tags':{'t':'1'}}}");
        QCOMPARE(map.key, std::string("k"));
        QCOMPARE(map.score, std::int64_t(-3));
        QCOMPARE(map.keyMode, std::string("if_new"));
        QCOMPARE(map.streamData->view(), std::string_view("2"));
        const auto removal = read<engine::MapRemoveProxyResult>(ProxyKind::MapRemove, "{'result':{'key':'z'}}");
        QCOMPARE(removal.key, std::string("z"));
        const auto poll = read<engine::SharedPollProxyResult>(
            ProxyKind::SharedPollRefresh,
            "{'result':{'items':[{'key':'a','data':{'v':1},'version':3},{'key':'b','removed':true}],'epoch':'e'}}");
        QCOMPARE(poll.items.size(), std::size_t(2));
        QCOMPARE(poll.items[0].version, std::uint64_t(3));
        QVERIFY(poll.items[1].removed);
        QCOMPARE(poll.epoch, std::string("e"));
    }

    void base64WinsSaveForWhatAClientPublished() {
        const auto rpc = read<engine::RpcProxyResult>(ProxyKind::Rpc, "{'result':{'data':1,'b64data':'AP8='}}");
        QCOMPARE(rpc.data.view(), std::string_view("\x00\xff", 2));
        const auto connect =
            read<engine::ConnectProxyResult>(ProxyKind::Connect, "{'result':{'info':1,'b64info':'e30='}}");
        QCOMPARE(connect.info->view(), std::string_view("{}"));
        const auto publish =
            read<engine::PublishProxyResult>(ProxyKind::Publish, "{'result':{'data':1,'b64data':'AP8='}}");
        QCOMPARE(publish.data->view(), std::string_view("1"));
        const auto bare = read<engine::PublishProxyResult>(ProxyKind::Publish, "{'result':{'b64data':'AP8='}}");
        QCOMPARE(bare.data->view(), std::string_view("\x00\xff", 2));
    }

    void badBase64IsAnInternalError() {
        const auto error = read<protocol::ClientError>(ProxyKind::Rpc, "{'result':{'b64data':'###'}}");
        QCOMPARE(error.code, 100U);
    }

    void errorsAndDisconnects() {
        const auto error = read<protocol::ClientError>(
            ProxyKind::Subscribe, "{'error':{'code':1000,'message':'no','temporary':true},'result':{}}");
        QCOMPARE(error, protocol::ClientError(1000, "no", true));
        const auto end = read<protocol::Disconnect>(ProxyKind::Rpc,
                                                    "{'disconnect':{'code':4000,'reason':'bye'},'error':{'code':1}}");
        QCOMPARE(end.code, 4000U);
        QCOMPARE(end.reason, std::string("bye"));
        // The refreshes are read for their result; the poll knows no disconnect.
        read<engine::RefreshProxyResult>(ProxyKind::Refresh, "{'error':{'code':1},'result':{}}");
        read<engine::ProxyNoResult>(ProxyKind::SharedPollRefresh, "{'disconnect':{'code':4000}}");
    }

    void anAnswerWithoutResult() {
        for (const auto kind : kKinds) {
            for (const char* text : {"{}", "null", "{'result':null}", "{'result':null,'error':null,'x':[1,{}]}"})
                read<engine::ProxyNoResult>(kind, text);
        }
    }

    void nullLeavesAMemberAsItIsSaveForRawOnes() {
        const auto r = read<engine::ConnectProxyResult>(
            ProxyKind::Connect,
            "{'result':{'user':null,'expire_at':null,'info':null,'b64info':null,'channels':null,'subs':null}}");
        QCOMPARE(r.user, std::string());
        QCOMPARE(r.info->view(), std::string_view("null"));
    }

    void namesMatchInAnyCaseButThoseOfChannelsDoNot() {
        const auto r = read<engine::ConnectProxyResult>(
            ProxyKind::Connect, "{'Result':{'User':'1','Expire_At':5,'SUBS':{'News':{},'news':{}}}}");
        QCOMPARE(r.user, std::string("1"));
        QCOMPARE(r.expireAt, std::int64_t(5));
        QCOMPARE(r.subscriptions.size(), std::size_t(2));
    }

    void theLastOfSeveralMembersCounts() {
        QCOMPARE(read<engine::ConnectProxyResult>(ProxyKind::Connect, "{'result':{'user':'1','user':'2'}}").user,
                 std::string("2"));
    }

    void unreadableAnswers_data() {
        QTest::addColumn<QString>("text");
        QTest::newRow("empty") << "";
        QTest::newRow("not JSON") << "ok";
        QTest::newRow("cut") << "{'result':{";
        QTest::newRow("trailing") << "{} {}";
        QTest::newRow("array") << "[]";
        QTest::newRow("text") << "'x'";
        QTest::newRow("result is a number") << "{'result':1}";
        QTest::newRow("error is a text") << "{'error':'x'}";
        QTest::newRow("code is a text") << "{'error':{'code':'1'}}";
        QTest::newRow("code is negative") << "{'error':{'code':-1}}";
        QTest::newRow("code is too large") << "{'disconnect':{'code':4294967296}}";
        QTest::newRow("user is a number") << "{'result':{'user':42}}";
        QTest::newRow("expire_at is a fraction") << "{'result':{'expire_at':1.5}}";
        QTest::newRow("channels is a text") << "{'result':{'channels':'a'}}";
        QTest::newRow("a channel is a number") << "{'result':{'channels':[1]}}";
        QTest::newRow("subs is a list") << "{'result':{'subs':[]}}";
        QTest::newRow("override is a bool") << "{'result':{'subs':{'a':{'override':true}}}}";
        QTest::newRow("value is a number") << "{'result':{'subs':{'a':{'override':{'presence':{'value':1}}}}}}";
    }
    void unreadableAnswers() {
        QFETCH(QString, text);
        QVERIFY(fails(ProxyKind::Connect, text.toStdString()));
    }

    void anAnswerCutAnywhereIsAFailure() {
        const std::string whole =
            "{'result':{'user':'42','info':{'n':[1,2,{}]},'subs':{'b':{'override':{'presence':{'value':true}}}}}}";
        for (std::size_t length = 0; length < whole.size(); ++length)
            QVERIFY2(fails(ProxyKind::Connect, whole.substr(0, length)), std::to_string(length).c_str());
        QVERIFY(!fails(ProxyKind::Connect, whole));
    }

    void statusTransforms() {
        engine::ProxyOptions options;
        options.http.statusToCodeTransforms.resize(3);
        auto& rules = options.http.statusToCodeTransforms;
        rules[0].statusCode = 404;
        rules[0].toError.code = 1404;
        rules[0].toError.message = "not found";
        rules[0].toError.temporary = true;
        rules[1].statusCode = 403;
        rules[1].toDisconnect.code = 4403;
        rules[1].toDisconnect.reason = "forbidden";
        rules[2].statusCode = 500;
        const auto error = outcomeOfStatus(options, ProxyKind::Rpc, 404);
        QCOMPARE(std::get<protocol::ClientError>(error), protocol::ClientError(1404, "not found", true));
        const auto end = outcomeOfStatus(options, ProxyKind::Rpc, 403);
        QCOMPARE(std::get<protocol::Disconnect>(end).code, 4403U);
        for (const int status : {500, 503, 201, 302})
            QVERIFY(std::holds_alternative<engine::ProxyFailure>(outcomeOfStatus(options, ProxyKind::Rpc, status)));
        QVERIFY(
            std::holds_alternative<engine::ProxyFailure>(outcomeOfStatus(options, ProxyKind::SharedPollRefresh, 404)));
    }
};

QTEST_APPLESS_MAIN(ProxyResponseTest)
#include "tst_proxy_response.moc"
