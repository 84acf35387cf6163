#include "app/process.h"

#include <QCoreApplication>

#ifdef Q_OS_UNIX
#include <csignal>
#include <sys/stat.h>
#endif

namespace xshathra::app {

void prepareProcess() {
#ifdef Q_OS_UNIX
    ::umask(077);
    std::signal(SIGPIPE, SIG_IGN);
#endif
}

void nameApplication(const char* name) {
    QCoreApplication::setApplicationName(QString::fromLatin1(name));
    QCoreApplication::setApplicationVersion(QStringLiteral(XSHATHRA_VERSION));
}

}  // namespace xshathra::app
