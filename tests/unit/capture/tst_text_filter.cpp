#include "server/capture/text_filter.h"

#include <QtTest>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>

using namespace xshathra;
using namespace xshathra::capture;

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 128 ? std::tolower(c) : c); });
    return text;
}

}  // namespace

class TextFilterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void matcherFindsWithoutRegardToCase_data() {
        QTest::addColumn<QByteArray>("needle");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("found");
        QTest::newRow("empty needle") << QByteArray() << QByteArray("x") << true;
        QTest::newRow("empty text") << QByteArray("x") << QByteArray() << false;
        QTest::newRow("same") << QByteArray("tick") << QByteArray("tick") << true;
        QTest::newRow("upper in text") << QByteArray("tick") << QByteArray("{\"TiCk\":1}") << true;
        QTest::newRow("upper in needle") << QByteArray("TICK") << QByteArray("a tick b") << true;
        QTest::newRow("at the end") << QByteArray("end") << QByteArray("the end") << true;
        QTest::newRow("longer than text") << QByteArray("endless") << QByteArray("end") << false;
        QTest::newRow("nearly") << QByteArray("tock") << QByteArray("tick tick") << false;
        QTest::newRow("one byte") << QByteArray("}") << QByteArray("{\"a\":1}") << true;
        QTest::newRow("repeats") << QByteArray("aab") << QByteArray("aaaaaab") << true;
        QTest::newRow("zero byte") << QByteArray("\0z", 2) << QByteArray("a\0Z", 3) << true;
        QTest::newRow("non-ASCII is exact") << QByteArray("\xC3\xA9") << QByteArray("caf\xC3\xA9") << true;
        QTest::newRow("non-ASCII keeps case") << QByteArray("\xC3\x89") << QByteArray("caf\xC3\xA9") << false;
        QTest::newRow("at sign is no letter") << QByteArray("@") << QByteArray("`") << false;
    }
    void matcherFindsWithoutRegardToCase() {
        QFETCH(QByteArray, needle);
        QFETCH(QByteArray, text);
        QFETCH(bool, found);
        const TextMatcher matcher(std::string_view(needle.constData(), static_cast<std::size_t>(needle.size())));
        QCOMPARE(matcher.foundIn(std::string_view(text.constData(), static_cast<std::size_t>(text.size()))), found);
    }

    void matcherAgreesWithAPlainSearch() {
        std::mt19937 random(7);
        std::uniform_int_distribution<int> letter(0, 3);
        std::uniform_int_distribution<int> needleSize(1, 5);
        const std::string alphabet = "aAbB";
        int hits = 0;
        for (int round = 0; round < 20'000; ++round) {
            std::string text(12, ' ');
            for (char& c : text) {
                c = alphabet[static_cast<std::size_t>(letter(random))];
            }
            std::string needle(static_cast<std::size_t>(needleSize(random)), ' ');
            for (char& c : needle) {
                c = alphabet[static_cast<std::size_t>(letter(random))];
            }
            const bool expected = lower(text).find(lower(needle)) != std::string::npos;
            hits += expected ? 1 : 0;
            QCOMPARE(TextMatcher(needle).foundIn(text), expected);
        }
        QVERIFY(hits > 1000 && hits < 19'000);
    }

    void splitsIntoWords_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArrayList>("words");
        QTest::newRow("nothing") << QByteArray() << QByteArrayList();
        QTest::newRow("blanks") << QByteArray(" \t ") << QByteArrayList();
        QTest::newRow("one") << QByteArray("Chat") << QByteArrayList{"chat"};
        QTest::newRow("two") << QByteArray(" a  b ") << QByteArrayList{"a", "b"};
        QTest::newRow("quoted") << QByteArray("x \"permission denied\" y")
                                << QByteArrayList{"x", "permission denied", "y"};
        QTest::newRow("open quote") << QByteArray("\"abc d") << QByteArrayList{"\"abc", "d"};
        QTest::newRow("JSON as it is seen") << QByteArray("\"hp\":27") << QByteArrayList{"\"hp\":27"};
        QTest::newRow("empty quotes") << QByteArray("\"\" a") << QByteArrayList{"a"};
    }
    void splitsIntoWords() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArrayList, words);
        const TextFilter filter(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
        QCOMPARE(filter.empty(), words.isEmpty());
        QCOMPARE(filter.wordCount(), static_cast<std::size_t>(words.size()));
        for (qsizetype i = 0; i < words.size(); ++i) {
            QCOMPARE(QByteArray::fromStdString(filter.word(static_cast<std::size_t>(i))), words[i]);
        }
    }

    void takesAtMostSixteenWords_data() {
        QTest::addColumn<int>("given");
        QTest::addColumn<int>("taken");
        QTest::newRow("one below") << 15 << 15;
        QTest::newRow("at the limit") << 16 << 16;
        QTest::newRow("one above") << 17 << 16;
    }
    void takesAtMostSixteenWords() {
        QFETCH(int, given);
        QFETCH(int, taken);
        std::string text;
        for (int i = 0; i < given; ++i) {
            text += "w" + std::to_string(i) + " ";
        }
        QCOMPARE(TextFilter(text).wordCount(), static_cast<std::size_t>(taken));
    }

    void looksIntoEveryField_data() {
        QTest::addColumn<QByteArray>("filter");
        QTest::addColumn<bool>("matches");
        QTest::newRow("channel") << QByteArray("LOBBY") << true;
        QTest::newRow("client") << QByteArray("c9f3") << true;
        QTest::newRow("user") << QByteArray("ada") << true;
        QTest::newRow("kind") << QByteArray("publ") << true;
        QTest::newRow("payload") << QByteArray("\"hp\":27") << true;
        QTest::newRow("note") << QByteArray("/api/") << true;
        QTest::newRow("fault") << QByteArray("+200") << true;
        QTest::newRow("all of several") << QByteArray("lobby ada hp") << true;
        QTest::newRow("one of several is missing") << QByteArray("lobby bob") << false;
        QTest::newRow("not over the border of two fields") << QByteArray("lobbyada") << false;
    }
    void looksIntoEveryField() {
        QFETCH(QByteArray, filter);
        QFETCH(bool, matches);
        Event event;
        event.seq = 1;
        event.kind = Kind::Publish;
        event.channel = SharedBytes::copyOf("chat:lobby");
        event.client = SharedBytes::copyOf("c9f3a2e1");
        event.user = SharedBytes::copyOf("ada");
        event.payload = SharedBytes::copyOf("{\"hp\":27}");
        event.note = SharedBytes::copyOf("POST /api/realtime/publish");
        event.fault = SharedBytes::copyOf("+200 ms");
        CaptureStore store;
        store.append(event);
        const TextFilter textFilter(std::string_view(filter.constData(), static_cast<std::size_t>(filter.size())));
        QCOMPARE(textFilter.matches(store, *store.at(0), store.payload(0)), matches);
    }
};

QTEST_APPLESS_MAIN(TextFilterTest)
#include "tst_text_filter.moc"
