#include "server/auth/digest.h"
