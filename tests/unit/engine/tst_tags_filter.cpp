#include "server/engine/tags_filter.h"

#include <QtTest>

using namespace xshathra;
using protocol::FilterNode;
using namespace Qt::StringLiterals;

namespace {

FilterNode leaf(const char* key, const char* cmp, const char* val = "", std::vector<std::string> vals = {}) {
    FilterNode node;
    node.key = key;
    node.cmp = cmp;
    node.val = val;
    node.vals = std::move(vals);
    return node;
}

FilterNode branch(const char* op, std::vector<FilterNode> nodes = {}) {
    FilterNode node;
    node.op = op;
    node.nodes = std::move(nodes);
    return node;
}

}  // namespace

Q_DECLARE_METATYPE(protocol::FilterNode)

class TagsFilterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void faults_data() {
        QTest::addColumn<FilterNode>("filter");
        QTest::addColumn<bool>("sound");
        const auto row = [](const char* name, const FilterNode& filter, bool sound) {
            QTest::newRow(name) << filter << sound;
        };
        row("nothing", {}, false);
        row("eq", leaf("k", "eq", "v"), true);
        row("eq without val", leaf("k", "eq"), false);
        row("eq without key", leaf("", "eq", "v"), false);
        row("eq with vals", leaf("k", "eq", "v", {"w"}), false);
        row("unknown cmp", leaf("k", "is", "v"), false);
        row("in", leaf("k", "in", "", {"v"}), true);
        row("in without vals", leaf("k", "in"), false);
        row("in with val", leaf("k", "in", "v", {"v"}), false);
        row("in without key", leaf("", "in", "", {"v"}), false);
        row("ex", leaf("k", "ex"), true);
        row("ex without key", leaf("", "ex"), true);
        row("ex with val", leaf("k", "ex", "v"), false);
        row("nex with vals", leaf("k", "nex", "", {"v"}), false);
        row("gt", leaf("k", "gt", "1"), true);
        row("gt with a word", leaf("k", "gt", "one"), true);
        row("gt without val", leaf("k", "gt"), false);
        row("and", branch("and", {leaf("k", "ex")}), true);
        row("and of none", branch("and"), false);
        row("or of none", branch("or"), false);
        row("not of none", branch("not"), false);
        row("not of two", branch("not", {leaf("k", "ex"), leaf("l", "ex")}), false);
        row("fault inside", branch("or", {leaf("k", "ex"), branch("not", {leaf("l", "eq")})}), false);
        row("unknown op", branch("xor", {leaf("k", "ex")}), false);
    }

    void faults() {
        QFETCH(FilterNode, filter);
        QFETCH(bool, sound);
        QCOMPARE(engine::faultOf(filter).empty(), sound);
    }

    void matching_data() {
        QTest::addColumn<FilterNode>("filter");
        QTest::addColumn<bool>("passes");
        const auto row = [](const char* name, const FilterNode& filter, bool passes) {
            QVERIFY(engine::faultOf(filter).empty());
            QTest::newRow(name) << filter << passes;
        };
        // The tags are a=1.50, b=-2, word=banana, empty="".
        row("eq", leaf("word", "eq", "banana"), true);
        row("eq other", leaf("word", "eq", "apple"), false);
        row("eq missing", leaf("none", "eq", "x"), false);
        row("neq", leaf("word", "neq", "apple"), true);
        row("neq same", leaf("word", "neq", "banana"), false);
        row("neq missing", leaf("none", "neq", "x"), true);
        row("in", leaf("word", "in", "", {"apple", "banana"}), true);
        row("in missing", leaf("none", "in", "", {"apple"}), false);
        row("in missing, with the empty text", leaf("none", "in", "", {""}), true);
        row("nin", leaf("word", "nin", "", {"apple"}), true);
        row("nin missing", leaf("none", "nin", "", {"apple"}), true);
        row("nin missing, with the empty text", leaf("none", "nin", "", {""}), false);
        row("ex", leaf("empty", "ex"), true);
        row("ex missing", leaf("none", "ex"), false);
        row("nex", leaf("none", "nex"), true);
        row("nex present", leaf("word", "nex"), false);
        row("sw", leaf("word", "sw", "ban"), true);
        row("sw longer than the tag", leaf("word", "sw", "bananas"), false);
        row("ew", leaf("word", "ew", "ana"), true);
        row("ew longer than the tag", leaf("word", "ew", "a banana"), false);
        row("ct", leaf("word", "ct", "nan"), true);
        row("ct other", leaf("word", "ct", "x"), false);
        row("sw missing", leaf("none", "sw", "x"), false);
        row("and", branch("and", {leaf("word", "ex"), leaf("a", "gt", "1")}), true);
        row("and one fails", branch("and", {leaf("word", "ex"), leaf("a", "gt", "2")}), false);
        row("or one passes", branch("or", {leaf("none", "ex"), leaf("a", "gt", "1")}), true);
        row("or none passes", branch("or", {leaf("none", "ex"), leaf("a", "gt", "2")}), false);
        row("not", branch("not", {leaf("none", "ex")}), true);
        row("not not", branch("not", {branch("not", {leaf("none", "ex")})}), false);
    }

    void matching() {
        QFETCH(FilterNode, filter);
        QFETCH(bool, passes);
        const std::map<std::string, std::string> tags{{"a", "1.50"}, {"b", "-2"}, {"word", "banana"}, {"empty", ""}};
        QCOMPARE(engine::matches(filter, tags), passes);
    }

    /// Whether the tag is below, at or above the bound; "none" where one of them is no number.
    void numbers_data() {
        QTest::addColumn<QString>("tag");
        QTest::addColumn<QString>("bound");
        QTest::addColumn<QString>("order");
        const auto row = [](const QString& tag, const QString& bound, const char* order) {
            QTest::newRow(qPrintable(tag + u' ' + bound)) << tag << bound << QString::fromLatin1(order);
        };
        row(u"1"_s, u"2"_s, "below");
        row(u"10"_s, u"9"_s, "above");
        row(u"1.5"_s, u"1.50"_s, "at");
        row(u"1.5"_s, u"1.49"_s, "above");
        row(u"1.05"_s, u"1.5"_s, "below");
        row(u"007"_s, u"7.0"_s, "at");
        row(u"-1"_s, u"1"_s, "below");
        row(u"-2"_s, u"-1"_s, "below");
        row(u"-1.2"_s, u"-1.3"_s, "above");
        row(u"-0"_s, u"0"_s, "at");
        row(u"+3"_s, u"3"_s, "at");
        row(u"99999999999999999999999999999999999999999999"_s, u"99999999999999999999999999999999999999999998"_s,
            "above");
        row(u"0.1234567890123456789"_s, u"0.1234567890123456788"_s, "above");
        row(u"0.12345678901234567890"_s, u"0"_s, "none");
        row(u""_s, u"1"_s, "none");
        row(u"."_s, u"1"_s, "none");
        row(u".5"_s, u"1"_s, "none");
        row(u"5."_s, u"1"_s, "none");
        row(u"-"_s, u"1"_s, "none");
        row(u"1e3"_s, u"1"_s, "none");
        row(u"1.2.3"_s, u"1"_s, "none");
        row(u" 1"_s, u"1"_s, "none");
        row(u"1"_s, u"one"_s, "none");
        row(QString(200, u'1'), u"1"_s, "above");
        row(QString(201, u'1'), u"1"_s, "none");
    }

    void numbers() {
        QFETCH(QString, tag);
        QFETCH(QString, bound);
        QFETCH(QString, order);
        const std::map<std::string, std::string> tags{{"n", tag.toStdString()}};
        const auto passes = [&](const char* cmp) {
            return engine::matches(leaf("n", cmp, bound.toUtf8().constData()), tags);
        };
        QCOMPARE(passes("lt"), order == u"below"_s);
        QCOMPARE(passes("lte"), order == u"below"_s || order == u"at"_s);
        QCOMPARE(passes("gt"), order == u"above"_s);
        QCOMPARE(passes("gte"), order == u"above"_s || order == u"at"_s);
    }
};

QTEST_APPLESS_MAIN(TagsFilterTest)
#include "tst_tags_filter.moc"
