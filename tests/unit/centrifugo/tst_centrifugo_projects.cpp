#include "server/centrifugo/documents.h"
#include "server/centrifugo/loader.h"
#include "tests/unit/services/services_fixture.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using namespace Qt::StringLiterals;
using namespace xshathra;
using services::KeyRefusalKind;
using services::ProjectPtr;

namespace {

constexpr auto kEcKey =
    "-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaF467+O8Kge9q3OJrLa5ink8PXwO\\n"
    "SESzem4disSpbbP2W8RI/zm/HuQgmkG9VNXtT/GX8HsqdTkoN5zMKFrc0g==\\n-----END PUBLIC KEY-----\\n";
constexpr auto kNeedsVariable =
    "{\"proxies\":[{\"name\":\"backend\",\"endpoint\":\"http://localhost:1/"
    "x\",\"http\":{\"static_headers\":{\"X-Key\":\"${CENTRIFUGO_VAR_KEY}\"}}}],"
    "\"http_api\":{\"key\":\"shared\"}}";

/// A data folder whose imported projects are built, closed and opened as often as needed.
struct Console {
    QTemporaryDir folder;
    std::unique_ptr<centrifugo::Documents> documents;
    std::mutex mutex;
    std::vector<std::string> lines;
    test::ServicesFixture fixture;

    explicit Console(const centrifugo::Environment& variables = {}) {
        fixture.log.addSink([this](const LogRecord& record) {
            const std::lock_guard lock(mutex);
            lines.push_back(record.text);
        });
        open(variables);
    }

    void open(const centrifugo::Environment& variables, bool withDocuments = true) {
        fixture.services = nullptr;
        documents = std::make_unique<centrifugo::Documents>(fixture.clock, variables, centrifugo::Documents::Options{});
        fixture.build.documents = withDocuments ? documents.get() : nullptr;
        fixture.open(folder.path());
    }
    Result<ProjectPtr> import(const std::string& name, const std::string& json,
                              const centrifugo::Environment& variables = {}) {
        fixture.clock.advance(Milliseconds(1));
        centrifugo::Source source;
        source.environment = variables;
        const auto loaded = centrifugo::loadText(json, "x.json", source);
        if (!loaded)
            return Unexpected<Error>(loaded.error());
        return fixture->projects().create(centrifugo::projectFor(*loaded, name)).result();
    }
    bool logged(const std::string& word) {
        const std::lock_guard lock(mutex);
        return std::any_of(lines.begin(), lines.end(),
                           [&](const auto& line) { return line.find(word) != std::string::npos; });
    }
    /// The first column of the first row, or -1. Only while the services are closed.
    int sql(const QString& statement) {
        int value = -1;
        {
            auto database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"direct"_s);
            database.setDatabaseName(folder.filePath(u"xshathra.db"_s));
            if (!database.open())
                qFatal("%s", qPrintable(database.lastError().text()));
            QSqlQuery query(database);
            if (!query.exec(statement))
                qFatal("%s", qPrintable(query.lastError().text()));
            if (query.next())
                value = query.value(0).toInt();
            database.close();
        }
        QSqlDatabase::removeDatabase(u"direct"_s);
        return value;
    }
};

}  // namespace

class CentrifugoProjectsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aProjectThatCantBeBuiltStopsNeitherTheStartNorTheOthers() {
        const centrifugo::Environment variables{{"CENTRIFUGO_VAR_KEY", "k"}};
        Console console(variables);
        const auto imported = console.import("Broken", kNeedsVariable, variables);
        QVERIFY2(imported, imported ? "" : imported.error().message.c_str());
        const auto id = (*imported)->id;
        const auto key = console.fixture.key(*imported);
        const auto clientKey = console.fixture.key(*imported, auth::KeyKind::Client);
        QVERIFY(console.fixture.registry.find(id));

