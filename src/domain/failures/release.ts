export const releaseFailures = {};
