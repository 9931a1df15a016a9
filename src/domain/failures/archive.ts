export const archiveFailures = {};
