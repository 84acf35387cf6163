#include "ui/models/json_tree_model.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QtTest>

using namespace xshathra;
using namespace xshathra::models;
using namespace Qt::StringLiterals;

namespace {

using Change = JsonTreeModel::ChangeType;

SharedBytes bytes(std::string_view text) { return SharedBytes::copyOf(text); }

QString cell(const JsonTreeModel& model, const QModelIndex& parent, int row, int column) {
    return model.index(row, column, parent).data().toString();
}

Change changeAt(const JsonTreeModel& model, const QModelIndex& parent, int row) {
    return static_cast<Change>(model.index(row, 0, parent).data(JsonTreeModel::ChangeRole).toInt());
}

}  // namespace

class JsonTreeModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsOrderAndSpelling() {
        JsonTreeModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto json = bytes(
            " {\"z\":1.10,\"a\":12345678901234567890123,\"e\":1e5,\"s\":\"a\\\"b\\u00e9\",\"t\":true,\"n\":null,\"z\":-"
            "0} ");
        QVERIFY(model.setJson(json));
        QCOMPARE(model.rowCount(), 7);
        const QStringList keys{u"z"_s, u"a"_s, u"e"_s, u"s"_s, u"t"_s, u"n"_s, u"z"_s};
        const QStringList values{
            u"1.10"_s, u"12345678901234567890123"_s, u"1e5"_s, u"\"a\\\"b\\u00e9\""_s, u"true"_s, u"null"_s, u"-0"_s};
        const QStringList types{u"number"_s, u"number"_s, u"number"_s, u"string"_s, u"bool"_s, u"null"_s, u"number"_s};
        for (int row = 0; row < 7; ++row) {
            QCOMPARE(cell(model, {}, row, JsonTreeModel::Key), keys[row]);
            QCOMPARE(cell(model, {}, row, JsonTreeModel::Value), values[row]);
            QCOMPARE(cell(model, {}, row, JsonTreeModel::Type), types[row]);
            QVERIFY(!model.hasChildren(model.index(row, 0)));
        }
    }

    void opensObjectsAndArrays() {
        JsonTreeModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto json = bytes(
            "{\"push\":{\"channel\":\"match:42\",\"pub\":{\"data\":{\"tick\":1812,\"pos\":[12, "
            "4]},\"tags\":{\"src\":\"sim\"},\"none\":{},\"no\":[ ]}}}");
        QVERIFY(model.setJson(json));
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(cell(model, {}, 0, JsonTreeModel::Value), u"{ 2 }"_s);
        const QModelIndex push = model.index(0, 0);
        QVERIFY(model.hasChildren(push));
        const QModelIndex pub = model.index(1, 0, push);
        QCOMPARE(model.rowCount(pub), 4);
        QCOMPARE(cell(model, pub, 1, JsonTreeModel::Value), u"{ \"src\": \"sim\" }"_s);
        QCOMPARE(cell(model, pub, 2, JsonTreeModel::Value), u"{ }"_s);
        QVERIFY(!model.hasChildren(model.index(2, 0, pub)));
        QVERIFY(!model.hasChildren(model.index(3, 0, pub)));
        QCOMPARE(cell(model, pub, 3, JsonTreeModel::Type), u"array 0"_s);
        const QModelIndex data = model.index(0, 0, pub);
        QCOMPARE(cell(model, data, 1, JsonTreeModel::Value), u"[ 12, 4 ]"_s);
        QCOMPARE(cell(model, data, 1, JsonTreeModel::Type), u"array 2"_s);
        const QModelIndex pos = model.index(1, 0, data);
        QCOMPARE(cell(model, pos, 1, JsonTreeModel::Key), u"1"_s);
        QCOMPARE(cell(model, pos, 1, JsonTreeModel::Value), u"4"_s);
        QCOMPARE(model.index(1, 0, pos).data(JsonTreeModel::PathRole).toString(), u"push.pub.data.pos[1]"_s);
        QCOMPARE(model.index(0, 0, pub).data(JsonTreeModel::RawRole).toString(), u"{\"tick\":1812,\"pos\":[12, 4]}"_s);
        QCOMPARE(model.parent(pos), data);
        QVERIFY(!model.parent(push).isValid());
    }

    void tellsWhatChanged_data() {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("now");
        QTest::addColumn<int>("change");
        QTest::addColumn<QString>("text");
        const QString minus(QChar(0x2212));
        QTest::newRow("equal") << QByteArray("27") << QByteArray("27") << int(Change::None) << QString();
        QTest::newRow("counter") << QByteArray("1811") << QByteArray("1812") << int(Change::Counter)
                                 << u"+1  was 1811"_s;
        QTest::newRow("down by one") << QByteArray("5") << QByteArray("4") << int(Change::Changed)
                                     << minus + u"1  was 5"_s;
        QTest::newRow("less") << QByteArray("31") << QByteArray("27") << int(Change::Changed) << minus + u"4  was 31"_s;
        QTest::newRow("fraction") << QByteArray("1.5") << QByteArray("2") << int(Change::Changed) << u"+0.5  was 1.5"_s;
        QTest::newRow("string") << QByteArray("\"a\"") << QByteArray("\"b\"") << int(Change::Changed) << u"was \"a\""_s;
        QTest::newRow("type") << QByteArray("null") << QByteArray("1") << int(Change::Changed) << u"was null"_s;
        QTest::newRow("inside an object")
            << QByteArray("{\"a\":1}") << QByteArray("{\"a\":2}") << int(Change::None) << QString();
        QTest::newRow("far apart") << QByteArray("-9223372036854775808") << QByteArray("9223372036854775807")
                                   << int(Change::Changed) << u"+1.84467e+19  was -9223372036854775808"_s;
    }
    void tellsWhatChanged() {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, now);
        QFETCH(int, change);
        QFETCH(QString, text);
        JsonTreeModel model;
        QVERIFY(model.setJson(SharedBytes("{\"v\":" + now.toStdString() + "}"),
                              SharedBytes("{\"v\":" + before.toStdString() + "}"), u"#7"_s));
        QCOMPARE(static_cast<int>(changeAt(model, {}, 0)), change);
        QCOMPARE(cell(model, {}, 0, JsonTreeModel::Change), text);
        QCOMPARE(model.headerData(JsonTreeModel::Change, Qt::Horizontal, Qt::DisplayRole).toString(),
                 u"Change since #7"_s);
    }

    void tellsWhatIsNewAndWhatIsGone() {
        JsonTreeModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto now = bytes("{\"o\":{\"b\":1,\"c\":[1,2,3]}}");
        const auto before = bytes("{\"o\":{\"a\":true,\"b\":1,\"c\":[1,2]}}");
        QVERIFY(model.setJson(now, before));
        const QModelIndex object = model.index(0, 0);
        QCOMPARE(model.rowCount(object), 3);
        QVERIFY(changeAt(model, object, 0) == Change::None);
        QVERIFY(changeAt(model, object, 2) == Change::Removed);
        QCOMPARE(cell(model, object, 2, JsonTreeModel::Key), u"a"_s);
        QCOMPARE(cell(model, object, 2, JsonTreeModel::Change), u"removed"_s);
        const QModelIndex array = model.index(1, 0, object);
        QVERIFY(changeAt(model, array, 1) == Change::None);
        QVERIFY(changeAt(model, array, 2) == Change::New);
    }

    void withoutAPreviousTextNothingIsNew() {
        JsonTreeModel model;
        const auto json = bytes("{\"a\":{\"b\":1}}");
        QVERIFY(model.setJson(json));
        QVERIFY(changeAt(model, model.index(0, 0), 0) == Change::None);
        QCOMPARE(cell(model, {}, 0, JsonTreeModel::Change), QString());
    }

    void showsASingleValue() {
        JsonTreeModel model;
        QVERIFY(model.setJson(bytes(" 42\n")));
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(cell(model, {}, 0, JsonTreeModel::Key), u"value"_s);
        QCOMPARE(cell(model, {}, 0, JsonTreeModel::Value), u"42"_s);
    }

    void saysWhenItIsNotJson_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("blanks") << QByteArray("  \n");
        QTest::newRow("words") << QByteArray("hello there");
        QTest::newRow("open object") << QByteArray("{");
        QTest::newRow("no value") << QByteArray("{\"a\"}");
        QTest::newRow("zero bytes") << QByteArray("\0\0\0", 3);
    }
    void saysWhenItIsNotJson() {
        QFETCH(QByteArray, text);
        JsonTreeModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(!model.setJson(SharedBytes(text.toStdString())));
        QVERIFY(!model.error().isEmpty());
        QCOMPARE(model.rowCount(), 0);
        QVERIFY(model.setJson(bytes("{}")));
        QVERIFY(model.error().isEmpty());
    }

    void survivesTextCutAtEveryPlace() {
        const std::string whole = "{\"a\":[1,{\"b\":\"c\\u00e9\"},null],\"d\":{\"e\":-1.5e3}}";
        JsonTreeModel model;
        for (std::size_t length = 0; length < whole.size(); ++length) {
            model.setJson(SharedBytes(whole.substr(0, length)), SharedBytes(whole));
            for (int row = 0; row < model.rowCount(); ++row) {
                const QModelIndex child = model.index(row, 0);
                for (int inner = 0; inner < model.rowCount(child); ++inner) {
                    QVERIFY(!cell(model, child, inner, JsonTreeModel::Type).isEmpty());
                }
            }
        }
        QVERIFY(model.setJson(SharedBytes(whole)));
    }

    void showsALimitedNumberOfChildren_data() {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("rows");
        QTest::newRow("one below") << JsonTreeModel::kMaxChildren - 1 << JsonTreeModel::kMaxChildren - 1;
        QTest::newRow("at the limit") << JsonTreeModel::kMaxChildren << JsonTreeModel::kMaxChildren;
        QTest::newRow("one above") << JsonTreeModel::kMaxChildren + 1 << JsonTreeModel::kMaxChildren + 1;
        QTest::newRow("far above") << JsonTreeModel::kMaxChildren * 3 << JsonTreeModel::kMaxChildren + 1;
    }
    void showsALimitedNumberOfChildren() {
        QFETCH(int, count);
        QFETCH(int, rows);
        std::string text = "[0";
        for (int i = 1; i < count; ++i) {
            text += ",0";
        }
        text += "]";
        JsonTreeModel model;
        QVERIFY(model.setJson(SharedBytes(text)));
        QCOMPARE(model.rowCount(), rows);
        if (count > JsonTreeModel::kMaxChildren) {
            QCOMPARE(cell(model, {}, rows - 1, JsonTreeModel::Type), u"not shown"_s);
        }
    }

    void escapesUntrustedText() {
        JsonTreeModel model;
        QVERIFY(model.setJson(bytes("{\"a\\u202eb\":\"x\xE2\x80\xAEy\"}")));
        QCOMPARE(cell(model, {}, 0, JsonTreeModel::Key), u"a\\u202eb"_s);
        QCOMPARE(cell(model, {}, 0, JsonTreeModel::Value), u"\"x\\u202ey\""_s);
    }

    void opensAMegabyteQuickly() {
        std::string text = "{\"rows\":[";
        while (text.size() < 1'000'000) {
            text += "{\"id\":12345,\"name\":\"somebody\",\"pos\":[1.5,2.5,3.5]},";
        }
        text.back() = ']';
        text += "}";
        JsonTreeModel model;
        QElapsedTimer timer;
        timer.start();
        QVERIFY(model.setJson(SharedBytes(text)));
        QCOMPARE(model.rowCount(), 1);
        // The goal is 100 ms; sanitizers and a busy machine get room.
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_APPLESS_MAIN(JsonTreeModelTest)
#include "tst_json_tree_model.moc"
