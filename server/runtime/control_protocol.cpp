#include "server/runtime/control_protocol.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>
#include <QStandardPaths>

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

namespace {

/// sockaddr_un holds 108 bytes on Linux and 104 on macOS. QLocalServer binds below a temporary folder beside the final
/// path (14 characters more) and renames it.
constexpr qsizetype kLongestSocketPath = 104 - 1 - 14;

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

}  // namespace

QString controlSocketPath(const QString& dataFolder) {
#ifdef Q_OS_WIN
    const auto hash = QCryptographicHash::hash(dataFolder.toUtf8(), QCryptographicHash::Sha256).toHex().left(32);
    return u"xshathra-"_s + QLatin1StringView(hash);
#else
    const auto path = dataFolder + u"/control.sock"_s;
    if (QFile::encodeName(path).size() <= kLongestSocketPath)
        return path;
    const auto hash = QCryptographicHash::hash(dataFolder.toUtf8(), QCryptographicHash::Sha256).toHex().left(32);
    return QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation) + u"/xshathra-"_s +
           QString::fromLatin1(hash) + u".sock"_s;
#endif
}

QJsonObject missedEvents(qint64 count) { return {{u"missed"_s, count}}; }

QByteArray encodeControlMessage(const ControlMessage& message) {
    QJsonObject object{{u"id"_s, message.id}};
    if (!message.method.isEmpty()) {
        object.insert(u"method"_s, message.method);
        object.insert(u"params"_s, message.params);
    }
    if (message.event)
        object.insert(u"event"_s, *message.event);
    if (message.result)
        object.insert(u"result"_s, *message.result);
    if (message.error) {
        QJsonObject error{{u"code"_s, text(message.error->code)}, {u"message"_s, text(message.error->message)}};
        if (!message.error->field.empty())
            error.insert(u"field"_s, text(message.error->field));
        object.insert(u"error"_s, error);
    }
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

Result<ControlMessage> decodeControlMessage(const QByteArray& line) {
    QJsonParseError parseError;
    const auto document = QJsonDocument::fromJson(line, &parseError);
    if (!document.isObject())
        return xshathra::fail("invalid_request", "A control message is a JSON object on one line; " +
                                                     (parseError.error == QJsonParseError::NoError
                                                          ? std::string("this is another JSON value")
                                                          : parseError.errorString().toStdString()) +
                                                     '.');
    const auto object = document.object();
    const auto id = object.value("id"_L1);
    if (!id.isDouble())
        return xshathra::fail("invalid_request", "A control message has a number as its id.", "id");
    ControlMessage message;
    message.id = id.toInteger();
    message.method = object.value("method"_L1).toString();
    message.params = object.value("params"_L1).toObject();
    if (const auto event = object.value("event"_L1); event.isObject())
        message.event = event.toObject();
    if (const auto result = object.value("result"_L1); result.isObject())
        message.result = result.toObject();
    if (const auto error = object.value("error"_L1); error.isObject()) {
        const auto fields = error.toObject();
        message.error =
            Error{fields.value("code"_L1).toString().toStdString(), fields.value("message"_L1).toString().toStdString(),
                  fields.value("field"_L1).toString().toStdString()};
    }
    return message;
}

}  // namespace xshathra::runtime
