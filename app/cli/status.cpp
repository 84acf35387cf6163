#include "app/cli/status.h"

#include <QString>

namespace xshathra::app {

using namespace Qt::StringLiterals;

Result<void> checkListening(const QJsonObject& status) {
    const auto state = status.value("state"_L1).toString();
    const auto pid = std::to_string(status.value("pid"_L1).toInteger());
    if (state == "running"_L1)
        return {};
    if (state == "portinuse"_L1)
        return fail("port_in_use", "The server on this data folder (pid " + pid + ") doesn't listen: port " +
                                       std::to_string(status.value("port"_L1).toInt()) +
                                       " is taken by another program. Choose another port in its window.");
    return fail("unreachable",
                "The server on this data folder (pid " + pid + ") doesn't listen: it is " + state.toStdString() + ".");
}

}  // namespace xshathra::app
