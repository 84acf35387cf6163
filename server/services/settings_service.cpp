#include "server/services/settings_service.h"

#include "server/services/config_writer.h"
#include "server/storage/database.h"
#include "server/storage/tables.h"

#include <utility>

namespace xshathra::services {

using namespace Qt::StringLiterals;

namespace {

QString placeOf(const SettingSpec& spec, SettingSource source) {
    switch (source) {
        case SettingSource::Flag: return spec.flag != nullptr ? QString::fromLatin1(spec.flag) : u"command line"_s;
        case SettingSource::Environment: return QString::fromLatin1(spec.variable);
        case SettingSource::Stored:
        case SettingSource::Default: break;
    }
    return u"settings"_s;
}

QStringList listOf(const QString& value) { return value.split(u',', Qt::SkipEmptyParts); }

/// The normal forms of the given texts, or the first one that isn't allowed.
Result<QMap<QString, QString>> checkFlags(const QMap<QString, QString>& flags) {
    QMap<QString, QString> checked;
    for (auto it = flags.begin(); it != flags.end(); ++it) {
        const auto* spec = findSetting(it.key());
        if (spec == nullptr)
            return fail("invalid_setting", "There is no setting \"" + it.key().toStdString() + "\".",
                        it.key().toStdString());
        auto value = SettingsService::check(*spec, it.value(), placeOf(*spec, SettingSource::Flag));
        if (!value)
            return Unexpected<Error>(value.error());
        checked.insert(it.key(), *value);
    }
    return checked;
}

Result<QMap<QString, QString>> checkVariables(const QMap<QString, QString>& environment) {
    QMap<QString, QString> checked;
    for (const auto& spec : settingSpecs()) {
        const auto it =
            spec.variable == nullptr ? environment.end() : environment.find(QString::fromLatin1(spec.variable));
        if (it == environment.end())
            continue;
        auto value = SettingsService::check(spec, it.value(), placeOf(spec, SettingSource::Environment));
        if (!value)
            return Unexpected<Error>(value.error());
        checked.insert(QString::fromLatin1(spec.name), *value);
    }
    return checked;
}

}  // namespace

QString toString(SettingSource source) {
    switch (source) {
        case SettingSource::Default: return u"default"_s;
        case SettingSource::Stored: return u"settings"_s;
        case SettingSource::Flag: return u"flag"_s;
        case SettingSource::Environment: return u"environment"_s;
    }
    return {};
}

SettingsService::SettingsService(storage::Database& database) : database_(database) {}

Result<std::unique_ptr<SettingsService>> SettingsService::open(storage::Database& database,
                                                               const QMap<QString, QString>& flags,
                                                               const QMap<QString, QString>& environment, Log* log) {
    std::unique_ptr<SettingsService> service(new SettingsService(database));
    auto checkedFlags = checkFlags(flags);
    if (!checkedFlags)
        return Unexpected<Error>(checkedFlags.error());
    auto checkedVariables = checkVariables(environment);
    if (!checkedVariables)
        return Unexpected<Error>(checkedVariables.error());
    service->flags_ = std::move(*checkedFlags);
    service->variables_ = std::move(*checkedVariables);
    const auto rows =
        database.run([](storage::Connection& connection) { return storage::SettingTable(connection).list(); }).result();
    if (!rows)
        return Unexpected<Error>(rows.error());
    for (const auto& [name, text] : *rows) {
        // What another version stored and this one doesn't take can't be mended from here: the default is used until it
        // is set again.
        const auto* spec = findSetting(QString::fromStdString(name));
        if (spec == nullptr)
            continue;
        const auto value = check(*spec, QString::fromStdString(text), placeOf(*spec, SettingSource::Stored));
        if (value)
            service->stored_.insert(QString::fromStdString(name), *value);
        else if (log != nullptr)
            log->warn("config", value.error().message + " The default is used.");
    }
    const auto values = service->settings();
    if (values.tlsCertificate.isEmpty() != values.tlsKey.isEmpty()) {
        auto given = service->value(u"server.tlsCertificate"_s);
        auto missing = service->value(u"server.tlsKey"_s);
        if (given.value.isEmpty())
            std::swap(given, missing);
        // Both stored halves are set one after the other in the window; only a run with an explicit half is refused.
        if (given.source != SettingSource::Stored)
            return fail("invalid_setting",
                        u"%1 (%2) is given without %3 (%4, %5); TLS needs both."_s
                            .arg(QString::fromLatin1(given.spec->name), placeOf(*given.spec, given.source),
                                 QString::fromLatin1(missing.spec->name), placeOf(*missing.spec, SettingSource::Flag),
                                 placeOf(*missing.spec, SettingSource::Environment))
                            .toStdString(),
                        missing.spec->name);
    }
    return service;
}

SettingValue SettingsService::valueLocked(const SettingSpec& spec) const {
    const auto name = QString::fromLatin1(spec.name);
    SettingValue value;
    value.spec = &spec;
    value.value = QString::fromLatin1(spec.defaultValue);
    const auto overlay = [&value, &name](const QMap<QString, QString>& layer, SettingSource source) {
        if (const auto it = layer.find(name); it != layer.end()) {
            value.value = it.value();
            value.source = source;
        }
    };
    overlay(stored_, SettingSource::Stored);
    if (value.source == SettingSource::Stored)
        value.stored = value.value;
    overlay(flags_, SettingSource::Flag);
    overlay(variables_, SettingSource::Environment);
    return value;
}

SettingValue SettingsService::value(const QString& name) const {
    const auto* spec = findSetting(name);
    if (spec == nullptr)
        return {};
    const std::lock_guard lock(mutex_);
    return valueLocked(*spec);
}

std::vector<SettingValue> SettingsService::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<SettingValue> values;
    for (const auto& spec : settingSpecs())
        values.push_back(valueLocked(spec));
    return values;
}

