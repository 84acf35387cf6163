#include "server/auth/claims.h"
