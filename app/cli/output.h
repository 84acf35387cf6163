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

    /// Whether standard output has taken less than everything: the disk is full, or its reader has gone.
    bool broken() const { return failure_ != 0; }
    /// The exit code of a command that ends with `exitCode`: a failure, which is told, where its results could not be
    /// written. A reader that has gone doesn't want them.
    int end(int exitCode) const;

private:
    const bool json_;
    /// `errno` of the first write that failed; 0: none did.
    mutable int failure_ = 0;
};

/// `command` as it has to be typed for a data folder, which is named where it isn't the user's own. Empty: none.
QString commandFor(const QString& command, const QString& dataFolder);

/// A table for people: columns as wide as their widest cell, two spaces apart.
QString makeTable(const QList<QStringList>& rows);

/// Text that may come from anybody, for a terminal: control characters (escape sequences) become `\xNN`.
QString forTerminal(const QString& text);

}  // namespace xshathra::app
