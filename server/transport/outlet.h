#pragma once

namespace xshathra::transport {

/// A connection with messages to write. It is asked for them once a turn of its I/O thread, after
/// IoContext::markDirty().
class Outlet {
public:
    /// Writes what is queued, one batch. Returns whether a write was made.
    virtual bool flush() = 0;

    bool dirty() const { return dirty_; }
    void setDirty(bool dirty) { dirty_ = dirty; }

protected:
    ~Outlet() = default;

private:
    bool dirty_ = false;
};

}  // namespace xshathra::transport
