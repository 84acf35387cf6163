#include "server/runtime/namespace_assignment.h"

#include "server/services/namespace_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

namespace {

/// `true`, `12`, `["fossil"]` are JSON; `5m` and `stream` are texts that needn't be quoted on a command line.
QJsonValue valueOf(const QString& written) {
    const auto wrapped = QJsonDocument::fromJson('[' + written.toUtf8() + ']').array();
    return wrapped.size() == 1 ? wrapped.first() : QJsonValue(written);
}

/// Sets `path` (`map.mode`) in `object`.
void assign(QJsonObject& object, const QStringList& path, const QJsonValue& value) {
    const auto& name = path.first();
    if (path.size() > 1) {
        auto inner = object.value(name).toObject();
        assign(inner, path.mid(1), value);
        object.insert(name, inner);
    } else if (value.isUndefined()) {
        object.remove(name);
    } else {
        object.insert(name, value);
    }
}

}  // namespace

Result<engine::ChannelOptions> assignOptions(const engine::ChannelOptions& options, const QStringList& assignments) {
    const auto names = services::channelOptionNames();
    auto object = QJsonDocument::fromJson(QByteArray::fromStdString(services::toJson(options))).object();
    for (const auto& assignment : assignments) {
        const auto equals = assignment.indexOf(u'=');
        const auto name = assignment.left(equals);
        const auto written = assignment.mid(equals + 1);
        if (equals < 1 || std::find(names.begin(), names.end(), name.toStdString()) == names.end())
            return fail("invalid_argument",
                        "\"" + assignment.toStdString() +
                            "\" sets no option of a namespace; options have Centrifugo's names, as in presence=true.",
                        name.toStdString());
        QJsonValue value(QJsonValue::Undefined);
        if (name == u"allowed_delta_types"_s && !written.startsWith(u'[') && !written.isEmpty())
            value = QJsonArray::fromStringList(written.split(u','));
        else if (!written.isEmpty())
            value = valueOf(written);
        assign(object, name.split(u'.'), value);
    }
    return services::channelOptionsFromJson(QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString());
}

}  // namespace xshathra::runtime
