import { apiGroups } from "./api.mjs";
import { backendGroups } from "./backends.mjs";
import { commandsGroup, limitGroups, subscribeGroup } from "./channels.mjs";
import { connectGroup, malformedGroup, policyGroups } from "./connect.mjs";
import { mapGroups } from "./maps.mjs";
import { deltaGroup, recoveryGroup } from "./recovery.mjs";
import { transportGroups } from "./transports.mjs";

export const groups = [connectGroup, malformedGroup, ...policyGroups, subscribeGroup, commandsGroup, ...limitGroups, recoveryGroup, deltaGroup, ...apiGroups,
  ...transportGroups, ...backendGroups, ...mapGroups];
