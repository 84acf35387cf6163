#include "server/services/project_factory.h"

#include "server/auth/digest.h"
#include "server/base/ids.h"
#include "server/services/namespace_json.h"
#include "server/services/namespace_service.h"
#include "server/services/project_document.h"
#include "server/services/project_json.h"

#include <QString>

#include <cstdint>

namespace xshathra::services {

namespace {

/// Characters that would break a line or turn the direction of the text around them.
bool isRefused(char32_t character) {
    switch (QChar::category(character)) {
        case QChar::Other_Control:
        case QChar::Other_Surrogate:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph: return true;
        default: break;
    }
    const auto direction = QChar::direction(character);
    return direction == QChar::DirLRE || direction == QChar::DirRLE || direction == QChar::DirPDF ||
           direction == QChar::DirLRO || direction == QChar::DirRLO || direction == QChar::DirLRI ||
           direction == QChar::DirRLI || direction == QChar::DirFSI || direction == QChar::DirPDI ||
           QChar::isNonCharacter(character) || character == 0xfeff;
}

std::string hex(char32_t character) {
    return "U+" + QString::number(character, 16).toUpper().rightJustified(4, QLatin1Char('0')).toStdString();
}

}  // namespace

Result<std::string> checkProjectName(std::string_view name) {
    const auto wide = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    if (wide.toUtf8() != QByteArrayView(name.data(), static_cast<qsizetype>(name.size())))
        return fail("invalid_argument", "The name is not valid UTF-8.", "name");
    const auto trimmed = wide.trimmed();
    const auto characters = trimmed.toUcs4();
    const auto allowed = "allowed are 1 to " + std::to_string(kMaxProjectNameLength) + " characters";
    if (characters.isEmpty())
        return fail("invalid_argument", "The name is empty; " + allowed + ".", "name");
    if (static_cast<std::size_t>(characters.size()) > kMaxProjectNameLength)
        return fail("invalid_argument",
                    "The name has " + std::to_string(characters.size()) + " characters; " + allowed + ".", "name");
    for (const auto character : characters) {
        if (isRefused(static_cast<char32_t>(character)))
            return fail("invalid_argument",
                        "The name contains the character " + hex(static_cast<char32_t>(character)) +
                            "; control, line separating and direction changing characters are not allowed.",
                        "name");
    }
    return trimmed.toStdString();
}

std::string projectNameKey(std::string_view name) {
    // Qt folds one character to one; its upper case knows the longer forms (sharp s).
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()))
        .normalized(QString::NormalizationForm_KC)
        .toUpper()
        .toCaseFolded()
        .normalized(QString::NormalizationForm_KC)
        .toStdString();
}

Result<void> checkNameFree(storage::Connection& connection, std::string_view name, std::string_view exceptId) {
    const auto taken = storage::ProjectTable(connection).nameTaken(projectNameKey(name), exceptId);
    if (!taken)
        return Unexpected<Error>(taken.error());
    if (*taken)
        return fail("duplicate", "There is already a project named \"" + std::string(name) + "\"; choose another name.",
                    "name");
    return {};
}

std::string keyRecord(std::string_view keyId) { return "key:" + std::string(keyId); }

Result<storage::KeyRow> makeKeyRow(const Vault& vault, const Clock& clock, std::string_view projectId,
                                   auth::KeyKind kind, Environment environment) {
    const auto key = auth::generateApiKey(
        kind, environment == Environment::Staging ? auth::KeyEnvironment::Test : auth::KeyEnvironment::Live);
    storage::KeyRow row;
    row.id = "key_" + makeUlid(clock.wall());
    row.projectId = std::string(projectId);
    row.kind = kind == auth::KeyKind::Server ? "server" : "client";
    row.hash = auth::toHex(auth::hashApiKey(key.expose()));
    row.hint = auth::maskApiKey(key.expose());
    row.createdAt = clock.wall();
    auto sealed = vault.seal(key, keyRecord(row.id));
    if (!sealed)
        return Unexpected<Error>(sealed.error());
    row.sealed = std::move(*sealed);
    return row;
}

Result<void> insertProject(storage::Connection& connection, const Vault& vault, const Clock& clock, std::string_view id,
                           const NewProject& project) {
    if (auto free = checkNameFree(connection, project.name, id); !free)
        return free;
    storage::ProjectRow row;
    row.id = std::string(id);
    row.name = project.name;
    row.nameKey = projectNameKey(project.name);
    row.environment = std::string(toString(project.environment));
    row.createdAt = clock.wall();
    row.optionsJson = toJson(project.options);
    if (auto inserted = storage::ProjectTable(connection).insert(row); !inserted)
        return inserted;
    for (const auto kind : {auth::KeyKind::Server, auth::KeyKind::Client}) {
        const auto key = makeKeyRow(vault, clock, id, kind, project.environment);
        if (!key)
            return Unexpected<Error>(key.error());
        if (auto inserted = storage::KeyTable(connection).insert(*key); !inserted)
            return inserted;
    }
    storage::NamespaceTable table(connection);
    if (auto inserted = table.insert({row.id, std::string(), toJson(project.withoutNamespace), 0}); !inserted)
        return inserted;
    std::int64_t position = 0;
    for (const auto& ns : project.namespaces ? *project.namespaces : defaultNamespaces()) {
        if (auto inserted = table.insert({row.id, ns.name, toJson(ns.options), ++position}); !inserted)
            return inserted;
    }
    if (project.document.empty())
        return {};
    auto sealed = vault.seal(project.document, documentRecord(id));
    if (!sealed)
        return Unexpected<Error>(sealed.error());
    return storage::SecretTable(connection).put({documentRecord(id), std::move(*sealed), clock.wall(), std::nullopt});
}

}  // namespace xshathra::services
