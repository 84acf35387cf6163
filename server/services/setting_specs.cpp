#include "server/services/settings_service.h"

#include <QDir>
#include <QRegularExpression>
#include <QUrl>

#include <array>

namespace xshathra::services {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype kMaxListEntries = 64;
constexpr qsizetype kMaxEntryLength = 255;
constexpr qsizetype kMaxPathLength = 4096;

constexpr std::array<SettingSpec, 10> kSpecs{{
    {"server.port", "XSHATHRA_PORT", "--port", SettingType::Integer, "3001", 0, 65535, nullptr,
     "Port for HTTP and WebSocket; 0 takes a free one.", true},
    {"server.bind", "XSHATHRA_BIND", "--bind", SettingType::Address, "localhost", 0, 0, nullptr,
     "Addresses to listen on; localhost stands for 127.0.0.1 and ::1, 0.0.0.0 opens the server to the network.", true},
    {"server.ioThreads", "XSHATHRA_IO_THREADS", "--io-threads", SettingType::Integer, "0", 0, 64, nullptr,
     "Threads that serve connections; 0 takes one for every two cores, at most 4.", true},
    {"server.allowedOrigins", "XSHATHRA_ALLOW_ORIGINS", "--allow-origin", SettingType::Origins, "", 0, 0, nullptr,
     "Web pages that may connect, besides those of this machine.", false},
    {"server.allowedHosts", "XSHATHRA_ALLOW_HOSTS", "--allow-host", SettingType::Hosts, "", 0, 0, nullptr,
     "Names that this server is reached by, besides localhost.", false},
    {"server.tlsCertificate", "XSHATHRA_TLS_CERT", "--tls-cert", SettingType::Path, "", 0, 0, nullptr,
     "Certificate chain in PEM form; with a key the port speaks https and wss.", true},
    {"server.tlsKey", "XSHATHRA_TLS_KEY", "--tls-key", SettingType::Path, "", 0, 0, nullptr,
     "Private key of the certificate in PEM form.", true},
    {"capture.rows", "XSHATHRA_CAPTURE_ROWS", nullptr, SettingType::Integer, "10000", 1000, 2'000'000, nullptr,
     "Messages that the console keeps.", false},
    {"capture.megabytes", "XSHATHRA_CAPTURE_MEGABYTES", nullptr, SettingType::Integer, "32", 1, 4096, nullptr,
     "Memory in MiB for the messages that the console keeps.", false},
    {"ui.theme", "XSHATHRA_THEME", nullptr, SettingType::Choice, "system", 0, 0, "system|light|dark",
     "Colours of the window.", false},
}};

/// "--port 99999 is not allowed; ..."
Unexpected<Error> refuse(const SettingSpec& spec, const QString& value, const QString& from, const QString& allowed) {
    auto shown = value.left(80);
    for (auto& character : shown) {
        if (character.category() == QChar::Other_Control)
            character = QChar(0xfffd);
    }
    const auto name = QString::fromLatin1(spec.name);
    const auto place = from.isEmpty() ? name : u"%1 (%2)"_s.arg(name, from);
    return fail("invalid_setting", u"%1: \"%2\" is not allowed; %3"_s.arg(place, shown, allowed).toStdString(),
                spec.name);
}

bool isIpv4(const QString& text) {
    static const QRegularExpression pattern(
        u"\\A(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\z"_s);
    return pattern.match(text).hasMatch();
}

bool isIpv6(const QString& text) {
    static const QRegularExpression pattern(u"\\A[0-9A-Fa-f:.]+\\z"_s);
    if (!text.contains(u':') || !pattern.match(text).hasMatch())
        return false;
    QUrl url;
    url.setScheme(u"http"_s);
    url.setHost(text);
    return url.isValid() && !url.host().isEmpty();
}

bool isHostName(const QString& text) {
    static const QRegularExpression pattern(
        u"\\A(?=.{1,253}\\z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\\z"_s);
    return pattern.match(text).hasMatch();
}

bool isAddress(const QString& text) { return text == "localhost"_L1 || isIpv4(text) || isIpv6(text); }

bool isPort(const QString& text) {
    bool numeric = false;
    const auto port = text.toUInt(&numeric);
    return numeric && port >= 1 && port <= 65535 && text == QString::number(port);
}

/// `name`, `name:port`, `[v6]`, `[v6]:port`.
bool isHost(const QString& text) {
    static const QRegularExpression pattern(u"\\A(\\[[^\\]]*\\]|[^:\\[\\]]+)(?::([0-9]+))?\\z"_s);
    const auto match = pattern.match(text);
    if (!match.hasMatch() || (!match.captured(2).isNull() && !isPort(match.captured(2))))
        return false;
    const auto host = match.captured(1);
    return host.startsWith(u'[') ? isIpv6(host.mid(1, host.size() - 2)) : isHostName(host);
}

/// `scheme://host[:port]` and nothing more (RFC 6454 section 6.2).
bool isOrigin(const QString& text) {
    static const QRegularExpression pattern(u"\\A[A-Za-z][A-Za-z0-9+.-]*://([^/?#@\\s]+)\\z"_s);
    const auto match = pattern.match(text);
    return match.hasMatch() && isHost(match.captured(1));
}

template <typename IsEntry>
Result<QString> checkList(const SettingSpec& spec, const QString& value, const QString& from, const QString& allowed,
                          IsEntry&& isEntry) {
    QStringList entries;
    for (const auto& part : value.split(u',', Qt::SkipEmptyParts)) {
        const auto entry = part.trimmed();
        if (entry.isEmpty())
            continue;
        if (entry.size() > kMaxEntryLength || !isEntry(entry))
            return refuse(spec, entry, from, allowed);
        if (!entries.contains(entry, Qt::CaseInsensitive))
            entries.append(entry);
    }
    if (entries.size() > kMaxListEntries)
        return refuse(spec, u"%1 entries"_s.arg(entries.size()), from,
                      u"allowed are up to %1 entries."_s.arg(kMaxListEntries));
    return entries.join(u',');
}

Result<QString> checkInteger(const SettingSpec& spec, const QString& value, const QString& from) {
    const auto allowed = u"allowed are whole numbers from %1 to %2."_s.arg(spec.min).arg(spec.max);
    static const QRegularExpression digits(u"\\A[0-9]{1,18}\\z"_s);
    const auto text = value.trimmed();
    bool numeric = false;
    const auto number = text.toLongLong(&numeric);
    if (!numeric || !digits.match(text).hasMatch() || number < spec.min || number > spec.max)
        return refuse(spec, value, from, allowed);
    return QString::number(number);
}

Result<QString> checkBoolean(const SettingSpec& spec, const QString& value, const QString& from) {
    const auto word = value.trimmed().toLower();
    if (word == "true"_L1 || word == "1"_L1 || word == "yes"_L1 || word == "on"_L1)
        return u"true"_s;
    if (word == "false"_L1 || word == "0"_L1 || word == "no"_L1 || word == "off"_L1)
        return u"false"_s;
    return refuse(spec, value, from, u"allowed are true and false."_s);
}

}  // namespace