        console.open({});
        auto& fixture = console.fixture;
        QCOMPARE(fixture->projects().list().size(), std::size_t{2});
        const auto broken = fixture->projects().find(id);
        QVERIFY(broken->imported);
        QCOMPARE(
            broken->fault,
            std::string("proxies[0].http.static_headers.X-Key: there is no environment variable CENTRIFUGO_VAR_KEY."));
        QCOMPARE(broken->trouble(), broken->fault);
        QVERIFY(console.logged("\"Broken\" (" + id + ") is not served: "));
        QVERIFY(!fixture.registry.find(id));
        QVERIFY(!fixture.registry.findByClientKey(clientKey));
        QCOMPARE(fixture->keys().authenticateServer(key).error().kind, KeyRefusalKind::NotServed);
        QCOMPARE(fixture->keys().authenticateServer(key).error().httpStatus(), 503);
        QCOMPARE(fixture->keys().authenticateServer(clientKey).error().kind, KeyRefusalKind::ClientKey);
        QVERIFY(!fixture->keys().authenticateServerApi("shared"));
        services::ConnectTokenRequest request;
        request.userId = "u";
        QCOMPARE(fixture->tokens().mintConnection(id, request).error().code, std::string("unavailable"));
        QVERIFY(fixture->tokens().mintConnection(fixture.first()->id, request));
        services::PublishRequest publication;
        publication.channel = "public:a";
        publication.data = SharedBytes(std::string("1"));
        const auto published = fixture->publisher().publish(id, publication);
        QCOMPARE(published.error().code, std::string("unavailable"));
        QVERIFY2(published.error().message.find(broken->fault) != std::string::npos, published.error().message.c_str());
        QVERIFY(fixture->keys().authenticateServer(fixture.key(fixture.first())));

        // It can be looked after as far as that touches nothing of what is wrong.
        QVERIFY(fixture->projects().rename(id, "Still broken").result());
        QVERIFY(fixture->projects().rotateKey(id, auth::KeyKind::Server, Seconds(60)).result());
        QVERIFY(!fixture->projects().find(id)->fault.empty());
        QVERIFY(!fixture->projects().revealDocument(id).result().value().empty());
        QVERIFY(fixture->projects().remove(id).result());
        QVERIFY(fixture->projects().restore(id).result());

