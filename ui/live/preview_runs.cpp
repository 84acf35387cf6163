#include "ui/live/preview_runs.h"

namespace xshathra::ui {

namespace {

bool isPunctuation(QChar c) {
    switch (c.unicode()) {
        case '{':
        case '}':
        case '[':
        case ']':
        case ':':
        case ',': return true;
        default: return false;
    }
}

void add(QVector<PreviewRun>& runs, qsizetype start, qsizetype end, Token token) {
    if (!runs.isEmpty() && runs.last().token == token) {
        runs.last().length += end - start;
    } else if (end > start) {
        runs.append({start, end - start, token});
    }
}

}  // namespace

QVector<PreviewRun> previewRuns(QStringView text) {
    QVector<PreviewRun> runs;
    const QStringView content = text.trimmed();
    if (content.isEmpty() || (content.front() != QLatin1Char('{') && content.front() != QLatin1Char('['))) {
        add(runs, 0, text.size(), Token::Text);
        return runs;
    }
    for (qsizetype i = 0; i < text.size();) {
        const qsizetype start = i;
        if (text[i] == QLatin1Char('"')) {
            for (++i; i < text.size() && text[i] != QLatin1Char('"'); ++i) {
                if (text[i] == QLatin1Char('\\')) {
                    ++i;
                }
            }
            i = std::min(i + 1, text.size());
            qsizetype next = i;
            while (next < text.size() && text[next].isSpace()) {
                ++next;
            }
            const bool key = next < text.size() && text[next] == QLatin1Char(':');
            add(runs, start, i, key ? Token::Text2 : Token::Text);
        } else if (isPunctuation(text[i])) {
            ++i;
            add(runs, start, i, Token::Text3);
        } else {
            while (i < text.size() && text[i] != QLatin1Char('"') && !isPunctuation(text[i])) {
                ++i;
            }
            add(runs, start, i, Token::Text);
        }
    }
    return runs;
}

}  // namespace xshathra::ui
