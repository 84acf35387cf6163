#include "ui/theme/icon.h"

#include "ui/theme/theme.h"

#include <QFile>
#include <QGuiApplication>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

namespace xshathra::ui {

namespace {

QString iconPath(const QString& name) { return QStringLiteral(":/xshathra/icons/%1.svg").arg(name); }

/// The text of an icon, read once.
const QByteArray& svgText(const QString& name) {
    static QHash<QString, QByteArray> texts;
    auto it = texts.find(name);
    if (it == texts.end()) {
        QFile file(iconPath(name));
        const bool found = file.open(QIODevice::ReadOnly);
        Q_ASSERT_X(found, "themedIcon", qPrintable(name));
        it = texts.insert(name, found ? file.readAll() : QByteArray());
    }
    return *it;
}

struct CacheKey {
    QString name;
    QRgb color;
    int size;
    int ratio;

    bool operator==(const CacheKey&) const = default;
};

size_t qHash(const CacheKey& key, size_t seed) { return qHashMulti(seed, key.name, key.color, key.size, key.ratio); }

QHash<CacheKey, QPixmap>& cache() {
    static QHash<CacheKey, QPixmap> pixmaps;
    return pixmaps;
}

/// The square picture of an icon, `size` logical pixels wide.
QPixmap renderIcon(const QString& name, const QColor& color, int size, qreal ratio) {
    constexpr qreal kRatioSteps = 100;
    const CacheKey key{name, color.rgba(), size, qRound(ratio * kRatioSteps)};
    auto& pixmaps = cache();
    if (const auto it = pixmaps.constFind(key); it != pixmaps.cend())
        return *it;
    const auto pixels = qRound(size * ratio);
    QPixmap pixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    auto text = svgText(name);
    if (!text.isEmpty()) {
        text.replace("currentColor", color.name().toLatin1());
        QSvgRenderer renderer(text);
        QPainter painter(&pixmap);
        renderer.render(&painter, QRectF(0, 0, pixels, pixels));
    }
    pixmap.setDevicePixelRatio(ratio);
    pixmaps.insert(key, pixmap);
    return pixmap;
}

/// Draws one icon of the resources in the colour its token has when it is drawn.
class ThemedIconEngine final : public QIconEngine {
public:
    /// `active` is the colour on a chosen item.
    ThemedIconEngine(QString name, Token token, Token active, int gap)
        : name_(std::move(name)), token_(token), active_(active), gap_(gap) {}

    QIconEngine* clone() const override { return new ThemedIconEngine(name_, token_, active_, gap_); }
    QString key() const override { return QStringLiteral("xshathra"); }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State /*state*/) override {
        const auto size = qMin(rect.width() - gap_, rect.height());
        const auto ratio = painter->device() != nullptr ? painter->device()->devicePixelRatioF() : 1.0;
        const auto pixmap = renderIcon(name_, color(mode), size, ratio);
        painter->drawPixmap(
            QPointF(rect.left() + (rect.width() - gap_ - size) / 2.0, rect.top() + (rect.height() - size) / 2.0),
            pixmap);
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        return scaledPixmap(size, mode, state, 1.0);
    }

    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State /*state*/, qreal scale) override {
        // Qt hands in device pixels and sets the ratio on the result itself.
        const auto gap = qRound(gap_ * scale);
        const auto side = qMin(size.width() - gap, size.height());
        if (gap_ == 0 && size.width() == size.height()) {
            auto square = renderIcon(name_, color(mode), side, 1.0);
            return square;
        }
        QPixmap result(size);
        result.fill(Qt::transparent);
        QPainter painter(&result);
        painter.drawPixmap(0, (size.height() - side) / 2, renderIcon(name_, color(mode), side, 1.0));
        return result;
    }

    QList<QSize> availableSizes(QIcon::Mode, QIcon::State) override { return {}; }

private:
    QColor color(QIcon::Mode mode) const {
        if (!Theme::exists())
            return Qt::gray;
        const bool chosen = mode == QIcon::Active || mode == QIcon::Selected;
        return Theme::current().c(mode == QIcon::Disabled ? Token::TextOff : chosen ? active_ : token_);
    }

    QString name_;
    Token token_;
    Token active_;
    int gap_;
};

constexpr int kTextGap = 3;

}  // namespace

QIcon themedIcon(const QString& name, Token token) { return QIcon(new ThemedIconEngine(name, token, token, 0)); }

QIcon themedButtonIcon(const QString& name, Token token) {
    return QIcon(new ThemedIconEngine(name, token, token, kTextGap));
}

QIcon menuIcon(const QString& name) { return QIcon(new ThemedIconEngine(name, Token::Text2, Token::OnAccent, 0)); }

void paintIcon(QPainter& painter, const QRect& rect, const QString& name, Token token, int size) {
    const auto ratio = painter.device() != nullptr ? painter.device()->devicePixelRatioF() : 1.0;
    const auto aligned = [ratio](qreal value) { return qRound(value * ratio) / ratio; };
    const auto pixmap = renderIcon(name, Theme::current().c(token), size, ratio);
    painter.drawPixmap(
        QPointF(aligned(rect.left() + (rect.width() - size) / 2.0), aligned(rect.top() + (rect.height() - size) / 2.0)),
        pixmap);
}

QIcon applicationIcon() { return QIcon(iconPath(QStringLiteral("xshathra"))); }

void clearIconCache() { cache().clear(); }

}  // namespace xshathra::ui
