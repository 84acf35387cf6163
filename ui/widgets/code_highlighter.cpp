#include "ui/widgets/code_highlighter.h"

#include "ui/theme/theme.h"

#include <QSet>

namespace xshathra::ui {

namespace {

using Language = CodeView::Language;

bool isWordCharacter(QChar c) { return c.isLetterOrNumber() || c == QLatin1Char('_') || c == QLatin1Char('$'); }

bool isKeyword(const QString& word, Language language) {
    static const QSet<QString> script{
        QStringLiteral("import"), QStringLiteral("from"),  QStringLiteral("const"), QStringLiteral("let"),
        QStringLiteral("new"),    QStringLiteral("async"), QStringLiteral("await"), QStringLiteral("return"),
        QStringLiteral("if"),     QStringLiteral("else"),  QStringLiteral("throw"), QStringLiteral("function"),
        QStringLiteral("export"), QStringLiteral("true"),  QStringLiteral("false"), QStringLiteral("null")};
    static const QSet<QString> json{QStringLiteral("true"), QStringLiteral("false"), QStringLiteral("null")};
    static const QSet<QString> shell{QStringLiteral("curl"), QStringLiteral("wscat"), QStringLiteral("export")};
    switch (language) {
        case Language::JavaScript: return script.contains(word);
        case Language::Json: return json.contains(word);
        case Language::Shell: return shell.contains(word);
        default: return false;
    }
}

/// Where a comment starts at `i`, judged by language.
bool startsComment(const QString& text, qsizetype i, Language language) {
    if (language == Language::JavaScript)
        return text.mid(i, 2) == QLatin1String("//");
    if (language == Language::Shell || language == Language::Env)
        return text.at(i) == QLatin1Char('#') && (i == 0 || text.at(i - 1).isSpace());
    return false;
}

qsizetype stringEnd(const QString& text, qsizetype start) {
    const auto quote = text.at(start);
    auto i = start + 1;
    while (i < text.size() && text.at(i) != quote)
        i += text.at(i) == QLatin1Char('\\') ? 2 : 1;
    return qMin(i + 1, text.size());
}

}  // namespace

CodeHighlighter::CodeHighlighter(QTextDocument* document) : QSyntaxHighlighter(document) {}

void CodeHighlighter::setLanguage(CodeView::Language language) {
    language_ = language;
    rehighlight();
}

void CodeHighlighter::highlightBlock(const QString& text) {
    if (language_ == Language::Plain)
        return;
    const auto& theme = Theme::current();
    const auto color = [&](qsizetype from, qsizetype to, Token token) {
        setFormat(static_cast<int>(from), static_cast<int>(to - from), theme.c(token));
    };
    for (qsizetype i = 0; i < text.size();) {
        const auto c = text.at(i);
        if (startsComment(text, i, language_)) {
            color(i, text.size(), Token::Text3);
            return;
        }
        if (c == QLatin1Char('"') || c == QLatin1Char('\'') || c == QLatin1Char('`')) {
            const auto end = stringEnd(text, i);
            auto after = end;
            while (after < text.size() && text.at(after).isSpace())
                ++after;
            const bool key = language_ == Language::Json && after < text.size() && text.at(after) == QLatin1Char(':');
            color(i, end, key ? Token::SKey : Token::SStr);
            i = end;
        } else if (isWordCharacter(c)) {
            auto end = i;
            while (end < text.size() && isWordCharacter(text.at(end)))
                ++end;
            const auto word = text.mid(i, end - i);
            if (isKeyword(word, language_))
                color(i, end, Token::SBool);
            else if (c.isDigit() && language_ != Language::Shell && language_ != Language::Env)
                color(i, end, Token::SNum);
            i = end;
        } else {
            if (!c.isSpace())
                color(i, i + 1, Token::SPunct);
            ++i;
        }
    }
}

}  // namespace xshathra::ui
