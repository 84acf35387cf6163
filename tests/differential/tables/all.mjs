import { apiGroups } from "./api.mjs";
import { commandsGroup, limitGroups, subscribeGroup } from "./channels.mjs";
import { connectGroup, malformedGroup, policyGroups } from "./connect.mjs";
import { deltaGroup, recoveryGroup } from "./recovery.mjs";
import { transportGroups } from "./transports.mjs";

export const groups = [connectGroup, malformedGroup, ...policyGroups, subscribeGroup, commandsGroup, ...limitGroups, recoveryGroup, deltaGroup, ...apiGroups,
  ...transportGroups];
