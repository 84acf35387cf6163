#include "app/cli/output.h"

#include "app/cli/exit_codes.h"
#include "server/runtime/options.h"

#include <QJsonDocument>
#include <QStringList>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

/// 0, or why not all was written.
int write(std::FILE* file, const QByteArray& bytes) {
    const auto size = static_cast<std::size_t>(bytes.size());
    errno = 0;
    const bool done = std::fwrite(bytes.constData(), 1, size, file) == size && std::fputc('\n', file) != EOF &&
                      std::fflush(file) == 0;
    return done ? 0 : errno != 0 ? errno : EIO;
}

}  // namespace

void Output::line(const QString& text) const { line(text.toUtf8()); }

void Output::line(const QByteArray& utf8) const {
    if (const auto failure = write(stdout, utf8); failure_ == 0)
        failure_ = failure;
}

void Output::object(const QJsonObject& object) const { line(QJsonDocument(object).toJson(QJsonDocument::Compact)); }

int Output::error(const Error& error) const {
    if (json_) {
        QJsonObject fields{{u"code"_s, QString::fromStdString(error.code)},
                           {u"message"_s, QString::fromStdString(error.message)}};
        if (!error.field.empty())
            fields.insert(u"field"_s, QString::fromStdString(error.field));
        write(stderr, QJsonDocument(QJsonObject{{u"error"_s, fields}}).toJson(QJsonDocument::Compact));
    } else {
        note(u"xshathra: "_s + QString::fromStdString(error.message));
    }
    return exitCodeFor(error);
}

int Output::end(int exitCode) const {
    if (exitCode != kExitOk || failure_ == 0 || failure_ == EPIPE)
        return exitCode;
    return error(
        {"failure", "Standard output can't be written: " + std::generic_category().message(failure_) + ".", {}});
}

void Output::note(const QString& text) const { write(stderr, forTerminal(text).toUtf8()); }

QString commandFor(const QString& command, const QString& dataFolder) {
    if (dataFolder.isEmpty() || dataFolder == runtime::defaultDataFolder())
        return command;
    auto quotedFolder = forTerminal(dataFolder);
    quotedFolder.replace(u'\'', u"'\\''"_s);
    return command + u" --data-dir '%1'"_s.arg(quotedFolder);
}

QString makeTable(const QList<QStringList>& rows) {
    QList<qsizetype> widths;
    for (const auto& row : rows) {
        for (qsizetype column = 0; column < row.size(); ++column) {
            if (column == widths.size())
                widths.append(0);
            widths[column] = std::max(widths[column], row[column].size());
        }
    }
    QStringList lines;
    for (const auto& row : rows) {
        QString text;
        for (qsizetype column = 0; column < row.size(); ++column) {
            const bool last = column + 1 == row.size();
            text += last ? row[column] : row[column].leftJustified(widths[column] + 2);
        }
        lines.append(text);
    }
    return lines.join(u'\n');
}

QString forTerminal(const QString& text) {
    QString result;
    result.reserve(text.size());
    for (const auto character : text) {
        const uint code = character.unicode();
        const bool isControl = code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
                               (code >= 0x2066 && code <= 0x2069);
        if (isControl && character != u'\n' && character != u'\t')
            result += u"\\x%1"_s.arg(code, 2, 16, QLatin1Char('0'));
        else
            result += character;
    }
    return result;
}

}  // namespace xshathra::app
