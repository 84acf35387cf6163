#include "app/composition.h"
#include "app/process.h"
#include "app/window/console.h"
#include "ui/theme/icon.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QSettings>

using namespace Qt::StringLiterals;

int main(int argc, char** argv) {
    xshathra::app::prepareProcess();
    QApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    QApplication app(argc, argv);
    xshathra::app::nameApplication("xshathra-console");
    QApplication::setApplicationDisplayName(u"Xshathra Console"_s);
    QApplication::setWindowIcon(xshathra::ui::applicationIcon());

    QCommandLineParser parser;
    parser.setApplicationDescription(u"A realtime server and its console. Without a display, use: xshathra serve"_s);
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption dataDir(u"data-dir"_s, u"Folder of projects, keys and settings."_s, u"folder"_s);
    const QCommandLineOption port(u"port"_s, u"Port for this run; 3001 where nothing else is set."_s, u"number"_s);
    parser.addOptions({dataDir, port});
    parser.process(app);

    xshathra::runtime::RuntimeOptions options;
    options.dataFolder = parser.isSet(dataDir) ? QDir(parser.value(dataDir)).absolutePath() : xshathra::runtime::defaultDataFolder();
    options.environment = xshathra::runtime::environmentOfProcess();
    if (parser.isSet(port))
        options.flags.insert(u"server.port"_s, parser.value(port));
    options.capture = true;

    xshathra::ui::Theme theme(app);
    xshathra::app::Composition composition(options);
    QSettings settings(options.dataFolder + u"/window.ini"_s, QSettings::IniFormat);
    xshathra::app::Console console(composition.server(), settings);
    composition.server().start();
    console.show();
    return QApplication::exec();
}
