#include "server/auth/jwt.h"
