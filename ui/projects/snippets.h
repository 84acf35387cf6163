#pragma once

#include "ui/widgets/code_view.h"

#include <QList>
#include <QString>

namespace xshathra::ui {

/// What a snippet is made from. The addresses are those of the running server.
struct SnippetFacts {
    QString projectId;
    /// Key as it stands in the text: the whole key for copying, a masked one for showing.
    QString serverKey;
    QString clientKey;
    QString webSocketUrl;
    QString tokenUrl;
    QString publishUrl;
    /// The origin of the server, without a slash at the end.
    QString origin;
};

/// A text to paste into one's own program or shell.
struct Snippet {
    /// The tab's name.
    QString name;
    /// Stable word for object names: `centrifuge-js`, `node`, `curl-token`, `curl-publish`, `wscat`, `env`.
    QString id;
    QString code;
    CodeView::Language language = CodeView::Language::Plain;
    /// The server key stands in it, so it may only run where nobody but the developer can read it: never in a browser.
    bool holdsServerKey = false;
};

/// The snippets of a project in the order of their tabs. Code for the browser never holds the server key.
[[nodiscard]] QList<Snippet> makeSnippets(const SnippetFacts& facts);

/// A key as it may be shown: its readable prefix, dots, and the last two characters.
[[nodiscard]] QString maskedKey(const QString& prefix, const QString& lastCharacters);

}  // namespace xshathra::ui
