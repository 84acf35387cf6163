#include "server/services/config_writer.h"

#include "server/services/lookup.h"

namespace xshathra::services {

Result<ConfigPtr> ConfigWriter::apply(storage::Connection& connection, const Edit& edit) {
    auto candidate = connection.transact([this, &edit](storage::Connection& c) -> Result<ConfigPtr> {
        auto touched = edit(c);
        if (!touched)
            return Unexpected<Error>(touched.error());
        return builder_.rebuild(c, *store_.current(), *touched);
    });
    if (candidate)
        store_.publish(*candidate);
    return candidate;
}

QFuture<Result<ConfigPtr>> ConfigWriter::change(Edit edit) {
    return database_.run(
        [this, edit = std::move(edit)](storage::Connection& connection) { return apply(connection, edit); });
}

QFuture<Result<ProjectPtr>> ConfigWriter::changeProject(std::string projectId, Edit edit) {
    return database_.run([this, id = std::move(projectId),
                          edit = std::move(edit)](storage::Connection& connection) -> Result<ProjectPtr> {
        auto config = apply(connection, edit);
        if (!config)
            return Unexpected<Error>(config.error());
        auto project = (*config)->find(id);
        if (!project)
            return noProject(id);
        return project;
    });
}

}  // namespace xshathra::services
