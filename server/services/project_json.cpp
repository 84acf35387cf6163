#include "server/services/project_json.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace xshathra::services {

using namespace Qt::StringLiterals;

namespace {

constexpr auto kAllowAnonymous = "allow_anonymous_connect_without_token"_L1;

}  // namespace

std::string toJson(const ProjectOptions& options) {
    QJsonObject object;
    object.insert(kAllowAnonymous, options.allowAnonymous);
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

Result<ProjectOptions> projectOptionsFromJson(std::string_view json) {
    const auto document = QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())));
    if (!document.isObject())
        return fail("invalid_argument", "The project's options are not a JSON object.", "options");
    ProjectOptions options;
    options.allowAnonymous = document.object().value(kAllowAnonymous).toBool(options.allowAnonymous);
    return options;
}

}  // namespace xshathra::services