std::span<const SettingSpec> settingSpecs() { return kSpecs; }

const SettingSpec* findSetting(const QString& name) {
    for (const auto& spec : kSpecs) {
        if (name == QLatin1StringView(spec.name))
            return &spec;
    }
    return nullptr;
}

Result<QString> SettingsService::check(const SettingSpec& spec, const QString& value, const QString& from) {
    switch (spec.type) {
        case SettingType::Integer: return checkInteger(spec, value, from);
        case SettingType::Boolean: return checkBoolean(spec, value, from);
        case SettingType::Choice: {
            const auto words = QString::fromLatin1(spec.choices).split(u'|');
            if (!words.contains(value))
                return refuse(spec, value, from, u"allowed are: "_s + words.join(u", "_s) + u'.');
            return value;
        }
        case SettingType::Address: {
            auto list =
                checkList(spec, value, from,
                          u"allowed are IPv4 and IPv6 addresses and localhost, separated by commas."_s, isAddress);
            return list && list->isEmpty() ? QString::fromLatin1(spec.defaultValue) : list;
        }
        case SettingType::Path: {
            const auto path = value.trimmed();
            if (path.size() > kMaxPathLength || path.contains(QChar(0)))
                return refuse(spec, value, from, u"give the path of a file."_s);
            return path.isEmpty() ? path : QDir::cleanPath(QDir(path).absolutePath());
        }
        case SettingType::Origins:
            return checkList(
                spec, value, from,
                u"allowed are origins such as https://app.example.com, separated by commas, without a path."_s,
                isOrigin);
        case SettingType::Hosts:
            return checkList(
                spec, value, from,
                u"allowed are names such as dev.example.com or dev.example.com:443, separated by commas."_s, isHost);
    }
    return refuse(spec, value, from, u"the setting has no known type."_s);
}

}  // namespace xshathra::services