        console.open(variables);
        QVERIFY(console.fixture->projects().find(id)->fault.empty());
        QVERIFY(console.fixture.registry.find(id));
        QCOMPARE(console.fixture->keys().authenticateServerApi("shared").value().key.projectId, id);
    }

    void anImportThatCantBeBuiltIsRefused() {
        Console console;
        // Read where the variable is set, built where it isn't.
        const auto refused = console.import("Broken", kNeedsVariable, {{"CENTRIFUGO_VAR_KEY", "k"}});
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, std::string("invalid_config"));
        QCOMPARE(console.fixture->projects().list().size(), std::size_t{1});
    }

    void theOneProjectOfARunMustBeBuilt() {
        test::ManualClock clock;
        const centrifugo::Documents documents(clock, {}, {});
        services::ServicesOptions options;
        options.inMemory = true;
        options.build.documents = &documents;
        options.firstProject.emplace();
        options.firstProject->name = "Run";
        options.firstProject->document = auth::Secret(kNeedsVariable);
        const auto opened = services::Services::open(options, clock, nullptr);
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, std::string("invalid_config"));
    }

    void aSweepThatFailsStopsNoStart() {
        Console console;
        const auto gone = console.import("Gone", "{}");
        QVERIFY(gone);
        QVERIFY(console.fixture->projects().remove((*gone)->id).result());
        console.fixture.services = nullptr;
        console.sql(u"CREATE TRIGGER no BEFORE DELETE ON projects BEGIN SELECT RAISE(ABORT, 'kept'); END"_s);
        console.open({});
        QCOMPARE(console.fixture->projects().list().size(), std::size_t{1});
        QVERIFY(console.logged("tried again in 60 s"));
        console.fixture.services = nullptr;
        QCOMPARE(console.sql(u"SELECT count(*) FROM projects"_s), 2);
        console.sql(u"DROP TRIGGER no"_s);
        console.open({});
        console.fixture.services = nullptr;
        QCOMPARE(console.sql(u"SELECT count(*) FROM projects"_s), 1);
    }

    void mintedTokensAreWhatTheProjectAccepts_data() {
        QTest::addColumn<QByteArray>("client");
        // Empty: it is minted, and the verifier must accept it. Else words of the refusal.
        QTest::addColumn<QByteArray>("connection");
        QTest::addColumn<QByteArray>("subscription");
        const QByteArray minted;
        const auto both = [](const char* name, const QByteArray& client, const QByteArray& expected = {}) {
            QTest::newRow(name) << client << expected << expected;
        };
        const QByteArray ec(kEcKey);
        both("no key: the common one", "\"channel_limit\":5");
        both("own secret", "\"token\":{\"hmac_secret_key\":\"a\"}");
        both("audience and issuer", "\"token\":{\"hmac_secret_key\":\"a\",\"audience\":\"app\",\"issuer\":\"me\"}");
        both("user id in a claim of its own", "\"token\":{\"hmac_secret_key\":\"a\",\"user_id_claim\":\"uid\"}");
        both("user id in a claim that means something else",
             "\"token\":{\"hmac_secret_key\":\"a\",\"user_id_claim\":\"exp\"}", "claim \"exp\"");
        both("a public key beside the secret",
             "\"token\":{\"hmac_secret_key\":\"a\",\"ecdsa_public_key\":\"" + ec + "\"}");
        both("a public key alone", "\"token\":{\"ecdsa_public_key\":\"" + ec + "\"}",
             "client.token has a public key alone");
        both("a key set", "\"token\":{\"jwks_public_endpoint\":\"https://localhost/keys\"}",
             "the private key isn't here");
        both("a key set takes the secret's place",
             "\"token\":{\"jwks_public_endpoint\":\"https://localhost/keys\",\"hmac_secret_key\":\"a\"}",
             "client.token.jwks_public_endpoint");
        both("any audience of a kind", "\"token\":{\"hmac_secret_key\":\"a\",\"audience_regex\":\"app.*\"}",
             "client.token.audience_regex");
        both("any issuer of a kind", "\"token\":{\"hmac_secret_key\":\"a\",\"issuer_regex\":\"me.*\"}",
             "client.token.issuer_regex");
        both("a secret for subscriptions that is off",
             "\"token\":{\"hmac_secret_key\":\"a\"},\"subscription_token\":{\"hmac_secret_key\":\"b\"}");
        both("both have one",
             "\"token\":{\"hmac_secret_key\":\"a\"},\"subscription_token\":{\"enabled\":true,\"hmac_secret_key\":\"b\","
             "\"audience\":\"s\","
             "\"user_id_claim\":\"uid\"}");
        both("subscriptions alone have one", "\"subscription_token\":{\"enabled\":true,\"hmac_secret_key\":\"b\"}");
        both("subscriptions have none of their own",
             "\"token\":{\"hmac_secret_key\":\"a\"},\"subscription_token\":{\"enabled\":true}");
        QTest::newRow("subscriptions have a public key")
            << QByteArray(
                   "\"token\":{\"hmac_secret_key\":\"a\"},\"subscription_token\":{\"enabled\":true,"
                   "\"ecdsa_public_key\":\"") +
                   ec + "\"}"
            << minted << QByteArray("client.subscription_token has a public key alone");
        QTest::newRow("connections have a public key")
            << "\"token\":{\"ecdsa_public_key\":\"" + ec +
                   "\"},\"subscription_token\":{\"enabled\":true,\"hmac_secret_key\":\"b\"}"
            << QByteArray("client.token has a public key alone") << minted;
        both("any signature", "\"insecure_skip_token_signature_verify\":true");
        both(
            "any signature, and an audience",
            "\"insecure_skip_token_signature_verify\":true,\"token\":{\"audience\":\"app\",\"user_id_claim\":\"uid\"}");
        both("any signature, with a public key",
             "\"insecure_skip_token_signature_verify\":true,\"token\":{\"ecdsa_public_key\":\"" + ec + "\"}");
    }

    void mintedTokensAreWhatTheProjectAccepts() {
        QFETCH(QByteArray, client);
        QFETCH(QByteArray, connection);
        QFETCH(QByteArray, subscription);
        Console console;
        const auto made = console.import(
            "Imported",
            ("{\"client\":{" + client + "},\"channel\":{\"without_namespace\":{\"presence\":true}}}").toStdString());
        QVERIFY2(made, made ? "" : made.error().message.c_str());
        const auto& engine = *(*made)->engine;
        const auto checked = [](const auto& token, const QByteArray& refusal, const auto& verify) {
            if (!token.has_value())
                return !refusal.isEmpty() && token.error().message.find(refusal.toStdString()) != std::string::npos;
            return refusal.isEmpty() && verify(token->token);
        };
        services::ConnectTokenRequest connect;
        connect.userId = "user_1";
        const auto connectToken = console.fixture->tokens().mintConnection((*made)->id, connect);
        QVERIFY2(checked(connectToken, connection,
                         [&](const std::string& token) {
                             const auto verified = engine.tokenVerifier->verifyConnection(token, (*made)->id).outcome;
                             return verified && verified->user == "user_1";
                         }),
                 connectToken ? connectToken->token.c_str() : connectToken.error().message.c_str());
        services::SubscribeTokenRequest subscribe;
        subscribe.userId = "user_1";
        subscribe.channel = "news";
        const auto& verifier =
            engine.subscriptionTokenVerifier ? *engine.subscriptionTokenVerifier : *engine.tokenVerifier;
        const auto subscribeToken = console.fixture->tokens().mintSubscription((*made)->id, subscribe);
        QVERIFY2(checked(subscribeToken, subscription,
                         [&](const std::string& token) {
                             const auto verified = verifier.verifySubscription(token, (*made)->id).outcome;
                             return verified && verified->user == "user_1" && verified->channel == "news";
                         }),
                 subscribeToken ? subscribeToken->token.c_str() : subscribeToken.error().message.c_str());
    }

    void oneApiKeyIsOneProjects() {
        Console console;
        const std::string sharing("{\"http_api\":{\"key\":\"shared\"}}");
        const auto first = console.import("First", sharing);
        QVERIFY(first);
        const auto refused = console.import("Second", sharing);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, std::string("duplicate"));
        QCOMPARE(refused.error().field, std::string("http_api.key"));
        QVERIFY2(refused.error().message.find("\"First\"") != std::string::npos, refused.error().message.c_str());
        QVERIFY(refused.error().message.find("shared") == std::string::npos);
        const auto ownKey = console.fixture.key(console.fixture.first());
        QCOMPARE(console.import("Third", "{\"http_api\":{\"key\":\"" + ownKey + "\"}}").error().code,
                 std::string("duplicate"));
        QCOMPARE(console.fixture->projects().list().size(), std::size_t{2});

        // A removed project frees its key, and can't come back for one that is taken.
        QVERIFY(console.fixture->projects().remove((*first)->id).result());
        const auto second = console.import("Second", sharing);
        QVERIFY(second);
        const auto restored = console.fixture->projects().restore((*first)->id).result();
        QCOMPARE(restored.error().field, std::string("http_api.key"));
        QVERIFY(restored.error().message.find("\"Second\"") != std::string::npos);
        QCOMPARE(console.fixture->keys().authenticateServerApi("shared").value().key.projectId, (*second)->id);
    }

    void ofStoredProjectsWithOneApiKeyTheOldestHasIt() {
        Console console;
        console.open({}, false);
        const std::string sharing("{\"http_api\":{\"key\":\"shared\"}}");
        const auto older = console.import("Older", sharing);
        const auto newer = console.import("Newer", sharing);
        QVERIFY(older && newer);
        console.open({});
        const auto& fixture = console.fixture;
        QVERIFY(fixture->projects().find((*older)->id)->trouble().empty());
        const auto troubled = fixture->projects().find((*newer)->id);
        QVERIFY(troubled->fault.empty());
        QVERIFY(troubled->trouble().find("\"Older\"") != std::string::npos);
        QVERIFY(console.logged("\"Newer\" (" + (*newer)->id + "): "));
        QVERIFY(fixture.registry.find((*newer)->id));
        QCOMPARE(fixture->keys().authenticateServerApi("shared").value().key.projectId, (*older)->id);
        QVERIFY(fixture->projects().remove((*older)->id).result());
        QVERIFY(fixture->projects().find((*newer)->id)->trouble().empty());
        QCOMPARE(fixture->keys().authenticateServerApi("shared").value().key.projectId, (*newer)->id);
    }

    void thePreviousEngineSecretIsErasedWhenItsTimeIsOver() {
        Console console;
        const auto stored = [&console] {
            console.fixture.services = nullptr;
            const auto count = console.sql(u"SELECT count(*) FROM secrets WHERE name = 'engine.previous'"_s);
            console.open({});
            return count;
        };
        QVERIFY(console.fixture->secrets().rotateEngineSecret().result());
        console.fixture.clock.advance(services::kSecretGrace - Milliseconds(1));
        QVERIFY(!console.fixture->projects().sweep().result().value());
        QCOMPARE(stored(), 1);
        console.fixture.clock.advance(Milliseconds(1));
        QVERIFY(console.fixture->projects().sweep().result().value());
        QVERIFY(!console.fixture->config().current()->previousSecretEnds);
        QVERIFY(!console.fixture->projects().sweep().result().value());
        QCOMPARE(stored(), 0);
    }
};

QTEST_GUILESS_MAIN(CentrifugoProjectsTest)
#include "tst_centrifugo_projects.moc"
