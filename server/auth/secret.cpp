#include "server/auth/secret.h"
