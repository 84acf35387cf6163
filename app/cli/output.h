#pragma once

#include "server/base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>

namespace xshathra::app {

/// Where a command's results go: standard output, as text for people or as one JSON object a line for scripts. Problems
/// go to standard error, so that a script's pipe holds results alone. Everything is written at once.
class Output {
public:
    explicit Output(bool json) : json_(json) {}

    bool json() const { return json_; }
    void line(const QString& text) const;
    void line(const QByteArray& utf8) const;
    void object(const QJsonObject& object) const;
    /// `xshathra: ...`, or with JSON `{"error": {...}}`. Returns the exit code that belongs to it.
    int error(const Error& error) const;
    void note(const QString& text) const;

private:
    const bool json_;
};

/// A table for people: columns as wide as their widest cell, two spaces apart.
QString makeTable(const QList<QStringList>& rows);

/// Text that may come from anybody, for a terminal: control characters (escape sequences) become `\xNN`.
QString forTerminal(const QString& text);

}  // namespace xshathra::app
