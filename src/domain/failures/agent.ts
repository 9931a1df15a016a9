export const agentFailures = {};