Settings SettingsService::settings() const {
    const std::lock_guard lock(mutex_);
    const auto text = [this](const char* name) { return valueLocked(*findSetting(QString::fromLatin1(name))).value; };
    Settings settings;
    settings.port = static_cast<std::uint16_t>(text("server.port").toUInt());
    for (const auto& address : listOf(text("server.bind"))) {
        if (address == "localhost"_L1)
            settings.bind << u"127.0.0.1"_s << u"::1"_s;
        else
            settings.bind << address;
    }
    settings.bind.removeDuplicates();
    settings.ioThreads = text("server.ioThreads").toInt();
    settings.allowedOrigins = listOf(text("server.allowedOrigins"));
    settings.allowedHosts = listOf(text("server.allowedHosts"));
    settings.tlsCertificate = text("server.tlsCertificate");
    settings.tlsKey = text("server.tlsKey");
    settings.captureRows = text("capture.rows").toInt();
    settings.captureMegabytes = text("capture.megabytes").toInt();
    settings.theme = text("ui.theme");
    return settings;
}

QFuture<Result<SettingValue>> SettingsService::set(const QString& name, const std::optional<QString>& value) {
    const auto* spec = findSetting(name);
    if (spec == nullptr)
        return readyFuture<SettingValue>(
            fail("invalid_setting", "There is no setting \"" + name.toStdString() + "\".", name.toStdString()));
    std::optional<QString> wanted;
    if (value) {
        auto checked = check(*spec, *value, QString());
        if (!checked)
            return readyFuture<SettingValue>(Unexpected<Error>(checked.error()));
        wanted = *checked;
    }
    return database_.run([this, spec, name, wanted](storage::Connection& connection) -> Result<SettingValue> {
        auto stored = connection.transact([&](storage::Connection& c) {
            storage::SettingTable table(c);
            return wanted ? table.set(name.toStdString(), wanted->toStdString()) : table.erase(name.toStdString());
        });
        if (!stored)
            return Unexpected<Error>(stored.error());
        SettingValue now;
        {
            const std::lock_guard lock(mutex_);
            if (wanted)
                stored_.insert(name, *wanted);
            else
                stored_.remove(name);
            now = valueLocked(*spec);
        }
        Q_EMIT changed(name);
        return now;
    });
}

}  // namespace xshathra::services
